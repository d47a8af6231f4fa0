/**
 * Many machines: executions that pause, and executions that poll, in n8n's queue mode, while workers are killed and
 * everything else restarts. Nothing is lost or charged twice; what n8n itself gives up is picked up for free.
 */
import type { IDataObject } from 'n8n-workflow';

import type { StoredWorkflow } from '../../scripts/n8n/api';
import type { N8nProcess } from '../../scripts/n8n/process';
import { until } from '../../scripts/n8n/until';
import { complaints } from '../e2e/support/log';
import { silent } from '../e2e/support/silent';
import {
	chain,
	GENERATE,
	GET_4K,
	HELD,
	itemsOf,
	noOp,
	pausing,
	sent,
} from '../e2e/support/workflow';
import { AT_ONCE, call, openWorld, webhookTrigger, type World } from '../e2e/support/world';
import type { NodeJson } from '../engine/support/types';
import { type Cluster, openCluster } from './support/cluster';

/** n8n lists 100 executions of a workflow at most. */
const WORKFLOWS = 4;
const EACH = 75;
const AN_HOUR = 3600;
/** The films are ready in ten groups, one after the other. */
const BETWEEN_SECONDS = 10;
/** Longer than a worker takes for all else. */
const SLOW_MS = 5_000;
const BATCHES = 12;
const BATCH_ITEMS = 5;
/** One at a time, half of them paused and half polling. */
const NEW_VIDEOS = 16;
const VIDEO_SECONDS = 20;
/** What a worker runs at once. */
const SLOTS = 10;
/** n8n looks each minute for executions that have lost their worker. */
const PATIENCE_MS = 300_000;

let cluster: Cluster;
let world: World;

beforeAll(async () => {
	cluster = await openCluster(silent);
	// KieAI may be as quick as it likes here: its limits are not what is tested.
	world = await openWorld(cluster, {
		...HELD,
		submissionsPer10Seconds: 1000,
		callbackRetrySeconds: 30,
	});
}, 600_000);

afterEach(async () => {
	const violations = [...world.sandbox.violations];
	await world.sandbox.reset();
	expect(violations).toEqual([]);
});

afterAll(async () => {
	await world?.close();
	await cluster?.close();
});

/** One of our nodes, for which a worker asks until the result is there. */
function polling(name: string, parameters: object): NodeJson {
	const all = { ...parameters, waitForResult: 'poll', options: AT_ONCE };
	return { name, type: 'n8n-nodes-kieai.kieAi', parameters: all };
}

const upgradeOfItem = polling('4K', { ...GET_4K, taskId: '={{ $json.id }}' });

/** Publishes a workflow of its own for whoever calls it. */
async function publish(...nodes: Parameters<typeof chain>) {
	const trigger = webhookTrigger();
	const stored = await world.publish(chain(trigger, ...nodes));
	return { ...stored, start: async (body: object) => await call(world, trigger, body) };
}

const statusesOf = async (stored: StoredWorkflow) =>
	(await cluster.api.executions.list(stored.id)).map(({ status }) => status);

/** Waits until nothing runs or is to run. */
async function atRest(workflows: StoredWorkflow[]): Promise<void> {
	await until({ what: 'all executions to rest', timeoutMs: PATIENCE_MS }, async () => {
		const statuses = (await Promise.all(workflows.map(statusesOf))).flat();
		return statuses.every((status) => status !== 'running' && status !== 'new') || undefined;
	});
}

/** Waits until KieAI has called about everything, or has given up. */
async function whenCalledBack(): Promise<void> {
	const { sandbox } = world;
	await until({ what: 'KieAI to be through with its callbacks', timeoutMs: PATIENCE_MS }, () => {
		const called = sandbox.tasks().filter(({ callBackUrl }) => callBackUrl !== undefined);
		const isThrough = sandbox.callbacks.every(({ done }) => done);
		return isThrough && sandbox.callbacks.length === called.length ? true : undefined;
	});
}

async function whenReady(workflows: StoredWorkflow[], count: number): Promise<void> {
	await until({ what: `${count} films`, timeoutMs: PATIENCE_MS }, async () => {
		const statuses = (await Promise.all(workflows.map(statusesOf))).flat();
		return statuses.filter((status) => status === 'success').length >= count || undefined;
	});
}

/** What KieAI has called an execution with, and what the processes have logged of it. */
function story(id: string, log: string): string {
	const callbacks = world.sandbox.callbacks
		.filter(({ url }) => url.includes(`/${id}/`))
		.map(({ taskId, attempts }) => {
			const answers = attempts.map(({ status, error }) => status ?? error);
			return `KieAI called about ${taskId}: ${answers.join(', ')}`;
		});
	const of = new RegExp(`\\bexecution\\w*\\W+${id}\\b`, 'i');
	return [...callbacks, ...log.split('\n').filter((line) => of.test(line))].join('\n');
}

/** What has not come to its films, and the story of each that n8n has given up although its worker lives. */
async function othersOf(
	workflows: StoredWorkflow[],
	killed: string[],
): Promise<{ count: number; wrong: string[] }> {
	const log = await cluster.log();
	const lists = await Promise.all(
		workflows.map(async ({ id }) => await cluster.api.executions.list(id)),
	);
	const others = lists.flat().filter(({ status }) => status !== 'success');
	const stories = await Promise.all(
		others.map(async ({ id, status }) => {
			const message = status === 'error' ? `${(await world.ended(id)).error()?.message}` : status;
			const isGivenUp = status === 'crashed' || message.includes('processed too many times');
			const isKilled = killed.includes(id) || !hasBegun(id, log);
			return isGivenUp && isKilled ? [] : [`${id}: ${message}\n${story(id, log)}`];
		}),
	);
	return { count: others.length, wrong: stories.flat() };
}

/** Not so where a worker is killed between taking an execution's last job and saying so. */
function hasBegun(id: string, log: string): boolean {
	const jobs = [...log.matchAll(new RegExp(`Enqueued execution ${id} \\(job (\\d+)\\)`, 'g'))];
	return log.includes(`Worker started execution ${id} (job ${jobs.at(-1)?.[1]})`);
}

async function whenCharged(count: number): Promise<void> {
	await until({ what: `${count} tasks`, intervalMs: 20 }, () =>
		world.sandbox.ledger.length >= count ? true : undefined,
	);
}

/** @returns the executions that die with it */
async function killAndStart(worker: N8nProcess): Promise<string[]> {
	await worker.kill('SIGKILL');
	const killed = await inHand(worker);
	await worker.start();
	return killed;
}

/** What has come out of the executions that ended well. */
async function resultsOf(workflows: StoredWorkflow[]): Promise<IDataObject[]> {
	const results: IDataObject[] = [];
	for (const stored of workflows) {
		for (const { id } of await cluster.api.executions.list(stored.id, ['success'])) {
			results.push(...(await world.ended(id)).json('After'));
		}
	}
	return results;
}

/** What became of each source's upgrade, by those who have asked for it. */
async function filmsOf(workflows: StoredWorkflow[]): Promise<Map<string, number>> {
	const films = new Map<string, number>();
	for (const film of await resultsOf(workflows)) {
		expect(film).toMatchObject({ kind: 'upgrade4k', status: 'succeeded' });
		const source = String(film['videoTaskId']);
		films.set(source, (films.get(source) ?? 0) + 1);
	}
	return films;
}

/** Get 4K once more for what n8n has given up, as a person would, with which so many have been charged in all. */
async function pickUp(sources: Array<{ id: string }>, charged: number): Promise<void> {
	const again = await publish(itemsOf('items'), upgradeOfItem, noOp());
	await again.start({ items: sources });
	// What was killed before it asked is charged now.
	await whenCharged(charged);
	await world.sandbox.advance(2 * AN_HOUR);
	await world.executions(again, 1, ['success', 'error', 'crashed']);
	const films = await filmsOf([again]);
	expect([...films.keys()].sort()).toEqual(sources.map(({ id }) => id).sort());
}

/**
 * Each source has its film, once: from an execution that ended well, or picked up for one that n8n has given up.
 * @param killed the executions that died with a worker, by kill
 */
async function expectAllFilms(
	workflows: StoredWorkflow[],
	sources: Array<{ id: string }>,
	{ each, killed }: { each: number; killed: string[][] },
): Promise<void> {
	const films = await filmsOf(workflows);
	expect([...films.values()].every((times) => times === 1)).toBe(true);
	const missing = sources.filter(({ id }) => !films.has(id));
	expect(missing).not.toHaveLength(0);
	const { count, wrong } = await othersOf(workflows, killed.flat());
	expect(wrong).toEqual([]);
	expect(count).toBeLessThanOrEqual(killed.length * SLOTS);
	expect(count * each).toBe(missing.length);
	await pickUp(missing, sources.length);
	const charged = world.sandbox.ledger.map(({ taskId }) => taskId);
	expect([...new Set(charged)].sort()).toEqual(sources.map(({ id }) => id).sort());
	expect(charged).toHaveLength(sources.length);
	expect(complaints(await cluster.log())).toEqual([]);
}

it('300 paused executions come to their films, whatever is killed and restarted meanwhile', async () => {
	const { workers, main, redis } = cluster;
	const upgrade = pausing('4K', { ...GET_4K, taskId: '={{ $json.body.id }}' });
	const workflows = await Promise.all(
		Array.from({ length: WORKFLOWS }, async () => await publish(upgrade, noOp())),
	);
	const since = world.sandbox.now();
	const sources: Array<{ id: string }> = [];
	const [starting] = await Promise.all([
		whenCharged(50).then(async () => await killAndStart(workers[0])),
		...workflows.map(async ({ start }) => {
			for (let n = 0; n < EACH; n++) {
				const prompt = `4k takes ${AN_HOUR + (n % 10) * BETWEEN_SECONDS} s`;
				const source = { id: world.sandbox.addTask({ prompt }).id };
				sources.push(source);
				await start(source);
			}
		}),
	]);
	await atRest(workflows);
	await world.sandbox.advance(AN_HOUR - (world.sandbox.now() - since) / 1000);

	await whenReady(workflows, 20);
	// KieAI takes its time to confirm a callback, so that the worker is killed in the middle of resuming.
	world.sandbox.faults.add({
		endpoint: 'downloadUrl',
		kind: 'delay',
		ms: SLOW_MS,
		times: 2 * SLOTS,
	});
	await until(
		{ what: 'a worker to resume an execution', timeoutMs: PATIENCE_MS, intervalMs: 50 },
		async () => ((await inHand(workers[1])).length > 0 ? true : undefined),
	);
	const resuming = await killAndStart(workers[1]);
	await whenReady(workflows, 60);
	await redis.restart();
	await whenReady(workflows, 100);
	await main.kill();
	await main.start();
	await whenCalledBack();
	await atRest(workflows);

	const ends = await Promise.all(resuming.map(async (id) => (await world.ended(id)).status));
	expect(ends).toContainEqual(expect.stringMatching(/^(error|crashed)$/));
	await expectAllFilms(workflows, sources, { each: 1, killed: [starting, resuming] });
});

it('Batches that poll are spread over the workers, while one is killed and everything else restarts', async () => {
	const { workers, main, redis } = cluster;
	const before = await Promise.all(workers.map(begun));
	const stored = await publish(itemsOf('items'), upgradeOfItem, noOp());
	const sources: Array<{ id: string }> = [];
	for (let n = 0; n < BATCHES; n++) {
		const items = Array.from({ length: BATCH_ITEMS }, () => ({
			id: world.sandbox.addTask({ prompt: `4k takes ${AN_HOUR} s` }).id,
		}));
		sources.push(...items);
		await stored.start({ items });
	}
	await whenCharged(BATCHES * BATCH_ITEMS);
	const after = await Promise.all(workers.map(begun));
	after.forEach((count, n) => expect(count).toBeGreaterThan(before[n] ?? 0));

	const killed = await killAndStart(workers[0]);
	await redis.restart();
	await main.kill();
	await main.start();
	await world.sandbox.advance(AN_HOUR);
	await atRest([stored]);
	await expectAllFilms([stored], sources, { each: BATCH_ITEMS, killed: [killed] });
});

it('A new video is ordered once, though its worker is killed between the order and the answer', async () => {
	const { workers, main, redis } = cluster;
	world.sandbox.configure({ videoSeconds: VIDEO_SECONDS });
	world.sandbox.faults.add({
		endpoint: 'generate',
		kind: 'delay',
		when: 'after',
		ms: SLOW_MS,
		times: NEW_VIDEOS,
	});
	const parameters = { ...GENERATE, prompt: '={{ $json.body.prompt }}' };
	const workflows = [
		await publish(pausing('Video', parameters), noOp()),
		await publish(polling('Video', parameters), noOp()),
	];
	const prompts = Array.from({ length: NEW_VIDEOS }, (_, take) => `A red fox, take ${take}`);
	for (const [n, prompt] of prompts.entries()) {
		await workflows[n % workflows.length]?.start({ prompt });
	}
	await whenCharged(NEW_VIDEOS / 2);
	const killed = await killAndStart(workers[0]);
	await redis.restart();
	await main.kill();
	await main.start();
	await whenCalledBack();
	await atRest(workflows);

	expect(killed).not.toHaveLength(0);
	const ordered = sent(world, 'generate').map(({ body }) => (body as { prompt: string }).prompt);
	expect([...ordered].sort()).toEqual([...new Set(ordered)].sort());
	expect(world.sandbox.ledger).toHaveLength(ordered.length);
	const { count, wrong } = await othersOf(workflows, killed);
	expect(wrong).toEqual([]);
	expect(count).toBeLessThanOrEqual(SLOTS);
	const videos = await resultsOf(workflows);
	expect(videos).toHaveLength(NEW_VIDEOS - count);
	expect(new Set(videos.map(({ taskId }) => taskId)).size).toBe(NEW_VIDEOS - count);
	for (const video of videos) expect(video).toMatchObject({ status: 'succeeded' });
	expect(complaints(await cluster.log())).toEqual([]);
});

it("A film near the limit of n8n's database is kept there, with a hint, and given back", async () => {
	const megabytes = 200;
	const bytes = megabytes * 1024 ** 2;
	world.sandbox.configure({ filmBytes: bytes });
	const [video] = world.sandbox.addTask().videos;
	const node = {
		name: 'Download',
		type: 'n8n-nodes-kieai.kieAi',
		parameters: { resource: 'file', operation: 'download', fileUrl: '={{ $json.body.url }}' },
	};
	const stored = await publish(node, noOp());
	await stored.start({ url: video?.url });
	const [execution] = await world.executions(stored, 1, ['success', 'error', 'crashed']);
	const run = await world.ended(String(execution?.id));

	expect(run.error()).toBeUndefined();
	expect(run.hints('Download')).toEqual([
		expect.stringContaining(`n8n keeps this film of ${megabytes} MB in its database`),
	]);
	const id = String(run.items('Download')[0]?.binary?.['data']?.id);
	expect(id).toMatch(/^database:/);
	expect((await cluster.api.readBinary(id)).length).toBe(bytes);
});

/** How many executions a worker has begun or woken. */
async function begun(worker: N8nProcess): Promise<number> {
	return (await worker.log()).split('Worker started execution').length;
}

/** Executions that a worker is at, or was when it was killed. */
async function inHand(worker: N8nProcess): Promise<string[]> {
	const log = await worker.log();
	const jobs = (what: string) => [
		...log.matchAll(new RegExp(`Worker ${what} execution (\\d+) \\(job (\\d+)\\)`, 'g')),
	];
	const ended = new Set(jobs('(?:finished|errored while running)').map(([, , job]) => job));
	return jobs('started').flatMap(([, id = '', job]) => (ended.has(job) ? [] : [id]));
}
