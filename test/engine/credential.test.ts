import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ICredentialDataDecryptedObject, IExecuteFunctions, INodeType } from 'n8n-workflow';

import type { Fault } from '../sandbox';
import { chain, coreIsAtLeast, startEngine, type Engine } from './support/engine';
import { openWorld, type World } from './support/world';

let world: World;
let engine: Engine;

beforeAll(async () => {
	world = await openWorld();
	engine = await startEngine({ nodes: { 'n8n-nodes-base.reader': credentialReader } });
});
afterEach(() => {
	world.sandbox.faults.clear();
	expect(world.sandbox.violations.splice(0)).toEqual([]);
});
afterAll(async () => {
	await engine.close();
	await world.close();
});

/** Puts out the credential as n8n gives it to nodes, its HTTP Request node among them. */
const credentialReader: INodeType = {
	description: {
		displayName: 'Reader',
		name: 'reader',
		group: ['transform'],
		version: 1,
		description: '',
		defaults: { name: 'Reader' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'kieAiApi', required: true }],
		properties: [],
	},
	async execute(this: IExecuteFunctions) {
		return [[{ json: await this.getCredentials('kieAiApi') }]];
	},
};

/** These let a test go to KieAI's own hosts only: the sandbox is none of them. */
const heldToHosts = coreIsAtLeast('2.20') && !coreIsAtLeast('2.41');

async function test(data: ICredentialDataDecryptedObject = {}) {
	return await engine.testCredential('kieAiApi', {
		...world.credentials.kieAiApi,
		...(heldToHosts && { allowedDomains: '127.0.0.1' }),
		...data,
	});
}

describe('the credential’s test', () => {
	it('is green with a good key', async () => {
		expect(await test()).toMatchObject({ status: 'OK' });
	});

	it('asks for the credit balance, which costs nothing', async () => {
		const asked = world.sandbox.requests.length;

		await test();

		expect(world.sandbox.requests.slice(asked).map(({ endpoint }) => endpoint)).toEqual(['credit']);
		expect(world.sandbox.ledger).toEqual([]);
	});

	it('is green with a balance of 0', async () => {
		const { key } = world.sandbox.addAccount({ credits: 0 });

		expect(await test({ apiKey: key })).toMatchObject({ status: 'OK' });
	});

	it('is red with a bad key, though KieAI answers HTTP 200', async () => {
		expect(await test({ apiKey: 'sk-wrong' })).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('API key') as string,
		});
	});

	it('is red with a bad key where KieAI answers HTTP 401', async () => {
		world.sandbox.configure({ authHttpStatus: 401 });

		const result = await test({ apiKey: 'sk-wrong' });

		world.sandbox.configure({ authHttpStatus: 200 });
		expect(result).toMatchObject({ status: 'Error' });
	});

	it.each<[string, Fault, RegExp]>([
		['HTML under status 200', { endpoint: 'credit', kind: 'html', status: 200 }, /Base URL/],
		['HTML under status 502', { endpoint: 'credit', kind: 'html' }, /./],
		['no balance', { endpoint: 'credit', kind: 'code', code: 200, data: null }, /credit balance/],
		['another refusal', { endpoint: 'credit', kind: 'code', code: 455 }, /credit balance/],
		['a redirect', { endpoint: 'credit', kind: 'redirect', redirectTo: 'https://x.invalid' }, /./],
		['nothing', { endpoint: 'credit', kind: 'empty' }, /./],
	])('is red where it is answered with %s', async (_, fault, message) => {
		world.sandbox.faults.add(fault);

		expect(await test()).toEqual({
			status: 'Error',
			message: expect.stringMatching(message) as string,
		});
	});

	it('sends the key to no other host', async () => {
		const { otherHost, faults } = world.sandbox;
		faults.add({ endpoint: 'credit', kind: 'redirect', redirectTo: otherHost.url });

		await test();

		expect(otherHost.requests).toEqual([]);
	});

	it('is red where the Base URL leads to somebody else', async () => {
		expect(await test({ baseUrl: `${world.sandbox.filesUrl}/elsewhere` })).toMatchObject({
			status: 'Error',
		});
	});

	it('is red where nobody answers', async () => {
		expect(await test({ baseUrl: world.sandbox.refusedUrl })).toMatchObject({ status: 'Error' });
	});
});

describe('a Base URL', () => {
	/** Reachable, and by its name no loopback address: unencrypted requests there leave the machine. */
	let plainUrl: string;
	let server: Server;
	let requests: number;

	beforeAll(async () => {
		server = createServer((_request, response) => {
			requests += 1;
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify({ code: 200, msg: 'success', data: 1 }));
		});
		await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
		plainUrl = `http://0.0.0.0:${(server.address() as AddressInfo).port}`; // TCP: an object
	});
	beforeEach(() => {
		requests = 0;
	});
	afterAll(async () => {
		server.closeAllConnections();
		await new Promise((closed) => server.close(closed));
	});

	async function errorWith(field: string, url: string) {
		const kieAiApi = { ...world.credentials.kieAiApi, [field]: url };
		const run = await world.run(
			{ resource: 'account', operation: 'getCreditBalance' },
			{ credentials: { kieAiApi } },
		);
		return run.error();
	}

	it.each([
		['baseUrl', "'Base URL'"],
		['uploadBaseUrl', "'Upload Base URL'"],
	])('without https is refused in %s, and nothing sent', async (field, label) => {
		const error = await errorWith(field, plainUrl);

		expect(error).toMatchObject({
			name: 'NodeOperationError',
			message: expect.stringContaining(label) as string,
			description: expect.stringContaining('https://') as string,
		});
		expect(requests).toBe(0);
	});

	it.each(['ftp://127.0.0.1/', 'kieai', 'javascript:alert(1)', 'http://127.0.0.1.nip.example'])(
		'like %s is refused',
		async (url) => {
			expect((await errorWith('baseUrl', url))?.message).toContain("'Base URL'");
		},
	);

	it.each(['baseUrl', 'uploadBaseUrl'])('with a user name is refused in %s', async (field) => {
		const url = world.sandbox.apiUrl.replace('//', '//kieai:secret@');

		expect((await errorWith(field, url))?.message).toContain('must have no user name in it');
	});

	it.each(['127.0.0.1', 'localhost'])('on the loopback (%s) needs no https', async (host) => {
		const url = world.sandbox.apiUrl.replace('127.0.0.1', host);

		expect(await errorWith('baseUrl', url)).toBeUndefined();
	});

	it('may end with a slash', async () => {
		expect(await errorWith('baseUrl', `${world.sandbox.apiUrl}/`)).toBeUndefined();
	});

	it('without https gets no key from the credential’s test either', async () => {
		expect(await test({ baseUrl: plainUrl })).toMatchObject({ status: 'Error' });
		expect(requests).toBe(0);
	});

	it.each([
		['a user name', 'http://localhost:x@0.0.0.0:'],
		['a user name that looks like a port', 'http://localhost:80@0.0.0.0:'],
	])('with %s gets no key from it either', async (_name, start) => {
		const baseUrl = start + new URL(plainUrl).port;

		expect(await test({ baseUrl })).toMatchObject({ status: 'Error' });
		expect(requests).toBe(0);
	});
});

describe('a run of the node', () => {
	it('reads the credential once, however many requests it sends', async () => {
		const tasks = [1, 2, 3].map(() => world.sandbox.addTask({ state: 'success' }));
		const { kieAiApi = {} } = world.credentials;
		let reads = 0;
		const credentials = Object.defineProperty({ kieAiApi }, 'kieAiApi', {
			get: () => (reads++, kieAiApi),
		});
		const asked = world.sandbox.requests.length;
		const run = await world.run(
			{ operation: 'get', taskId: '={{ $json.id }}', waitForResult: 'none' },
			{ items: tasks.map(({ id }) => ({ json: { id } })), credentials },
		);

		expect(run.json('KieAI').map(({ status }) => status)).toEqual(tasks.map(() => 'succeeded'));
		expect(world.sandbox.requests.length - asked).toBe(3);
		expect(reads).toBe(1);
	});
});

describe('the hosts that the HTTP Request node may send the key to', () => {
	async function readCredential(data: ICredentialDataDecryptedObject) {
		const run = await engine.run(
			chain(
				{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
				{ name: 'Reader', type: 'n8n-nodes-base.reader' },
			),
			{ credentials: { kieAiApi: data } },
		);
		return run.json('Reader')[0];
	}

	it('are KieAI’s two, in a credential that says nothing of them', async () => {
		expect(await readCredential({ apiKey: 'sk' })).toMatchObject({
			allowedHttpRequestDomains: 'domains',
			allowedDomains: 'api.kie.ai,kieai.redpandaai.co',
		});
	});

	it('stay KieAI’s two where the Base URL is another', async () => {
		expect(await readCredential(world.credentials.kieAiApi)).toMatchObject({
			allowedDomains: 'api.kie.ai,kieai.redpandaai.co',
		});
	});
});
