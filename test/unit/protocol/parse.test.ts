import {
	asIsoTime,
	asNumber,
	asObject,
	asText,
	asTextList,
	parseJson,
} from '../../../nodes/KieAi/protocol/parse';

const A = 'https://file.example.com/a.mp4';
const B = 'http://file.example.com/b.mp4';

describe('a list of texts', () => {
	it.each<[string, unknown, string[]]>([
		['an array', [A, B], [A, B]],
		['JSON text', JSON.stringify([A, B]), [A, B]],
		['JSON text with white space around it', ` [ "${A}" , "${B}" ]\n`, [A, B]],
		['bare text in brackets', `[${A}, ${B}]`, [A, B]],
		['bare text without spaces', `[${A},${B}]`, [A, B]],
		['bare text with many spaces', `[CAUa,  ${B},\n${A}]`, ['CAUa', B, A]],
		['bare text of one', `[${B}]`, [B]],
		['bare text with a comma at its end', `[${B}, ]`, [B]],
		['bare text of none', '[]', []],
		['bare text of spaces', '[  ]', []],
		['bare media IDs', '[CAUa, CAUb]', ['CAUa', 'CAUb']],
		['one text', A, [A]],
		['a text that only begins like a list', '[CAUa', ['[CAUa']],
		['a text that only ends like a list', 'CAUa]', ['CAUa]']],
		['one text with spaces around it', `  ${A}\n`, [A]],
		['numbers in an array', [12, 13], ['12', '13']],
		['an array with gaps', [null, A, '', undefined, '  ', {}, [B], false], [A]],
		['null', null, []],
		['nothing', undefined, []],
		['empty text', '', []],
		['the text null', 'null', []],
		['an object', { 0: A, length: 1 }, []],
		['a truth value', true, []],
	])('is read from %s', (_form, value, list) => {
		expect(asTextList(value)).toEqual(list);
	});

	it.each<[string, unknown]>([
		['an array', ['https://a.example.com/x,y.mp4', B]],
		['JSON text', JSON.stringify(['https://a.example.com/x,y.mp4', B])],
		['bare text', `[https://a.example.com/x,y.mp4, ${B}]`],
		['bare text without spaces', `[https://a.example.com/x,y.mp4,${B}]`],
	])('keeps a comma inside of a URL in %s', (_form, value) => {
		expect(asTextList(value)).toEqual(['https://a.example.com/x,y.mp4', B]);
	});

	it('keeps one URL with a comma whole', () => {
		expect(asTextList('https://a.example.com/x,y.mp4')).toEqual(['https://a.example.com/x,y.mp4']);
	});
});

describe('a time', () => {
	it.each<[string, unknown, string | undefined]>([
		['milliseconds', 1767268800000, '2026-01-01T12:00:00.000Z'],
		['milliseconds as text', '1767268800000', '2026-01-01T12:00:00.000Z'],
		['text without a zone, as UTC', '2026-01-01 12:00:00', '2026-01-01T12:00:00.000Z'],
		['ISO text', '2026-01-01T12:00:00+08:00', '2026-01-01T04:00:00.000Z'],
		['ISO text in UTC', '2026-01-01T12:00:00.500Z', '2026-01-01T12:00:00.500Z'],
		['null', null, undefined],
		['nothing', undefined, undefined],
		['empty text', '', undefined],
		['other text', 'soon', undefined],
		['a day alone', '2026-01-01', undefined],
		['text without seconds', '2026-01-01 12:00', undefined],
		['a date of HTTP', 'Thu, 01 Jan 2026 12:00:00 GMT', undefined],
		['a date that only America reads so', '01/02/2026', undefined],
		['text with a number at its end', 'Version 3.1', undefined],
		['a day that does not exist', '2026-13-45 12:00:00', undefined],
		['a number beyond all dates', 1e20, undefined],
		['a time after the year 9999', 253402300800000, undefined],
		['a year of five digits', '12026-01-01 12:00:00', undefined],
		['text with more behind it', '2026-01-01 12:00:00 PM', undefined],
		['a zone without a colon', '2026-01-01T12:00:00+0800', '2026-01-01T04:00:00.000Z'],
		['zero, which is no time yet', 0, undefined],
		['an object', {}, undefined],
	])('is read from %s', (_form, value, time) => {
		expect(asIsoTime(value)).toBe(time);
	});

	it('is read as UTC from ISO text without a zone, too', () => {
		expect(asIsoTime('2026-01-01T12:00:00')).toBe('2026-01-01T12:00:00.000Z');
	});
});

describe('a text', () => {
	it.each<[unknown, string | undefined]>([
		['veo_task_1', 'veo_task_1'],
		['  veo_task_1\n', 'veo_task_1'],
		[12, '12'],
		[0, '0'],
		['', undefined],
		['  ', undefined],
		[Number.NaN, undefined],
		[Number.POSITIVE_INFINITY, undefined],
		[null, undefined],
		[undefined, undefined],
		[true, undefined],
		[['a'], undefined],
		[{ toString: () => 'a' }, undefined],
	])('of %p is %p', (value, text) => {
		expect(asText(value)).toBe(text);
	});
});

describe('a number', () => {
	it.each<[unknown, number | undefined]>([
		[200, 200],
		[0, 0],
		['200', 200],
		[' 12.5 ', 12.5],
		['-3', -3],
		['', undefined],
		['  ', undefined],
		['200 OK', undefined],
		[Number.NaN, undefined],
		['Infinity', undefined],
		[null, undefined],
		[true, undefined],
		[[200], undefined],
		[new Date(200), undefined],
	])('of %p is %p', (value, number) => {
		expect(asNumber(value)).toBe(number);
	});
});

describe('an object', () => {
	it.each<[unknown]>([[null], [undefined], [[]], ['{}'], [1], [() => ({})]])(
		'is not %p',
		(value) => {
			expect(asObject(value)).toBeUndefined();
		},
	);

	it('is handed out as it is', () => {
		const value = { code: 200 };
		expect(asObject(value)).toBe(value);
	});
});

describe('JSON', () => {
	it.each<[string, unknown]>([
		['{"code":200}', { code: 200 }],
		['null', null],
		['{"code":200', undefined],
		['', undefined],
		['<html>', undefined],
	])('%p is read as %p', (text, value) => {
		expect(parseJson(text)).toEqual(value);
	});
});
