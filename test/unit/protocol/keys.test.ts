import { hideKeys, withoutKeys } from '../../../nodes/KieAi/protocol/keys';

const KEY = 'sk/0123"45';

describe('A key', () => {
	it.each([
		['as it is', KEY, '[key]'],
		['twice', `${KEY} ${KEY}`, '[key] [key]'],
		['inside of JSON', JSON.stringify({ msg: KEY }), '{"msg":"[key]"}'],
	])('is hidden %s', (_how, text, hidden) => {
		expect(hideKeys(text, [KEY])).toBe(hidden);
	});

	it('is hidden with its slashes escaped', () => {
		expect(hideKeys('Not sk\\/secret!', ['sk/secret'])).toBe('Not [key]!');
	});

	it('is hidden from eight characters on: a shorter one could be part of any word', () => {
		expect(hideKeys('whsecret, secrets', ['whsecret', 'secrets'])).toBe('[key], secrets');
	});

	it('is hidden in every part of a JSON', () => {
		const json = { code: 200, [KEY]: 1, data: { list: [KEY, null, `a ${KEY} b`] } };
		expect(withoutKeys(json, ['12345678', KEY])).toEqual({
			code: 200,
			'[key]': 1,
			data: { list: ['[key]', null, 'a [key] b'] },
		});
	});

	it('leaves nothing of what is too deep to be looked through', () => {
		let deep: unknown = KEY;
		for (let depth = 0; depth < 100_000; depth++) deep = [deep];
		expect(withoutKeys(deep, [KEY])).toBeUndefined();
	});
});
