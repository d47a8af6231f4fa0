/** What n8n uses while many films are under way. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

import { EXECUTION_STATUSES, type ExecutionStatus } from '../../scripts/n8n/api';
import { type N8n, openN8n } from '../../scripts/n8n/instance';
import { until } from '../../scripts/n8n/until';
import { openWorld, type World } from '../e2e/support/world';
import { collectGarbage, COLLECTABLE, SETTLE_SECONDS } from './garbage';
import type { Bench } from './measure';
import { spreadOf } from './stats';
import type { Size, Subject, Table } from './table';
import { LOOP, PAUSED, POLLED, publish4k, type Published, publishWays } from './workflows';

/** Nothing is ready before the sandbox's clock is moved. */
const HELD_SECONDS = 3600;
const INTERVAL_SECONDS = 30;
const SIZES = [100, 250, 500].map((n) => ({ label: `${n} films`, n }));
const STARTS_AT_ONCE = 10;
/** A whole interval of those who look. */
const WATCH_MS = INTERVAL_SECONDS * 1000;
const PATIENCE_MS = 300_000;
/** In percent of a core: n8n does this and that by itself. */
const CPU_NOISE = 2;
/** Of Linux' process accounting. */
const TICKS_PER_SECOND = 100;
const IDLE = 'n8n that has run as many executions';
/** Who is compared, and how the executions of each stand meanwhile. */
const PAIRS: Standing[][] = [
	[
		{ name: PAUSED, status: 'waiting' },
		{ name: IDLE, status: 'success' },
	],
	[
		{ name: POLLED, status: 'running' },
		{ name: LOOP, status: 'running' },
	],
];

interface Standing {
	name: string;
	status: ExecutionStatus;
}

interface Load {
	/** Resident memory of n8n in MB. */
	memory: number;
	/** Of one core, in percent. */
	cpu: number;
	/** Requests to KieAI per minute. */
	calls: number;
}

export async function measureLoad({ n8n, progress }: Bench): Promise<Table[]> {
	// It would only take the machine's time.
	await n8n.kill();
	const loads: Loaded[] = [];
	for (const pair of PAIRS) loads.push(...(await sideBySide(pair, progress)));

	const measured = (figure: keyof Load): { sizes: Size[]; subjects: Subject[] } => ({
		sizes: SIZES,
		subjects: loads.map(({ name, loads: each }) => ({
			name,
			figures: each.map((load) => [load[figure]]),
		})),
	});
	const how = `Unscaled, each on a new n8n of its own, watched for ${WATCH_MS / 1000} s while that many 4K films are under way, each in an execution of its own; what looks does so each ${INTERVAL_SECONDS} s. Those that are compared are watched in the same seconds, once. What starting so many executions has left behind in n8n is there in all of them: the second asks for as many films and waits for none.`;
	return [
		{
			id: 'memory',
			title: 'Memory of n8n with films under way',
			how: `${how} Resident memory, the median of a look each second, after a garbage collection that leaves what n8n cannot do without: until one, an n8n that rests holds some hundred MB of what it has started before.`,
			unit: 'MB',
			...measured('memory'),
			goals: [
				{ ours: PAUSED, other: IDLE, atMost: 1.1 },
				{ ours: POLLED, other: LOOP, atMost: 1.1 },
			],
		},
		{
			id: 'cpu',
			title: 'CPU of n8n with films under way',
			how: `In the same run: the share of one core that n8n has used, from ${SETTLE_SECONDS.thorough} s after the garbage collection on, which has V8 tidy up for a second or two.`,
			unit: '% of a core',
			noise: CPU_NOISE,
			...measured('cpu'),
			goals: [
				{ ours: PAUSED, other: IDLE, within: CPU_NOISE },
				{ ours: POLLED, other: LOOP, atMost: 1 },
			],
		},
		{
			id: 'calls-per-minute',
			title: 'API calls a minute with films under way',
			how: 'In the same run.',
			unit: 'calls per minute',
			...measured('calls'),
			goals: [],
		},
	];
}

interface Loaded {
	name: string;
	/** By size. */
	loads: Load[];
}

/** One size after the other, each way in a new n8n of its own, both in the same seconds. */
async function sideBySide(pair: Standing[], progress: Bench['progress']): Promise<Loaded[]> {
	const n8ns: N8n[] = [];
	try {
		const all = [];
		for (const { name, status } of pair) {
			const n8n = await openN8n({ progress, env: COLLECTABLE });
			n8ns.push(n8n);
			const world = await openWorld(n8n, {
				clockScale: 1,
				upgrade4kSeconds: HELD_SECONDS,
				// As quick as n8n starts them: how fast KieAI takes them is another measure.
				submissionsPer10Seconds: 1_000_000,
			});
			const ways = new Map(await publishWays(world, INTERVAL_SECONDS));
			const workflow = ways.get(name) ?? (await publish4k(world, 'none', {}));
			all.push({ name, status, n8n, world, workflow, loads: [] as Load[] });
		}
		progress.begin(`500 films: ${pair.map(({ name }) => name).join(', beside ')}`);
		for (const { n, label } of SIZES) {
			progress.tell(`starting ${label}`);
			await Promise.all(
				all.map(async ({ status, n8n, world, workflow }) => {
					await startUpTo(world, workflow, n);
					await allStand(n8n, workflow, status);
				}),
			);
			await Promise.all(n8ns.map((n8n) => collectGarbage(n8n, { thoroughly: true })));
			progress.tell(`watching ${label}`);
			await Promise.all(
				all.map(async ({ n8n, world, loads }) => loads.push(await watch(n8n, world))),
			);
		}
		for (const { world } of all) await world.sandbox.close();
		progress.succeed('done');
		return all;
	} finally {
		// None of the executions is ended: all at once they are more than n8n's database takes.
		await Promise.allSettled(n8ns.map((n8n) => n8n.close()));
	}
}

async function startUpTo({ sandbox }: World, workflow: Published, count: number): Promise<void> {
	while (sandbox.tasks().length < 2 * count) {
		const starts = Array.from({ length: STARTS_AT_ONCE }, async () => {
			await workflow.start({ id: sandbox.addTask({ state: 'success' }).id });
		});
		await Promise.all(starts);
		await until(
			{ what: 'the films to be asked for', timeoutMs: PATIENCE_MS, intervalMs: 10 },
			() => (sandbox.ledger.length * 2 === sandbox.tasks().length ? true : undefined),
		);
	}
}

/** Ends once no execution of the workflow is in another state. */
async function allStand({ api }: N8n, { id }: Published, status: ExecutionStatus): Promise<void> {
	const others = EXECUTION_STATUSES.filter((each) => each !== status);
	await until({ what: `all executions to be ${status}` }, async () => {
		return (await api.executions.list(id, others)).length === 0 ? true : undefined;
	});
}

async function watch(n8n: N8n, { sandbox }: World): Promise<Load> {
	const memory: number[] = [];
	const [cpuBefore, callsBefore] = [await cpuSeconds(n8n.pid()), sandbox.requests.length];
	const startedAt = Date.now();
	while (Date.now() - startedAt < WATCH_MS) {
		memory.push((await n8n.memory()).now / 1024 ** 2);
		await pause(1_000);
	}
	const seconds = (Date.now() - startedAt) / 1000;
	return {
		memory: spreadOf(memory).median,
		cpu: (((await cpuSeconds(n8n.pid())) - cpuBefore) / seconds) * 100,
		calls: ((sandbox.requests.length - callsBefore) / seconds) * 60,
	};
}

/** User and system time of a process; Linux only. */
async function cpuSeconds(pid: number): Promise<number> {
	const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
	// After the name, which may hold anything, in parentheses.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
