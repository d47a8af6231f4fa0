/** From a callback to the next node: our node against n8n's own Wait node. */
import { setTimeout as pause } from 'node:timers/promises';

import { until } from '../../scripts/n8n/until';
import { chain, noOp } from '../e2e/support/workflow';
import { openWorld, type World } from '../e2e/support/world';
import { signedCallback, type SignedCallback } from './callback';
import type { NodeJson } from '../engine/support/types';
import type { Bench } from './measure';
import { takeTurns } from './rounds';
import type { Size, Table } from './table';
import { kieAi, PAUSED, publish, type Published, SOURCE, VERSIONS } from './workflows';

/** What n8n has for waiting until it is called. */
const WAIT_NODE = 'Wait node, on webhook';
/** Nothing is ready before the sandbox's clock is moved. */
const HELD_SECONDS = 3600;
const SIZES = [
	{ label: '1 at once', n: 1, rounds: 40, mostSeconds: 60 },
	{ label: '5 at once', n: 5, rounds: 12, mostSeconds: 50 },
	{ label: '20 at once', n: 20, rounds: 8, mostSeconds: 50 },
];
/** n8n says that an execution waits a little before it has stored it, and is done with it. */
const BEFORE_CALLBACK_MS = 500;
/** Whoever looks more often takes n8n's time from those who are waking. */
const BETWEEN_LOOKS_MS = 500;

export async function measureWaking({ n8n, progress }: Bench): Promise<Table[]> {
	const world = await openWorld(n8n, { clockScale: 1, upgrade4kSeconds: HELD_SECONDS });
	const contestants = [
		{ name: PAUSED, ...(await ourNode(world)) },
		{ name: WAIT_NODE, ...(await waitNode(world)) },
	].map(({ name, workflow, resume }) => ({
		name,
		run: async ({ n }: Size) => ({ wake: await wakeAll(world, workflow, n, resume) }),
	}));
	const { wake = [] } = await takeTurns(contestants, {
		title: 'From callback to next node',
		sizes: SIZES,
		progress,
	});
	await world.close();
	return [
		{
			id: 'wake',
			title: 'From callback to next node',
			how: "That many executions pause, and are called back in the same moment. From that moment to the start of each one's next node, on average, unscaled. Our node proves the callback, and runs again, on the way; n8n's Wait node, on webhook, is called with a signed callback too, and passes on what comes: it is the floor, which n8n itself sets. n8n's garbage is left to n8n here.",
			unit: 'ms',
			sizes: SIZES,
			subjects: wake,
			goals: [{ ours: PAUSED, other: WAIT_NODE, atMost: 1.25 }],
		},
	];
}

interface Sleeper {
	workflow: Published;
	/** Calls all of them back. @returns the moment, in ms */
	resume(executionIds: string[]): Promise<number>;
}

async function ourNode(world: World): Promise<Sleeper> {
	const node = kieAi({ operation: 'get4k', taskId: SOURCE, waitForResult: 'callback' });
	const workflow = await publish(world, 'Paused by our node', (trigger) =>
		chain(trigger, node, noOp()),
	);
	const resume = async () => {
		const at = Date.now();
		await world.sandbox.advance(HELD_SECONDS);
		return at;
	};
	return { workflow, resume };
}

async function waitNode(world: World): Promise<Sleeper> {
	const url = {
		name: 'Resume URL',
		type: 'n8n-nodes-base.set',
		typeVersion: 3.4,
		parameters: { mode: 'raw', jsonOutput: '={{ { "url": $execution.resumeUrl } }}' },
	};
	const workflow = await publish(world, "Paused by n8n's Wait node", (trigger) =>
		chain(trigger, url, waitForCall(), noOp()),
	);
	const resume = async (executionIds: string[]) => {
		const urls = await Promise.all(
			executionIds.map(async (id) => {
				const { data } = await world.n8n.api.executions.get(id);
				const [item] = data.resultData.runData[url.name]?.[0]?.data?.['main']?.[0] ?? [];
				return String(item?.json['url']);
			}),
		);
		const callback = signedCallback('veo_bench', world.sandbox.hmacKey);
		const at = Date.now();
		await Promise.all(urls.map(async (each) => await call(each, callback)));
		return at;
	};
	return { workflow, resume };
}

function waitForCall(): NodeJson {
	const parameters = { resume: 'webhook', httpMethod: 'POST' };
	const type = 'n8n-nodes-base.wait';
	return { name: 'Wait', type, typeVersion: VERSIONS.Wait, webhookId: 'bench-wait', parameters };
}

async function call(url: string, callback: SignedCallback): Promise<void> {
	const response = await fetch(url, { method: 'POST', ...callback });
	if (!response.ok) throw new Error(`The Wait node answered ${response.status}`);
	await response.body?.cancel();
}

/** @returns ms from the callbacks to the start of the next node, on average */
async function wakeAll(
	world: World,
	workflow: Published,
	count: number,
	resume: Sleeper['resume'],
): Promise<number> {
	for (let started = 0; started < count; started++) {
		await workflow.start({ id: world.sandbox.addTask({ state: 'success' }).id });
	}
	const paused = (await world.executions(workflow, count, ['waiting'])).map(({ id }) => id);
	await pause(BEFORE_CALLBACK_MS);
	const calledAt = await resume(paused);
	const patience = { what: 'all to go on', intervalMs: BETWEEN_LOOKS_MS };
	await pause(BETWEEN_LOOKS_MS);
	await until(patience, async () => {
		const waking = await world.n8n.api.executions.list(workflow.id, ['waiting', 'running']);
		return waking.length === 0 || undefined;
	});
	const runs = await Promise.all(paused.map(world.ended));
	const times = runs.map(({ status, data }) => {
		const startedAt = data.resultData.runData['After']?.[0]?.startTime;
		if (status !== 'success' || startedAt === undefined) throw new Error('It did not go on');
		return startedAt - calledAt;
	});
	await world.n8n.api.executions.delete(...paused);
	return times.reduce((sum, ms) => sum + ms, 0) / times.length;
}
