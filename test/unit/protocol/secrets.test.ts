import { runInNewContext } from 'node:vm';

import { hideKeys, withoutSecrets } from '../../../nodes/KieAi/protocol/secrets';

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
		expect(withoutSecrets(json, ['12345678', KEY])).toEqual({
			code: 200,
			'[key]': 1,
			data: { list: ['[key]', null, 'a [key] b'] },
		});
	});

	it('leaves nothing of what is too deep to be looked through', () => {
		let deep: unknown = KEY;
		for (let depth = 0; depth < 100_000; depth++) deep = [deep];
		expect(withoutSecrets(deep, [KEY])).toBeUndefined();
	});
});

describe('A callback URL', () => {
	const url = 'https://n8n.example.com/webhook-waiting/7/node?signature=abc';
	const request = { prompt: 'A "fox"', callBackUrl: url, seeds: 1 };
	const hidden = { ...request, callBackUrl: 'hidden' };

	it.each<[string, object, object]>([
		['a request', request, hidden],
		['JSON text', { text: JSON.stringify(request) }, { text: JSON.stringify(hidden) }],
		[
			'JSON text with its slashes escaped',
			{ text: JSON.stringify(request).replaceAll('/', '\\/') },
			{ text: JSON.stringify(hidden) },
		],
		[
			'JSON text within JSON text',
			{ text: JSON.stringify({ text: JSON.stringify(request) }) },
			{ text: JSON.stringify({ text: JSON.stringify(hidden) }) },
		],
		['several places', { a: request, b: [request] }, { a: hidden, b: [hidden] }],
		['other letters', { callback_url: url }, { callback_url: 'hidden' }],
	])('is hidden in %s, and nothing else is', (_where, json, without) => {
		expect(withoutSecrets(json)).toEqual(without);
	});

	it('is looked for once through, whatever the text', () => {
		const endings = Array.from({ length: 600 }, (_, n) => `${'\\'.repeat(600 - n)}"`);
		const text = endings.map((quote) => `callbackurl": ${quote}`).join('');
		const search = () => withoutSecrets({ text });
		// Node can end it, which the test's own timeout cannot.
		expect(runInNewContext('search()', { search }, { timeout: 10_000 })).toEqual({
			text: expect.stringContaining('hidden'),
		});
	});
});
