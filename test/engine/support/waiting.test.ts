import { resolve } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { chain, startEngine } from './engine';
import type { Engine, NodeJson, Run, WebhookHost, WorkflowJson } from './engine';
import { itSince } from './since';

/** Of the fixture's nodes: where they stop until a test lets them go on. */
const gates = require('./fixture/gates.js') as {
	reached(name: string): Promise<void>;
	open(name: string): void;
};

let engine: Engine;
beforeAll(async () => {
	engine = await startEngine({ packageDir: resolve(__dirname, 'fixture') });
});
afterAll(async () => await engine.close());

let host: WebhookHost;
beforeEach(async () => {
	host = await engine.host();
});
afterEach(async () => await host.close());

const start: NodeJson = { name: 'Start', type: 'n8n-nodes-base.manualTrigger' };
const after: NodeJson = { name: 'After', type: 'n8n-nodes-base.noOp' };
const input = [{ json: { n: 1 } }, { json: { n: 2 } }];
const credentials = { fixtureApi: { apiKey: 'good' } };

function waiter(parameters: IDataObject = {}, more: Partial<NodeJson> = {}): NodeJson {
	return {
		id: 'waiter-id',
		name: 'Waiter',
		type: 'n8n-nodes-fixture.waiter',
		parameters: parameters as NonNullable<NodeJson['parameters']>, // plain JSON
		...more,
	};
}

const flow = (parameters?: IDataObject, more?: Partial<NodeJson>): WorkflowJson =>
	chain(start, waiter(parameters, more), after);

/** The URL that the node makes of n8n's resume URL: its ID goes between path and query. */
function callbackUrl(run: Run): string {
	const url = new URL(String(run.nodeContext('Waiter')['url']));
	url.pathname += '/waiter-id';
	return url.href;
}

async function post(url: string, body: string | object = {}) {
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});
	return { status: response.status, body: await response.json() };
}

async function park(workflow = flow(), by = host): Promise<Run> {
	return await by.run(workflow, { input, credentials, mode: 'trigger' });
}

describe('a parked execution', () => {
	it('tells until when it waits, and what its node would pass on', async () => {
		const run = await engine.run(flow(), { input });
		expect(run.status).toBe('waiting');
		expect(run.waitTill?.getTime()).toBeGreaterThan(Date.now());
		expect(run.parked.map(({ json }) => json)).toEqual([{ n: 1 }, { n: 2 }]);
		expect(run.runs('After')).toBe(0);
	});

	itSince('2.20')('has a resume URL with a token in it', async () => {
		const run = await park();
		const { resumeToken } = run.data.data;
		const url = `${host.baseUrl}/webhook-waiting/${run.executionId}?signature=${resumeToken}`;
		expect(run.nodeContext('Waiter')['url']).toBe(url);
	});

	it('has one without a token in n8n 1.x, and nobody asks for it', async () => {
		const oldHost = await engine.host({ resumeTokens: false });
		const run = await park(flow(), oldHost);
		const url = `${oldHost.baseUrl}/webhook-waiting/${run.executionId}`;
		expect(run.nodeContext('Waiter')['url']).toBe(url);
		expect((await post(`${url}/waiter-id?signature=any`)).status).toBe(200);
	});

	it('can be awaited by its ID, before it waits too', async () => {
		const { executionId, result } = host.start(flow(), { input });
		const run = await host.until(executionId, 'waiting');
		expect(run.status).toBe('waiting');
		expect(run.parked).toHaveLength(2);
		expect((await result).executionId).toBe(executionId);
	});

	it('is not awaited in vain where it ends, or cannot begin', async () => {
		const failing = host.start(flow({ parks: 0, then: 'fail' }));
		await expect(host.until(failing.executionId, 'waiting')).rejects.toThrow(
			'ended as error: woken in vain',
		);
		const unknown = host.start(chain(start, { name: 'Unknown', type: 'unheardOf' }));
		await expect(host.until(unknown.executionId, 'finished')).rejects.toThrow('unheardOf');
		await expect(host.until('nobody', 'finished')).rejects.toThrow('nobody');
	});
});

describe('a callback', () => {
	it('makes the node pass on what webhook() returned, without running it', async () => {
		const parked = await park();
		expect(await post(callbackUrl(parked), { a: 1 })).toEqual({
			status: 200,
			body: { message: 'Workflow was started' },
		});
		const run = await host.until(parked.executionId, 'finished');
		expect([run.status, run.waitTill, run.parked]).toEqual(['success', undefined, []]);
		expect(run.json('After')).toEqual([{ body: { a: 1 } }]);
		expect(run.json('Start')).toEqual([{ n: 1 }, { n: 2 }]);
		expect(run.nodeContext('Waiter')['seen']).toHaveLength(1);
		expect([run.runs('Waiter'), run.runs('After')]).toEqual([1, 1]);
		expect(run.data.mode).toBe('trigger');
	});

	it('makes the node run again, with its memory, and park anew', async () => {
		const first = await park(flow({ parks: 2 }));
		expect((await post(callbackUrl(first), { do: 'again', a: 1 })).status).toBe(200);
		const second = await host.until(first.executionId, 'waiting');
		expect(second.parked.map(({ json }) => json)).toEqual([{ body: { do: 'again', a: 1 } }]);
		expect(callbackUrl(second)).toBe(callbackUrl(first));
		expect((await post(callbackUrl(second), { do: 'again', a: 2 })).status).toBe(200);
		const run = await host.until(first.executionId, 'finished');
		expect(run.json('After')).toEqual([{ runs: 3, input: [{ body: { do: 'again', a: 2 } }] }]);
		expect(run.runs('Waiter')).toBe(1);
		expect(run.log.filter(({ message }) => message === 'run')).toHaveLength(3);
	});

	it('makes the node fail, as any node fails', async () => {
		const parked = await park(flow({ then: 'fail' }));
		await post(callbackUrl(parked), { do: 'again' });
		const run = await host.until(parked.executionId, 'finished');
		expect(run.status).toBe('error');
		expect(run.error('Waiter')?.message).toBe('woken in vain');
	});

	it('leads to the error output where On Error says so', async () => {
		const workflow = chain(start, waiter({ then: 'fail' }, { onError: 'continueErrorOutput' }));
		workflow.nodes.push(after);
		workflow.connections['Waiter'] = { main: [[], [{ node: 'After', type: 'main', index: 0 }]] };
		const parked = await park(workflow);
		await post(callbackUrl(parked), { do: 'again' });
		const run = await host.until(parked.executionId, 'finished');
		expect(run.status).toBe('success');
		expect(run.json('After')).toMatchObject([{ error: 'woken in vain' }]);
	});

	it('shows webhook() the parked items, parameters and credentials', async () => {
		const parked = await park();
		const { body } = await post(callbackUrl(parked), { do: 'look' });
		expect(body).toMatchObject({
			parked: [{ n: 1 }, { n: 2 }],
			parks: 1,
			credentials: { apiKey: 'good' },
			sees: true,
		});
	});

	it.each([
		[{ do: 'refuse' }, { status: 401, body: { message: 'no' } }],
		[{ do: 'ignore' }, { status: 200, body: { ignored: true } }],
		['{"n":', { status: 422, body: expect.objectContaining({ code: 422 }) }],
	])('that brings no data (%j) changes nothing', async (sent, answer) => {
		const parked = await park();
		expect(await post(callbackUrl(parked), sent)).toEqual(answer);
		const still = await host.until(parked.executionId, 'waiting');
		expect(still.waitTill).toEqual(parked.waitTill);
		expect(still.nodeContext('Waiter')).toEqual(parked.nodeContext('Waiter'));
		await post(callbackUrl(parked), { do: 'again' });
		expect((await host.until(parked.executionId, 'finished')).status).toBe('success');
	});

	it('that nobody answers is noticed', async () => {
		const impatient = await engine.host({ answerWithinMs: 100 });
		const parked = await park(flow(), impatient);
		await expect(post(callbackUrl(parked), { do: 'hang' })).rejects.toThrow('fetch failed');
		expect(impatient.deliveries).toMatchObject([{ status: undefined, hung: true }]);
	});

	it('at which webhook() throws ruins the execution, which goes on all the same', async () => {
		const parked = await park();
		expect(await post(callbackUrl(parked), { do: 'throw' })).toEqual({
			status: 500,
			body: { code: 0, message: 'Workflow Webhook Error: Workflow could not be started!' },
		});
		expect(host.deliveries[0]?.error?.message).toBe('broken');
		const run = await host.until(parked.executionId, 'finished');
		expect(run.error()?.message).toBe('broken');
		expect(run.runs('Start')).toBe(0);
		expect(run.json('After')).toEqual([{}]);
	});
});

/** Two callbacks, whose `webhook()` both begin before the first returns. */
async function overlap(parked: Run, body: IDataObject) {
	const [a, b] = [`a ${parked.executionId}`, `b ${parked.executionId}`];
	const first = post(callbackUrl(parked), { ...body, n: 1, gate: a });
	const second = post(callbackUrl(parked), { ...body, n: 2, gate: b });
	await Promise.all([gates.reached(a), gates.reached(b)]);
	return {
		first: async () => {
			gates.open(a);
			return await first;
		},
		second: async () => {
			gates.open(b);
			return await second;
		},
	};
}

describe('overlapping callbacks', () => {
	it('can both succeed, the later one with what was stored before the earlier', async () => {
		const parked = await park(flow({ parks: 2 }));
		const callbacks = await overlap(parked, { do: 'again' });
		expect((await callbacks.first()).status).toBe(200);
		await host.until(parked.executionId, 'waiting');
		expect((await callbacks.second()).status).toBe(200);
		// It claims what has come to wait again: the node has run three times and remembers two.
		const run = await host.until(parked.executionId, 'waiting');
		expect(run.log.filter(({ message }) => message === 'run')).toHaveLength(3);
		expect(run.nodeContext('Waiter')['seen']).toHaveLength(2);
	});

	it('cost the later one a 500 while the first runs on', async () => {
		const parked = await park(withGate('500'));
		const callbacks = await overlap(parked, {});
		expect((await callbacks.first()).status).toBe(200);
		expect(await callbacks.second()).toEqual({
			status: 500,
			body: { code: 0, message: 'There was a problem executing the workflow' },
		});
		gates.open('500');
		const run = await host.until(parked.executionId, 'finished');
		expect(run.json('Waiter')).toMatchObject([{ body: { n: 1 } }]);
	});

	it('are lost without a trace where webhook() answers early', async () => {
		const parked = await park(withGate('early'));
		const callbacks = await overlap(parked, { do: 'early' });
		expect((await callbacks.first()).status).toBe(200);
		await gates.reached('early');
		expect((await callbacks.second()).status).toBe(200);
		gates.open('early');
		const run = await host.until(parked.executionId, 'finished');
		expect(run.json('Waiter')).toMatchObject([{ body: { n: 1 } }]);
	});
});

/** Runs on after the waiter until the test opens the gate. */
function withGate(name: string): WorkflowJson {
	const type = 'n8n-nodes-fixture.probe';
	const gate: NodeJson = { name: 'Gate', type, parameters: { do: 'standAtGate', value: name } };
	return chain(start, waiter(), gate, after);
}

describe('n8n refuses a callback', () => {
	itSince('2.20')('without the right token, whatever else is wrong with it', async () => {
		const parked = await park();
		const url = callbackUrl(parked);
		const another = `${url.slice(0, -1)}${url.endsWith('0') ? '1' : '0'}`;
		const none = url.replace(/\?.*/, '');
		for (const wrong of [another, none, `${url}0`, another.replace('waiter-id', 'elsewhere')]) {
			expect(await post(wrong)).toEqual({ status: 401, body: { error: 'Invalid token' } });
		}
	});

	it('to a path or by a method that no node waits for', async () => {
		const parked = await park();
		const message = `The workflow for execution "${parked.executionId}" does not contain a waiting webhook with a matching path/method.`;
		const elsewhere = callbackUrl(parked).replace('waiter-id', 'another');
		expect(await post(elsewhere)).toEqual({ status: 404, body: { code: 404, message } });
		expect((await fetch(callbackUrl(parked))).status).toBe(404);
	});

	it('to an execution that it does not know', async () => {
		expect(await post(`${host.baseUrl}/webhook-waiting/unknown/waiter-id`)).toEqual({
			status: 404,
			body: { code: 404, message: 'The execution "unknown" does not exist.' },
		});
	});

	it('to one that runs', async () => {
		const parked = await park(withGate('409'));
		await post(callbackUrl(parked));
		const message = `The execution "${parked.executionId}" is running already.`;
		expect(await post(callbackUrl(parked))).toEqual({ status: 409, body: { code: 409, message } });
		gates.open('409');
		await host.until(parked.executionId, 'finished');
	});

	it('to one that has ended', async () => {
		const parked = await park();
		await post(callbackUrl(parked));
		await host.until(parked.executionId, 'finished');
		const message = `The execution "${parked.executionId} has finished already.`;
		expect(await post(callbackUrl(parked))).toEqual({ status: 409, body: { code: 409, message } });
	});

	it('with a body that is too large, as an error of its own', async () => {
		const parked = await park();
		const { status } = await post(callbackUrl(parked), `"${'x'.repeat(17 * 1024 * 1024)}"`);
		expect(status).toBe(500);
		expect((await host.until(parked.executionId, 'waiting')).status).toBe('waiting');
	});
});

describe('the deadline', () => {
	it('passes the input on', async () => {
		const parked = await park();
		const run = await host.expire(parked.executionId);
		expect(run.status).toBe('success');
		expect(run.json('After')).toEqual([{ n: 1 }, { n: 2 }]);
		expect(run.nodeContext('Waiter')['seen']).toHaveLength(1);
	});

	it('passes on what the node has put in its place, and nobody else sees that', async () => {
		const parked = await park(flow({ late: 'items' }));
		expect(parked.parked.map(({ json }) => json)).toEqual([{ waitedFor: 'task' }]);
		const run = await host.expire(parked.executionId);
		expect(run.json('After')).toEqual([{ waitedFor: 'task' }]);
		expect(run.json('Start')).toEqual([{ n: 1 }, { n: 2 }]);
	});

	itSince('2.30')('fails where the node has left an error for it', async () => {
		const parked = await park(flow({ late: 'fail' }));
		const run = await host.expire(parked.executionId);
		expect(run.status).toBe('error');
		expect(run.error('Waiter')?.message).toBe('too late');
		expect(run.runs('After')).toBe(0);
	});

	it('does not fail an execution that a callback has woken', async () => {
		const parked = await park(flow({ late: 'fail' }));
		await post(callbackUrl(parked), { do: 'again' });
		expect((await host.until(parked.executionId, 'finished')).status).toBe('success');
		await expect(host.expire(parked.executionId)).rejects.toThrow('success, not waiting');
	});

	it('ends the wait for callbacks', async () => {
		const parked = await park();
		await host.expire(parked.executionId);
		expect((await post(callbackUrl(parked))).status).toBe(409);
	});
});

describe('a person', () => {
	it('stops a waiting execution', async () => {
		const parked = await park();
		const run = await host.stop(parked.executionId);
		expect([run.status, run.waitTill]).toEqual(['canceled', undefined]);
		const message = `The execution "${parked.executionId}" has finished with error.`;
		expect(await post(callbackUrl(parked))).toEqual({ status: 409, body: { code: 409, message } });
		await expect(host.stop(parked.executionId)).rejects.toThrow('is currently canceled');
	});

	it('stops a running one, of which nothing is stored then', async () => {
		const parked = await park(withGate('stop'));
		await post(callbackUrl(parked));
		await gates.reached('stop');
		const run = await host.stop(parked.executionId);
		gates.open('stop');
		expect(run.status).toBe('canceled');
		expect(run.runs('Waiter')).toBe(0);
	});

	it('retries a failed one: a new execution with the memory of the old', async () => {
		const parked = await park(flow({ then: 'fail' }));
		await post(callbackUrl(parked), { do: 'again' });
		const failed = await host.until(parked.executionId, 'finished');
		const retried = host.retry(failed.executionId);
		const run = await retried.result;
		expect(run.executionId).not.toBe(failed.executionId);
		expect(run.data.mode).toBe('retry');
		expect(run.nodeContext('Waiter')['seen']).toHaveLength(3);
		expect((await host.until(retried.executionId, 'finished')).status).toBe('error');
	});

	itSince('2.30')(
		'retries in vain what the deadline has failed: the error stays with the parked node',
		async () => {
			const parked = await park(flow({ late: 'fail' }));
			await host.expire(parked.executionId);
			const run = await host.retry(parked.executionId).result;
			expect(run.error()?.message).toBe('too late');
			expect(run.nodeContext('Waiter')['seen']).toHaveLength(1);
		},
	);
});

describe('a node without reach into the data of the run', () => {
	it('still parks, remembers and is woken, but cannot run again', async () => {
		const blind = await engine.host({ hideRunData: true });
		const parked = await park(flow(), blind);
		expect(parked.nodeContext('Waiter')['sees']).toBe(false);
		expect((await post(callbackUrl(parked), { do: 'look' })).body).toMatchObject({ sees: false });
		await post(callbackUrl(parked), { do: 'again' });
		const run = await blind.until(parked.executionId, 'finished');
		expect(run.json('After')).toEqual([{ body: { do: 'again' } }]);
		expect(run.nodeContext('Waiter')['seen']).toHaveLength(1);
	});

	it('does without it where no host is', async () => {
		const run = await engine.run(flow(), { hideRunData: true });
		expect(run.nodeContext('Waiter')['sees']).toBe(false);
	});
});

describe('a sub-workflow that waits', () => {
	const called: NodeJson = { name: 'Called', type: 'n8n-nodes-base.executeWorkflowTrigger' };
	const call: NodeJson = {
		name: 'Call',
		type: 'n8n-nodes-base.executeWorkflow',
		parameters: { workflowId: { __rl: true, mode: 'id', value: 'child' } },
	};

	async function parkChild(parameters: IDataObject, more: IDataObject = {}) {
		const child = { ...chain(called, waiter(parameters)), id: 'child' };
		const caller = { ...call, parameters: { ...call.parameters, ...more } } as NodeJson;
		const parent = host.start(chain(start, caller, after), {
			input,
			credentials,
			workflows: { child },
		});
		const run = await parent.result;
		const entry = run.data.data.executionData?.nodeExecutionStack[0];
		const children = entry?.metadata?.waitingChildExecutionIds ?? [];
		return {
			run,
			children: await Promise.all(children.map(async (id) => await host.until(id, 'waiting'))),
		};
	}

	itSince('2.41')('makes its caller wait too, which goes on with what it puts out', async () => {
		const { run, children } = await parkChild({});
		expect([run.status, children.length]).toEqual(['waiting', 1]);
		for (const child of children) await post(callbackUrl(child), { do: 'again' });
		const parent = await host.until(run.executionId, 'finished');
		expect(parent.status).toBe('success');
		expect(parent.json('After')).toEqual([{ runs: 2, input: [{ body: { do: 'again' } }] }]);
	});

	itSince('2.41')('fails its caller when it fails', async () => {
		const { run, children } = await parkChild({ late: 'fail' });
		for (const child of children) await host.expire(child.executionId);
		const parent = await host.until(run.executionId, 'finished');
		expect(parent.error('Call')?.message).toBe('too late');
	});

	itSince('2.41')('lets its caller go on when the first of several has ended', async () => {
		const { run, children } = await parkChild({}, { mode: 'each' });
		expect(children).toHaveLength(2);
		for (const child of children.slice(1)) await post(callbackUrl(child), { n: 2 });
		const parent = await host.until(run.executionId, 'finished');
		expect(parent.json('After')).toEqual([{ body: { n: 2 } }]);
	});
});

describe('the tool of an agent', () => {
	function agent(typeVersion: number, parameters: IDataObject): WorkflowJson {
		const type = '@n8n/n8n-nodes-langchain.agent';
		const toolArguments = { prompt: 'a fox' };
		const workflow = chain(
			start,
			{ name: 'Agent', type, typeVersion, parameters: { toolArguments } },
			after,
		);
		const toolDescription = 'Waits';
		const tool = waiter({ descriptionType: 'manual', toolDescription, ...parameters });
		workflow.nodes.push({ ...tool, type: `${tool.type}Tool` });
		workflow.connections['Waiter'] = { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] };
		return workflow;
	}

	itSince('2.11')('is run by Agent 2 itself, and knows it', async () => {
		const run = await host.run(agent(2.2, { parks: 0 }), { input });
		expect(run.error()).toBeUndefined();
		expect(run.nodeContext('Waiter')).toMatchObject({ isTool: true });
		expect(run.json('After')).toEqual([
			{ output: JSON.stringify([{ runs: 1, input: [{}] }]) }, // n8n-core hands it no items
		]);
	});

	it('is stuck when it parks in Agent 2', async () => {
		const run = await host.run(agent(2.2, { parks: 1 }), { input });
		expect(run.status).toBe('waiting');
		expect((await post(callbackUrl(run), { do: 'again' })).status).toBe(404);
	});

	it('is run by the engine in Agent 3, and can park', async () => {
		const parked = await host.run(agent(3.1, { parks: 2 }), { input });
		expect(parked.nodeContext('Waiter')['isTool'] ?? false).toBe(false);
		await post(callbackUrl(parked), { do: 'again' });
		const again = await host.until(parked.executionId, 'waiting');
		await post(callbackUrl(again), { do: 'again' });
		const run = await host.until(parked.executionId, 'finished');
		expect(run.error()).toBeUndefined();
		expect(run.json('After')).toEqual([
			{ output: JSON.stringify([{ runs: 3, input: [{ body: { do: 'again' } }] }]) },
		]);
	});
});
