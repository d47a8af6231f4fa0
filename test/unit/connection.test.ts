import type { IExecuteFunctions, IHttpRequestOptions, IWebhookFunctions } from 'n8n-workflow';

import { connect } from '../../nodes/KieAi/connection';
import { envelope } from './support/kieAi';

const credential = {
	apiKey: 'sk-0123456789',
	webhookHmacSecret: 'hm/ac+"key"=',
	baseUrl: 'https://api.example.com',
	uploadBaseUrl: 'https://upload.example.com:8443/files',
};

/** An account as the node uses it, on a helper of n8n's that answers with `text` and keeps what it was asked. */
async function connected(
	text = envelope(200, 1).text,
	stored: object = credential,
	helpers: object = {},
) {
	const sent: IHttpRequestOptions[] = [];
	const context = {
		getNode: () => ({ name: 'KieAI' }),
		getCredentials: async () => stored,
		helpers: {
			async httpRequestWithAuthentication(_type: string, options: IHttpRequestOptions) {
				sent.push(options);
				return { statusCode: 200, headers: {}, body: text };
			},
			...helpers,
		},
	};
	const connection = await connect(context as unknown as IExecuteFunctions); // what it uses of one
	return { connection, sent };
}

describe('a request with the key', () => {
	it('stays at KieAI’s two hosts, whatever the answer is', async () => {
		const { connection, sent } = await connected();
		await connection.client.getCreditBalance();
		expect(sent).toMatchObject([
			{
				url: 'https://api.example.com/api/v1/chat/credit',
				allowedDomains: 'api.example.com,upload.example.com',
				sendCredentialsOnCrossOriginRedirect: false,
				disableFollowRedirect: true,
				ignoreHttpStatusErrors: true,
				returnFullResponse: true,
			},
		]);
	});
});

/** As n8n names it. */
class SsrfBlockedIpError extends Error {
	override name = 'SsrfBlockedIpError';
}

describe('a request that n8n’s own filter of addresses keeps back', () => {
	const blocked = new SsrfBlockedIpError('The address is restricted');

	it.each<[string, Error]>([
		['as it is', blocked],
		['in an error of the node', new Error('No', { cause: blocked })],
	])('was never sent, and n8n’s words are told: %s', async (_how, error) => {
		const httpRequestWithAuthentication = async () => await Promise.reject(error);
		const { connection } = await connected('', credential, { httpRequestWithAuthentication });
		await expect(connection.once.getCreditBalance()).rejects.toMatchObject({
			outcome: 'notSent',
			transient: false,
			advice: expect.stringContaining('The address is restricted'),
		});
	});
});

describe('an answer that repeats a key', () => {
	it.each([
		['the API key', credential.apiKey, credential.apiKey],
		['the HMAC key', credential.webhookHmacSecret, credential.webhookHmacSecret],
		['a key with its slashes escaped', 'sk/secret/key', 'sk\\/secret\\/key'],
	])('comes without it: %s', async (_name, apiKey, repeated) => {
		const msg = JSON.stringify(`Not ${repeated}!`).replaceAll('\\\\/', '\\/');
		const text = `{"code":402,"msg":${msg},"data":null}`;
		const { connection } = await connected(text, { ...credential, apiKey });
		await expect(connection.once.getCreditBalance()).rejects.toThrow('Not [key]!');
	});

	it('keeps its words where the key is so short that it could be part of any', async () => {
		const stored = { ...credential, apiKey: 'credit', webhookHmacSecret: '' };
		const { connection } = await connected(envelope(402, null, 'No credits').text, stored);
		await expect(connection.once.getCreditBalance()).rejects.toThrow('No credits');
	});
});

describe('where a link leads', () => {
	const url = new URL('https://film.example.com/film.mp4');
	/** n8n's own filter, which says so of every URL; `safe` would pass all where the operator has not switched it on. */
	const filter = (result: object) => ({
		getSecureEgressFilter: (policy: string) => ({
			validateUrl: async (asked: URL) =>
				await Promise.resolve(policy === 'enforced' && asked === url ? result : { ok: true }),
		}),
	});

	it.each<[string, boolean, object]>([
		['inside, as n8n finds', true, filter({ ok: false, error: new SsrfBlockedIpError() })],
		['outside, as n8n finds', false, filter({ ok: true })],
		['where n8n finds nothing', false, filter({ ok: false, error: new Error('ENOTFOUND') })],
		['where an older n8n does not look', false, {}],
	])('is %s', async (_where, isInside, helpers) => {
		const { connection } = await connected(undefined, undefined, helpers);
		expect(await connection.leadsInside(url)).toBe(isInside);
	});

	it.each([
		['https://api.example.com', undefined],
		['http://127.0.0.1:3000', '127.0.0.1'],
		['https://kieai.lan/proxy', 'kieai.lan'],
	])('may be the private host of the base URL: %s', async (baseUrl, localHost) => {
		const { connection } = await connected(undefined, { ...credential, baseUrl });
		expect(connection.localHost).toBe(localHost);
	});
});

describe('the credential of a trigger that is called', () => {
	/** The trigger of that place, as n8n calls it; each reading of a credential is kept. */
	function trigger(read: string[], { workflow = 'w', node = 'n', credentialId = 'c' } = {}) {
		return {
			getBodyData: () => ({}),
			getWorkflow: () => ({ id: workflow }),
			getNode: () => ({ id: node, credentials: { kieAiApi: { id: credentialId } } }),
			getCredentials: async () => {
				read.push(credentialId);
				return await Promise.resolve(credential);
			},
		} as unknown as IWebhookFunctions; // what it uses of one
	}

	it('is read once for callbacks of the same moment, and anew for the next', async () => {
		const read: string[] = [];
		const same = await Promise.all([connect(trigger(read)), connect(trigger(read))]);
		expect(same.map(({ apiKey }) => apiKey)).toEqual([credential.apiKey, credential.apiKey]);
		expect(read).toHaveLength(1);
		await connect(trigger(read));
		expect(read).toHaveLength(2);
	});

	it.each([{ workflow: 'another' }, { node: 'another' }, { credentialId: 'another' }])(
		'is not that of another: %p',
		async (place) => {
			const read: string[] = [];
			await Promise.all([connect(trigger(read)), connect(trigger(read, place))]);
			expect(read).toHaveLength(2);
		},
	);
});
