import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { chain, startEngine } from './engine';
import type { Engine, NodeJson, WebhookHost, WorkflowJson } from './engine';
import { itSince } from './since';

let engine: Engine;
beforeAll(async () => {
	engine = await startEngine({ packageDir: resolve(__dirname, 'fixture') });
});
afterAll(async () => await engine.close());

const start: NodeJson = { name: 'Start', type: 'n8n-nodes-base.manualTrigger' };
const after: NodeJson = { name: 'After', type: 'n8n-nodes-base.noOp' };

function probe(what: string, value = '', more: Partial<NodeJson> = {}): NodeJson {
	const type = 'n8n-nodes-fixture.probe';
	return { name: 'Probe', type, parameters: { do: what, value }, ...more };
}

describe('a run', () => {
	it('puts the given items through the nodes, with paired items and expressions', async () => {
		const run = await engine.run(chain(start, probe('pass', '={{ $json.n + 1 }}'), after), {
			input: [{ json: { n: 1 } }, { json: { n: 2 } }],
		});
		expect(run.status).toBe('success');
		expect(run.json('After')).toEqual([{ value: 2 }, { value: 3 }]);
		expect(run.items('Probe').map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
		]);
	});

	it('tells the error that ended it', async () => {
		const run = await engine.run(chain(start, probe('fail', 'no luck'), after));
		expect(run.status).toBe('error');
		expect(run.error()).toMatchObject({ message: 'no luck', context: { itemIndex: 0 } });
		expect(run.error('Probe')?.message).toBe('no luck');
		expect(run.runs('After')).toBe(0);
	});

	it('goes on after an error where On Error says so', async () => {
		const run = await engine.run(
			chain(start, probe('fail', 'no luck', { onError: 'continueRegularOutput' }), after),
		);
		expect(run.json('After')).toEqual([{ error: 'no luck', message: 'no luck' }]);
	});

	it('leads error items to the error output', async () => {
		const workflow = chain(start, probe('fail', 'no luck', { onError: 'continueErrorOutput' }));
		workflow.nodes.push(after);
		workflow.connections['Probe'] = { main: [[], [{ node: 'After', type: 'main', index: 0 }]] };
		const run = await engine.run(workflow);
		expect(run.json('Probe', 1)).toEqual(run.json('After'));
		expect(run.json('After')).toEqual([{ error: 'no luck', message: 'no luck' }]);
	});

	it('tries again with Retry On Fail, with the context of the tries before', async () => {
		const retrying = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const run = await engine.run(chain(start, probe('failTimes', '2', retrying)));
		expect(run.json('Probe')).toEqual([{ tries: 3, runIndex: 0 }]);
		expect(run.nodeContext('Probe')).toEqual({ tries: 3 });
	});

	it('can be retried by a person, as a new execution with the old context', async () => {
		const workflow = chain(start, probe('failTimes', '1'), after);
		const failed = await engine.run(workflow);
		const retried = await engine.run(workflow, { resumeFrom: failed });
		expect([failed.status, retried.status]).toEqual(['error', 'success']);
		expect(retried.json('After')).toEqual([{ tries: 2, runIndex: 0 }]);
		expect(retried.data.mode).toBe('retry');
		expect(retried.executionId).not.toBe(failed.executionId);
	});

	it('is stopped by cancel, and the node hears of it', async () => {
		let began = (): void => undefined;
		const running = new Promise<void>((done) => (began = done));
		const started = engine.start(chain(start, probe('waitForStop'), after), {
			onNodeStart: (node) => node === 'Probe' && began(),
		});
		await running;
		started.cancel();
		const run = await started.result;
		expect(run.status).toBe('canceled');
		expect(run.runs('After')).toBe(0);
	});

	it('reports progress, hints and its own log lines', async () => {
		const seen: string[] = [];
		const [first, second] = await Promise.all([
			engine.run(chain(start, probe('log', 'first')), {
				onNodeStart: (node) => seen.push(`> ${node}`),
				onNodeEnd: (node) => seen.push(`< ${node}`),
			}),
			engine.run(chain(start, probe('hint', 'look here'))),
		]);
		expect(seen).toEqual(['> Start', '< Start', '> Probe', '< Probe']);
		expect(first.log).toContainEqual({
			level: 'info',
			message: 'probed',
			meta: { value: 'first' },
		});
		expect(second.log.map(({ message }) => message)).not.toContain('probed');
		expect(second.hints('Probe')).toMatchObject([{ message: 'look here' }]);
	});

	it('uses pinned data in the editor only', async () => {
		const workflow = chain(start, probe('pass', 'real'), after);
		workflow.pinData = { Probe: [{ json: { value: 'pinned' } }] };
		expect((await engine.run(workflow)).json('After')).toEqual([{ value: 'pinned' }]);
		const live = await engine.run(workflow, { mode: 'trigger' });
		expect(live.json('After')).toEqual([{ value: 'real' }]);
	});

	it('refuses a workflow with a node that nobody knows', async () => {
		const unknown: NodeJson = { name: 'Unknown', type: 'n8n-nodes-base.unheardOf' };
		await expect(engine.run(chain(start, unknown))).rejects.toThrow('unheardOf');
	});

	it('loops, branches and calls other workflows with the stand-ins', async () => {
		const sub: NodeJson = { name: 'Sub', type: 'n8n-nodes-base.executeWorkflowTrigger' };
		const call: NodeJson = {
			name: 'Call',
			type: 'n8n-nodes-base.executeWorkflow',
			parameters: { workflowId: { __rl: true, mode: 'id', value: 'sub' } },
		};
		const loop: NodeJson = { name: 'Loop', type: 'n8n-nodes-base.splitInBatches' };
		const workflow: WorkflowJson = chain(start, loop, after);
		workflow.nodes.push(call);
		workflow.connections['Loop'] = {
			main: [
				[{ node: 'After', type: 'main', index: 0 }],
				[{ node: 'Call', type: 'main', index: 0 }],
			],
		};
		workflow.connections['Call'] = { main: [[{ node: 'Loop', type: 'main', index: 0 }]] };
		const run = await engine.run(workflow, {
			input: [{ json: { n: 1 } }, { json: { n: 2 } }],
			workflows: { sub: chain(sub, probe('pass', '={{ $json.n * 10 }}')) },
		});
		expect(run.runs('Call')).toBe(2);
		expect(run.json('After')).toEqual([{ value: 10 }, { value: 20 }]);
	});

	it('sets fields and asks conditions with the stand-ins', async () => {
		const set: NodeJson = {
			name: 'Set',
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			parameters: {
				includeOtherFields: true,
				assignments: {
					assignments: [
						{ id: '1', name: 'deep.double', type: 'number', value: '={{ $json.n * 2 }}' },
					],
				},
			},
		};
		const condition = {
			id: '1',
			leftValue: '={{ $json.deep.double }}',
			rightValue: 3,
			operator: { type: 'number', operation: 'gt' },
		};
		const options = { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 };
		const branch: NodeJson = {
			name: 'If',
			type: 'n8n-nodes-base.if',
			typeVersion: 2.2,
			parameters: { conditions: { options, combinator: 'and', conditions: [condition] } },
		};
		const run = await engine.run(chain(start, set, branch), {
			input: [{ json: { n: 1 } }, { json: { n: 2 } }],
		});
		expect(run.json('If', 0)).toEqual([{ n: 2, deep: { double: 4 } }]);
		expect(run.json('If', 1)).toEqual([{ n: 1, deep: { double: 2 } }]);
	});
});

describe('binary data', () => {
	it('goes to disk', async () => {
		const run = await engine.run(chain(start, probe('file', 'a film')));
		const film = run.items('Probe')[0]?.binary?.['data'];
		const { path, bytes } = await engine.binaryFile(film);
		expect(film).toMatchObject({ data: 'filesystem-v2', fileName: 'film.mp4' });
		expect(path).toContain(run.executionId);
		expect(bytes).toBe(6);
		expect((await engine.readBinary(film)).toString()).toBe('a film');
	});

	it('stays in memory where a run asks for it', async () => {
		const run = await engine.run(chain(start, probe('file', 'a film')), { binaryMode: 'default' });
		const film = run.items('Probe')[0]?.binary?.['data'];
		expect(film?.data).toBe(Buffer.from('a film').toString('base64'));
		expect(await engine.binaryFile(film)).toEqual({ path: undefined, bytes: 6 });
	});
});

describe('credentials', () => {
	const seen: Array<string | undefined> = [];
	let server: Server;
	let baseUrl: string;
	beforeAll(async () => {
		server = createServer((req, res) => {
			seen.push(req.headers.authorization);
			const known = req.headers.authorization === 'Bearer good';
			const status = req.url === '/strict' && !known ? 401 : 200;
			res.writeHead(status, { 'content-type': 'application/json' });
			res.end(JSON.stringify({ code: known ? 200 : 401 }));
		});
		await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
		baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // TCP: an object
	});
	beforeEach(() => seen.splice(0));
	afterAll(async () => await new Promise((closed) => server.close(closed)));

	it('come with the defaults of their type and with expressions resolved', async () => {
		const run = await engine.run(chain(start, probe('credentials')), {
			credentials: { fixtureApi: { apiKey: '={{ "go" + "od" }}' } },
		});
		expect(run.json('Probe')).toEqual([
			{
				apiKey: 'good',
				baseUrl: 'http://default.invalid',
				allowedHttpRequestDomains: 'domains',
				allowedDomains: '127.0.0.1',
			},
		]);
	});

	it('are applied to requests', async () => {
		const run = await engine.run(chain(start, probe('request', `${baseUrl}/any`)), {
			credentials: { fixtureApi: { apiKey: 'good' } },
		});
		expect(run.json('Probe')).toEqual([{ status: 200, body: { code: 200 } }]);
		expect(seen).toEqual(['Bearer good']);
	});

	it('are applied a second time after a 401, as n8n does it', async () => {
		const run = await engine.run(chain(start, probe('request', `${baseUrl}/strict`)), {
			credentials: { fixtureApi: { apiKey: 'bad' } },
		});
		expect(run.error()).toMatchObject({ name: 'NodeApiError', httpCode: '401' });
		expect(seen).toEqual(['Bearer bad', 'Bearer bad']);
	});

	itSince('2.20', '1.123')('stay away from hosts that the request does not allow', async () => {
		const elsewhere = baseUrl.replace('127.0.0.1', 'localhost');
		const run = await engine.run(chain(start, probe('request', `${elsewhere}/any`)), {
			credentials: { fixtureApi: { apiKey: 'good' } },
		});
		expect(run.error()?.message).toContain('Domain not allowed');
		expect(seen).toEqual([]);
	});

	it('are missed by a node that needs them', async () => {
		const run = await engine.run(chain(start, probe('credentials')));
		expect(run.error()?.message).toContain('does not require credentials');
	});

	it('are tested by the request and the rules of their type', async () => {
		const test = async (apiKey: string, url = baseUrl) =>
			await engine.testCredential('fixtureApi', { apiKey, baseUrl: url });
		expect(await test('good')).toEqual({ status: 'OK', message: 'Connection successful!' });
		expect(await test('bad')).toEqual({ status: 'Error', message: 'The key is wrong' });
		expect(await test('good', 'http://127.0.0.1:1')).toMatchObject({ status: 'Error' });
	});
});

describe('the webhook host', () => {
	let host: WebhookHost;
	beforeEach(async () => {
		host = await engine.host({ answerWithinMs: 100 });
	});
	afterEach(async () => await host.close());

	const trigger: NodeJson = {
		name: 'Trigger',
		type: 'n8n-nodes-fixture.probeTrigger',
		webhookId: 'hook',
	};
	const workflow = chain(trigger, probe('staticData', 'seen'), after);

	async function post(url: string, body: string | object) {
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: typeof body === 'string' ? body : JSON.stringify(body),
		});
		return { status: response.status, body: await response.json() };
	}

	it('publishes a workflow, and a call runs it', async () => {
		await host.activate(workflow);
		const url = host.url(workflow, 'Trigger').production;
		expect(url).toBe(`${host.baseUrl}/webhook/hook/events`);
		expect(await post(url, { n: 1 })).toEqual({
			status: 200,
			body: { message: 'Workflow was started' },
		});
		const run = await host.execution();
		expect(run.json('Trigger')).toEqual([{ n: 1, webhook: 'default', mode: 'webhook' }]);
		expect(host.deliveries).toMatchObject([{ method: 'POST', status: 200, hung: false }]);
		expect(host.deliveries[0]?.log).toContainEqual({
			level: 'info',
			message: 'received',
			meta: { raw: '{"n":1}' },
		});
	});

	it('hands static data from create() to actions, and from one execution to the next', async () => {
		await host.activate(workflow);
		const url = host.url(workflow, 'Trigger').production;
		expect(host.staticData(workflow)).toEqual({ global: { url, mode: 'trigger/activate' } });
		const run = await host.run(workflow, { mode: 'trigger' });
		expect(run.json('Probe')).toEqual([{ url, mode: 'trigger/activate' }]);
		await post(url, {});
		expect((await host.execution()).json('Probe')).toMatchObject([{ url, value: 'seen' }]);
		await host.deactivate(workflow);
		expect(host.staticData(workflow)).toEqual({
			global: { mode: 'trigger/activate', value: 'seen' },
		});
		expect((await post(url, {})).status).toBe(404);
	});

	it('does not publish what create() refuses', async () => {
		const refusing = chain({ ...trigger, parameters: { refuse: true } }, after);
		await expect(host.activate(refusing)).rejects.toThrow('refused to activate');
		expect((await post(host.url(refusing, 'Trigger').production, {})).status).toBe(404);
	});

	it('listens for one test event', async () => {
		await host.listenForTest(workflow);
		const { test, production } = host.url(workflow, 'Trigger');
		expect((await post(production, {})).status).toBe(404);
		expect((await post(test, { do: 'ignore' })).body).toEqual({ ignored: true });
		expect((await fetch(test)).status).toBe(200);
		const run = await host.execution();
		expect(run.json('Trigger')).toEqual([{ webhook: 'setup', mode: 'manual' }]);
		expect((await post(test, {})).status).toBe(404);
	});

	it('answers as n8n does', async () => {
		await host.activate(workflow);
		const url = host.url(workflow, 'Trigger').production;
		expect(await post(url, { do: 'refuse' })).toEqual({ status: 401, body: { message: 'no' } });
		expect(await post(url, '{"n":')).toMatchObject({ status: 422, body: { code: 422 } });
		expect(await post(url, `"${'x'.repeat(17 * 1024 * 1024)}"`)).toMatchObject({ status: 413 });
		expect((await fetch(url, { method: 'DELETE' })).status).toBe(404);
		expect(host.executions).toEqual([]);
	});

	it('answers 500 and shows a failed execution when webhook() throws', async () => {
		await host.activate(workflow);
		const { status } = await post(host.url(workflow, 'Trigger').production, { do: 'throw' });
		expect(status).toBe(500);
		expect(host.deliveries[0]?.error?.message).toBe('broken');
		expect((await host.execution()).error()?.message).toBe('broken');
	});

	it('notices a request that nobody answers', async () => {
		await host.activate(workflow);
		const url = host.url(workflow, 'Trigger').production;
		await expect(post(url, { do: 'hang' })).rejects.toThrow('fetch failed');
		expect(host.deliveries).toMatchObject([{ status: undefined, hung: true }]);
	});
});
