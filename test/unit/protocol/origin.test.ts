import { createHmac } from 'node:crypto';

import {
	addOrigin,
	ORIGIN_PARAMETER,
	readOrigin,
	type Origin,
} from '../../../nodes/KieAi/protocol/origin';

const apiKey = 'key_example';
const webhook = 'https://n8n.example.com/webhook/abc';
const upgrade: Origin = {
	kind: 'upgrade4k',
	sourceTaskId: 'veo_1',
	index: 0,
	metadata: { row: 12 },
};

function parameterOf(url: string): string {
	return new URL(url).searchParams.get(ORIGIN_PARAMETER) ?? '';
}

/** Anything at all, proven as our own parameter is: what a careless version of the node might have written. */
function prove(payload: string, key = apiKey): string {
	const encoded = Buffer.from(payload).toString('base64url');
	const proof = createHmac('sha256', key).update(`callback-origin.${encoded}`).digest('base64url');
	return `${encoded}.${proof}`;
}

describe('an origin', () => {
	it.each<[string, Origin]>([
		['a generation', { kind: 'generate' }],
		['an extension', { kind: 'extend', sourceTaskId: 'veo_1' }],
		['an upgrade', upgrade],
		['Unicode metadata', { kind: 'generate', metadata: { name: 'Zoë 王 🦊 \u2028 \ud800' } }],
		['nested metadata', { kind: 'generate', metadata: { a: { b: [1, null, 'c'] } } }],
		['metadata that looks like a URL', { kind: 'generate', metadata: { a: '&kieai=x.y#?%20+' } }],
	])('comes back as it was written: %s', (_what, origin) => {
		expect(readOrigin(parameterOf(addOrigin(webhook, origin, apiKey)), apiKey)).toEqual(origin);
	});

	it.each([
		['', '?'],
		['#part?x', '?'],
		['?token=a%2Fb+c&x&y=~(1)&&z=%zz', '?token=a%2Fb+c&x&y=~(1)&&z=%zz&'],
		['?token=a%2Fb#part', '?token=a%2Fb&'],
		['?kieai=x.y', '?kieai=x.y&'],
	])('is added to what the URL has already: %p becomes %p', (given, kept) => {
		const url = addOrigin(webhook + given, upgrade, apiKey);
		const before = `${webhook}${kept}${ORIGIN_PARAMETER}=`;

		expect(url.slice(0, before.length)).toBe(before);
		expect(readOrigin(url.slice(before.length), apiKey)).toEqual(upgrade);
	});

	it('is one parameter, which URLs that wait at KieAI bear already', () => {
		expect(addOrigin(webhook, upgrade, apiKey).startsWith(`${webhook}?kieai=`)).toBe(true);
	});

	it('comes back with the item of a parked execution', () => {
		const origin: Origin = { kind: 'generate', item: 3, run: 1 };
		const url = addOrigin(webhook, origin, apiKey, 'execution 17');
		expect(readOrigin(parameterOf(url), apiKey, 'execution 17')).toEqual(origin);
	});

	it.each([
		['execution 17', 'execution 18'],
		['execution 17', undefined],
		[undefined, 'execution 17'],
	])('that was signed for %p opens nothing for %p', (signedFor, asked) => {
		const url = addOrigin(webhook, upgrade, apiKey, signedFor);
		expect(readOrigin(parameterOf(url), apiKey, asked)).toBeUndefined();
	});

	it('does not show the key', () => {
		expect(addOrigin(webhook, upgrade, apiKey)).not.toContain(apiKey);
	});
});

describe('a forged origin', () => {
	const [payload = '', proof = ''] = parameterOf(addOrigin(webhook, upgrade, apiKey)).split('.');
	const other = Buffer.from(JSON.stringify({ ...upgrade, sourceTaskId: 'veo_2' }));

	it.each<[string, unknown]>([
		['missing', undefined],
		['null', null],
		['empty', ''],
		['a list', [`${payload}.${proof}`]],
		['an object', { toString: () => `${payload}.${proof}` }],
		['of another payload', `${other.toString('base64url')}.${proof}`],
		[
			'of a payload in plain base64',
			`${Buffer.from(payload, 'base64url').toString('base64')}=.${proof}`,
		],
		['of a longer payload', `${payload}A.${proof}`],
		['without payload', `.${proof}`],
		['without proof', payload],
		['with an empty proof', `${payload}.`],
		['with a shorter proof', `${payload}.${proof.slice(0, -1)}`],
		['with a longer proof', `${payload}.${proof}=`],
		['with a proof in other letters', `${payload}.${proof.toLowerCase()}`],
		['with a dot at its end', `${payload}.${proof}.`],
		['with a dot at its start', `.${payload}.${proof}`],
		['with a third part', `${payload}.${proof}.${proof}`],
		['with white space', `${payload}.${proof} `],
		['made with another key', prove(JSON.stringify(upgrade), 'key_other')],
	])('is refused: %s', (_what, parameter) => {
		expect(readOrigin(parameter, apiKey)).toBeUndefined();
	});

	it('proves nothing where there is no key', () => {
		expect(readOrigin(prove(JSON.stringify(upgrade), ''), '')).toBeUndefined();
	});
});

describe('a proven origin', () => {
	it.each<[string, string]>([
		['a kind without callbacks', '{"kind":"upgrade1080p"}'],
		['a kind that only a callback has', '{"kind":"video"}'],
		['an unknown kind', '{"kind":"constructor"}'],
		['no kind', '{"sourceTaskId":"veo_1"}'],
		['a list', '["generate"]'],
		['null', 'null'],
		['no JSON', '{"kind":"generate"'],
		['nothing', ''],
	])('is refused all the same for %s', (_what, text) => {
		expect(readOrigin(prove(text), apiKey)).toBeUndefined();
	});

	it('keeps nothing that it should not have', () => {
		const text =
			'{"kind":"generate","sourceTaskId":null,"index":"x","metadata":[1],"confirmed":true}';
		expect(readOrigin(prove(text), apiKey)).toStrictEqual({ kind: 'generate' });
	});
});
