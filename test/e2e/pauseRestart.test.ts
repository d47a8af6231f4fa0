/**
 * kill -9 of n8n with many executions paused, and what becomes of each: called back while n8n is
 * down, or when it is up again, or never, so that its time runs out.
 */
import type { StoredWorkflow } from '../../scripts/n8n/api';
import { readExample } from '../../scripts/n8n/examples';
import { type N8n, openN8n } from '../../scripts/n8n/instance';
import { until } from '../../scripts/n8n/until';
import type { NodeJson, WorkflowJson } from '../engine/support/types';
import { readFilmOf } from './support/film';
import { complaints } from './support/log';
import type { Run } from './support/run';
import { silent } from './support/silent';
import {
	callWorkflow,
	chain,
	GENERATE,
	GET_4K,
	HELD,
	itemsOf,
	noOp,
	pausing,
	second,
	sent,
	SUB_WORKFLOW_TRIGGER,
	untilReady,
} from './support/workflow';
import { AT_ONCE, call, openWorld, webhookTrigger, type World } from './support/world';

/** Of sources, in sandbox seconds: when KieAI calls back for their 4K. */
const BEFORE = ['4k takes 60 s', '4k takes 120 s', '4k takes 180 s'] as const;
const LOST = '4k takes 900 s';
const WHILE_DOWN = '4k takes 5000 s';
const AFTER = '4k takes 50000 s';

/** In minutes: time enough to park, and to kill n8n; soon over then. */
const SHORT = { timeout: 0.75 };
/** And with some callbacks in between. */
const LONGER = { timeout: 1.25 };

const SCENARIO_TIMEOUT_MS = 300_000;

let n8n: N8n;
let world: World;

const webhook = webhookTrigger();
const FROM_BODY = { ...GET_4K, taskId: '={{ $json.body.id }}' };
const upgrade = (parameters: object, node: Partial<NodeJson> = {}) =>
	pausing('4K', { ...FROM_BODY, ...parameters }, node);

/** What is published, and how to start executions of it: one for each body. */
interface Published extends StoredWorkflow {
	start(...bodies: object[]): Promise<void>;
}

/** With a webhook of its own. */
async function publish(workflow: WorkflowJson): Promise<Published> {
	const trigger = webhookTrigger();
	const nodes = workflow.nodes.map((node) => (node === webhook ? trigger : node));
	return {
		...(await world.publish({ ...workflow, nodes })),
		async start(...bodies) {
			await Promise.all(bodies.map(async (body) => await call(world, trigger, body)));
		},
	};
}

function source(prompt: string) {
	return { id: world.sandbox.addTask({ prompt }).id };
}

async function runsOf(stored: StoredWorkflow, count: number): Promise<Run[]> {
	const found = await world.executions(stored, count, ['success', 'error', 'canceled', 'crashed']);
	expect(await world.executions(stored, count)).toHaveLength(count);
	return await Promise.all(found.map(async ({ id }) => await world.ended(id)));
}

async function runOf(stored: StoredWorkflow): Promise<Run> {
	const [run] = await runsOf(stored, 1);
	if (run === undefined) throw new Error(`${stored.name} has not run`);
	return run;
}

const asked = (body: unknown) => (body as { taskId?: unknown }).taskId;

const chargesOf = (sourceId: string) =>
	world.sandbox.ledger.filter((entry) => entry.taskId === sourceId).length;

/** The example with its prompt, one of its waits short, and no pauses before it looks. */
async function resumeOrRetry(prompt: string, node: string, timeout: object): Promise<Published> {
	const example = await readExample('resume-or-retry.json');
	for (const { name, type, parameters } of example.nodes) {
		if (type !== 'n8n-nodes-kieai.kieAi' || parameters === undefined) continue;
		parameters['options'] = { ...AT_ONCE, ...(name === node && timeout) };
		if (parameters['prompt'] !== undefined) parameters['prompt'] = prompt;
	}
	const stored = await world.create(example);
	const start = async () => void (await n8n.api.workflows.run(stored.id, 'Start'));
	return { ...stored, start };
}

const films: Array<{ id: string }> = [];
const lost: Array<{ id: string }> = [];
let several: Array<{ id: string }>;
let stored: Awaited<ReturnType<typeof publishAll>>;
let stillParked: unknown[];

async function publishAll() {
	const toErrorOutput = { onError: 'continueErrorOutput' as const };
	const failed = noOp('Failed');
	const error = { name: 'Error', type: 'n8n-nodes-base.errorTrigger' };
	const errorWorkflow = await publish(chain(error, noOp()));
	const child = await publish(chain(SUB_WORKFLOW_TRIGGER, upgrade({})));

	const prompted = pausing(
		'Generate',
		{ ...GENERATE, prompt: '={{ $json.prompt }}' },
		{ onError: 'continueRegularOutput' },
	);
	const picksUp = { taskId: '={{ $json.videoTaskId ?? $json.body.id }}', onTimeout: 'output' };
	const each = { taskId: '={{ $json.id }}', onTimeout: 'output', options: LONGER };
	const forEach = chain(webhook, itemsOf('items'), upgrade(each, toErrorOutput), noOp());
	const ending = chain(webhook, upgrade({ options: SHORT }), noOp());
	const goingOn = chain(webhook, upgrade({ options: SHORT }, toErrorOutput), noOp());
	return {
		errorWorkflow,
		child,
		films: await publish(chain(webhook, upgrade({}), noOp())),
		parent: await publish(chain(webhook, callWorkflow(child), noOp())),
		videos: await publish(chain(webhook, itemsOf('items'), prompted, noOp())),
		several: await publish(second(forEach, '4K', failed)),
		loop: await publish(untilReady(webhook, upgrade({ ...picksUp, options: SHORT }))),
		ending: await publish({ ...ending, settings: { errorWorkflow: errorWorkflow.id } }),
		goingOn: await publish(second(goingOn, '4K', failed)),
		late4k: await resumeOrRetry(`takes 1 s, ${LOST}`, 'Veo get 4K video', LONGER),
		lateVideo: await resumeOrRetry(`takes 900 s, ${AFTER}`, 'Veo generate video', SHORT),
	};
}

const waitingIn = async ({ id }: StoredWorkflow) => await n8n.api.executions.list(id, ['waiting']);

/** Of all workflows; those that wait for a child among them. */
async function whenParked(count: number): Promise<void> {
	await until({ what: `${count} executions to wait` }, async () => {
		const lists = await Promise.all(Object.values(stored).map(waitingIn));
		return lists.flat().length === count ? true : undefined;
	});
}

async function whenCharged(count: number): Promise<void> {
	await until({ what: `${count} tasks` }, () =>
		world.sandbox.ledger.length === count ? true : undefined,
	);
}

/** Tasks of all executions, the late video's upgrade included. */
const CHARGED = 20 + 1 + 3 + 5 + 3 + 1 + 1 + 2 + 2;

beforeAll(async () => {
	n8n = await openN8n({ progress: silent });
	world = await openWorld(n8n, HELD);
	const { sandbox } = world;
	stored = await publishAll();

	for (let n = 0; n < 20; n++) films.push(source(n % 2 === 0 ? WHILE_DOWN : AFTER));
	await stored.films.start(...films);
	await stored.parent.start(source(AFTER));
	const prompts = ['takes 900 s', 'takes 50000 s', 'fail: too dark, takes 950 s'];
	await stored.videos.start({ items: prompts.map((prompt) => ({ prompt })) });
	await whenParked(20 + 2 + 1);

	several = [BEFORE[2], LOST, `fail 4k, ${BEFORE[1]}`, LOST, BEFORE[0]].map(source);
	await stored.several.start({ items: several });
	await stored.late4k.start();
	await whenParked(20 + 2 + 1 + 1 + 1);
	for (const told of [2, 3, 4]) {
		await sandbox.advance(60);
		await until({ what: `${told} callbacks to be taken` }, () =>
			sandbox.callbacks.filter(({ done }) => done).length === told ? true : undefined,
		);
		await whenCharged(20 + 1 + 3 + 5 + 2);
		await whenParked(20 + 2 + 1 + 1 + 1);
	}

	for (let n = 0; n < 5; n++) lost.push(source(LOST));
	await stored.loop.start(...lost.slice(0, 3));
	await stored.ending.start(...lost.slice(3, 4));
	await stored.goingOn.start(...lost.slice(4));
	await stored.lateVideo.start();
	await whenParked(20 + 2 + 1 + 1 + 1 + 3 + 1 + 1 + 1);

	await n8n.kill('SIGKILL');
	sandbox.configure({ callbackRetrySeconds: 600 });
	for (const seconds of [900, 600, 600, 600, 5000]) {
		await sandbox.advance(seconds);
		await sandbox.settled();
	}
	await n8n.start();
	stillParked = await waitingIn(stored.films);
	await sandbox.advance(600);
	await whenCharged(CHARGED);
	await sandbox.settled();
	sandbox.configure({ callbackRetrySeconds: 1 });
	await world.executions(stored.lateVideo, 1, ['waiting']);
	await sandbox.advance(60_000);
}, SCENARIO_TIMEOUT_MS);

afterAll(async () => {
	await world.close();
	await n8n.close();
});

it('20 executions go on, called back while n8n is down or after, each charged once', async () => {
	const runs = await runsOf(stored.films, 20);

	expect(stillParked).toHaveLength(20);
	for (const run of runs) {
		const { id } = run.json('Webhook')[0]?.['body'] as { id: string };
		expect(run.error()).toBeUndefined();
		expect(run.json('After')).toMatchObject([{ status: 'succeeded', videoTaskId: id }]);
		expect([run.runs('4K'), run.runs('After')]).toEqual([1, 1]);
		expect(chargesOf(id)).toBe(1);
		expect(sent(world, 'get4k').filter(({ body }) => asked(body) === id)).toHaveLength(1);
	}
	expect(new Set(runs.map((run) => run.json('After')[0]?.['videoTaskId'])).size).toBe(20);
});

it('a parent goes on when its child does', async () => {
	const parent = await runOf(stored.parent);
	await runOf(stored.child);

	expect(parent.error()).toBeUndefined();
	expect(parent.json('After')).toMatchObject([{ kind: 'upgrade4k', status: 'succeeded' }]);
	expect(parent.runs('After')).toBe(1);
});

it('those that nobody calls back time out with their task, and a loop picks them up for free', async () => {
	for (const run of await runsOf(stored.loop, 3)) {
		const { id } = run.json('Webhook')[0]?.['body'] as { id: string };
		expect(run.error()).toBeUndefined();
		expect(run.json('Again')).toMatchObject([{ status: 'timedOut', taskId: id, videoTaskId: id }]);
		expect(run.json('After')).toMatchObject([{ status: 'succeeded', videoTaskId: id }]);
		expect(['4K', 'Again', 'After'].map(run.runs)).toEqual([2, 1, 1]);
		expect(chargesOf(id)).toBe(1);
	}
});

it('with On Timeout set to Stop with Error, the execution fails and the error workflow runs', async () => {
	const id = lost[3]?.id ?? '';
	const run = await runOf(stored.ending);
	const told = await runOf(stored.errorWorkflow);

	expect(run.status).toBe('error');
	expect(run.error()?.message).toContain('not ready after 0.75 minutes');
	expect(run.error()?.message).toContain(id);
	expect(run.error()?.description).toContain(`'Get 4K' with the Task ID '${id}'`);
	expect(run.runs('After')).toBe(0);
	expect(told.json('After')).toMatchObject([
		{ execution: { id: run.id, error: { message: run.error()?.message } } },
	]);
});

it('with On Error set to the error output, the timed-out item goes there', async () => {
	const id = lost[4]?.id ?? '';
	const run = await runOf(stored.goingOn);

	expect(run.status).toBe('success');
	expect(run.runs('After')).toBe(0);
	expect(run.json('Failed')).toMatchObject([
		{ error: expect.stringContaining(id), details: { status: 'timedOut', taskId: id } },
	]);
});

it('of several items, each comes out once as it is known: ready, failed or timed out', async () => {
	const run = await runOf(stored.several);

	expect(run.error()).toBeUndefined();
	expect(run.items('4K').map(({ pairedItem }) => pairedItem)).toEqual(
		[0, 1, 3, 4].map((item) => ({ item })),
	);
	expect(run.json('After')).toMatchObject([
		{ status: 'succeeded', videoTaskId: several[0]?.id },
		{ status: 'timedOut', videoTaskId: several[1]?.id },
		{ status: 'timedOut', videoTaskId: several[3]?.id },
		{ status: 'succeeded', videoTaskId: several[4]?.id },
	]);
	expect(run.json('Failed')).toMatchObject([
		{ details: { status: 'failed', videoTaskId: several[2]?.id } },
	]);
	expect(several.map(({ id }) => chargesOf(id))).toEqual([1, 1, 1, 1, 1]);
});

it('a callback that comes makes up for those that were lost, where KieAI can be asked', async () => {
	const run = await runOf(stored.videos);

	expect(run.error()).toBeUndefined();
	expect(run.json('After')).toMatchObject([
		{ status: 'succeeded' },
		{ status: 'succeeded' },
		{ details: { status: 'failed', errorMessage: expect.stringContaining('too dark') } },
	]);
	expect(run.runs('After')).toBe(1);
});

describe('resume-or-retry', () => {
	it.each([
		['video', 'lateVideo', { 'Veo get video': 1, 'Veo get 4K video again': 0 }],
		['4K version', 'late4k', { 'Veo get video': 0, 'Veo get 4K video again': 1 }],
	] as const)('picks up a %s that was not there in time', async (_what, which, pickedUp) => {
		const run = await runOf(stored[which]);

		expect(run.error()).toBeUndefined();
		for (const [node, times] of Object.entries(pickedUp)) expect(run.runs(node)).toBe(times);
		expect(run.runs('Veo generate video')).toBe(1);
		expect(run.runs('Film')).toBe(1);
		expect(await readFilmOf(world, run.items('Film')[0])).toMatchObject({ width: 3840 });
	});
});

it('nothing is charged twice, nothing waits any longer, and nothing went wrong in n8n', async () => {
	const { ledger } = world.sandbox;
	await whenParked(0);
	expect(ledger).toHaveLength(CHARGED);
	expect(new Set(ledger.map(({ operation, taskId }) => operation + taskId)).size).toBe(CHARGED);
	expect(world.sandbox.violations).toEqual([]);
	expect(complaints(await n8n.log())).toEqual([]);
});

it("a person's Retry of an execution that timed out repeats the error, and charges nothing", async () => {
	const timedOut = await runOf(stored.ending);
	const again = await world.ended(await n8n.api.executions.retry(timedOut.id));

	expect(again.error()?.message).toBe(timedOut.error()?.message);
	expect(world.sandbox.ledger).toHaveLength(CHARGED);
});
