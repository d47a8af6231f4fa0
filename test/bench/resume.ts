/**
 * `npm run bench:resume`: what pausing costs, on one real n8n. How long it takes from a callback to the next node, for
 * our node and for n8n's own Wait node in turn; and what n8n uses while many executions are paused, and while as many
 * check until ready. Writes docs/benchmarks.md.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import type { IDataObject } from 'n8n-workflow';
import { format } from 'prettier';

import { openProgress, type Progress } from '../../scripts/demo/progress';
import type { StoredWorkflow } from '../../scripts/n8n/api';
import { type N8n, openN8n } from '../../scripts/n8n/instance';
import { until } from '../../scripts/n8n/until';
import { call, openWorld, webhookTrigger, type World } from '../e2e/support/world';
import { chain } from '../engine/support/engine';
import type { NodeJson } from '../engine/support/types';
import { KIEAI_NODE } from '../engine/support/world';
import { type Spread, spreadOf } from './stats';

const REPORT = join(__dirname, '../../docs/benchmarks.md');

const WARM_UP_ROUNDS = 5;
/** Nothing is ready before `finishAll` says so. */
const VIDEO_SECONDS = 3600;
const STARTS_AT_ONCE = 10;
const BEFORE_CALLBACK_MS = 500;
const SETTLE_MS = 15_000;
const WATCH_MS = 45_000;
/** Of Linux' process accounting. */
const TICKS_PER_SECOND = 100;

const AFTER: NodeJson = { name: 'After', type: 'n8n-nodes-base.noOp', typeVersion: 1 };

interface Subject {
	name: string;
	workflow: StoredWorkflow;
	trigger: { webhookId: string };
	/** Lets the paused execution go on; returns the moment of the callback, in ms. */
	resume(executionId: string): Promise<number>;
}

interface Load {
	/** Resident memory of n8n in bytes, on average. */
	memory: number;
	/** Of one core, 1 for all of it. */
	cpu: number;
	/** Requests to KieAI per minute. */
	callsPerMinute: number;
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			rounds: { type: 'string', default: '30' },
			executions: { type: 'string', default: '200' },
		},
	});
	const elapsed = (since: number) => `${Math.round((Date.now() - since) / 1000)} s`;
	const progress = openProgress(process.stdout, elapsed, 10_000);
	const n8n = await openN8n({ progress });
	try {
		const world = await openWorld(n8n, {
			clockScale: 1,
			videoSeconds: VIDEO_SECONDS,
			// Many executions at once are no batch of one: the limit is not what is measured.
			submissionsPer10Seconds: 1_000_000,
		});
		try {
			const latency = await measureLatency(world, Number(values.rounds), progress);
			const load = await measureLoad(n8n, world, Number(values.executions), progress);
			await report(latency, load, Number(values.rounds), Number(values.executions));
		} finally {
			await world.close();
		}
	} finally {
		await n8n.close();
	}
}

/** From callback to next node, in ms. */
interface Latency {
	ours: Spread;
	wait: Spread;
	/** Round by round. */
	ratio: Spread;
}

async function measureLatency(world: World, rounds: number, progress: Progress): Promise<Latency> {
	progress.begin('From callback to next node');
	const [ours, wait] = [await ourNode(world), await waitNode(world)];
	const figures: Array<{ ours: number; wait: number }> = [];
	for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
		progress.tell(`round ${Math.max(0, round + 1)} of ${rounds}`);
		const figure = { ours: await resumeOnce(world, ours), wait: await resumeOnce(world, wait) };
		if (round >= 0) figures.push(figure);
	}
	const latency = {
		ours: spreadOf(figures.map((figure) => figure.ours)),
		wait: spreadOf(figures.map((figure) => figure.wait)),
		ratio: spreadOf(figures.map((figure) => figure.ours / figure.wait)),
	};
	progress.succeed(`${ms(latency.ours)}, Wait node ${ms(latency.wait)}`);
	return latency;
}

async function ourNode(world: World): Promise<Subject> {
	const trigger = webhookTrigger();
	const workflow = await world.publish({
		name: 'Paused by our node',
		...chain(trigger, kieAi('callback'), AFTER),
	});
	return {
		name: 'KieAI',
		workflow,
		trigger,
		async resume() {
			const at = Date.now();
			await world.sandbox.advance(VIDEO_SECONDS);
			return at;
		},
	};
}

async function waitNode(world: World): Promise<Subject> {
	const trigger = webhookTrigger();
	const workflow = await world.publish({
		name: "Paused by n8n's Wait node",
		...chain(
			trigger,
			{
				name: 'Resume URL',
				type: 'n8n-nodes-base.set',
				typeVersion: 3.4,
				parameters: { mode: 'raw', jsonOutput: '={{ { "url": $execution.resumeUrl } }}' },
			},
			{
				name: 'Wait',
				type: 'n8n-nodes-base.wait',
				typeVersion: 1.1,
				webhookId: 'bench-wait',
				parameters: { resume: 'webhook', httpMethod: 'POST' },
			},
			AFTER,
		),
	});
	return {
		name: 'Wait',
		workflow,
		trigger,
		async resume(executionId) {
			const { data } = await world.n8n.api.executions.get(executionId);
			const [item] = data.resultData.runData['Resume URL']?.[0]?.data?.['main']?.[0] ?? [];
			const at = Date.now();
			const response = await fetch(String(item?.json['url']), { method: 'POST' });
			if (!response.ok) throw new Error(`The Wait node answered ${response.status}`);
			return at;
		},
	};
}

function kieAi(waitForResult: 'callback' | 'poll'): NodeJson {
	const parameters: IDataObject = { operation: 'generate', prompt: 'A red fox', waitForResult };
	return {
		name: 'KieAI',
		type: KIEAI_NODE,
		typeVersion: 1,
		parameters: { ...parameters, options: { timeout: 1440 } } as NodeJson['parameters'] & object,
	};
}

/** Starts one execution, lets it pause, wakes it. @returns ms from the callback to the start of the next node */
async function resumeOnce(world: World, { workflow, trigger, resume }: Subject): Promise<number> {
	await call(world, trigger);
	const [paused] = await world.executions(workflow, 1, ['waiting']);
	if (paused === undefined) throw new Error('No execution has paused');
	// n8n says so a little before it has stored it, and is done with it.
	await pause(BEFORE_CALLBACK_MS);
	const calledAt = await resume(paused.id);
	const { status, data } = await world.ended(paused.id);
	const startedAt = data.resultData.runData['After']?.[0]?.startTime;
	if (status !== 'success' || startedAt === undefined) throw new Error('It did not go on');
	await world.n8n.api.executions.delete(paused.id);
	return startedAt - calledAt;
}

interface Loads {
	idle: Load;
	paused: Load;
	polled: Load;
}

/** Each on an n8n that has just been started, so that none pays for what another has left. */
async function measureLoad(
	n8n: N8n,
	world: World,
	executions: number,
	progress: Progress,
): Promise<Loads> {
	const idle = await underLoad(n8n, world, 0, 'callback', progress);
	const paused = await underLoad(n8n, world, executions, 'callback', progress);
	const polled = await underLoad(n8n, world, executions, 'poll', progress);
	return { idle, paused, polled };
}

async function underLoad(
	n8n: N8n,
	world: World,
	executions: number,
	wait: 'callback' | 'poll',
	progress: Progress,
): Promise<Load> {
	const how = wait === 'callback' ? 'paused' : 'checking until ready';
	progress.begin(executions === 0 ? 'n8n alone' : `${executions} executions ${how}`);
	await n8n.kill();
	await n8n.start();
	const trigger = webhookTrigger();
	const workflow = await world.publish({
		name: `${executions} ${how}`,
		...chain(trigger, kieAi(wait), AFTER),
	});
	await startAll(world, trigger, executions);
	if (wait === 'callback') await noneLeft(world, workflow, ['new', 'running']);
	await pause(SETTLE_MS);

	const load = await watch(n8n, world);
	await world.sandbox.advance(VIDEO_SECONDS);
	await noneLeft(world, workflow, ['new', 'running', 'waiting']);
	const { length } = world.sandbox.ledger.filter(({ taskId }) => taskId !== '');
	progress.succeed(`${megabytes(load.memory)} MB, ${percent(load.cpu)} of a core`);
	if (length < executions) throw new Error('Not all executions were started');
	await world.sandbox.reset();
	return load;
}

async function startAll(
	world: World,
	trigger: { webhookId: string },
	executions: number,
): Promise<void> {
	for (let started = 0; started < executions; started += STARTS_AT_ONCE) {
		const now = Math.min(STARTS_AT_ONCE, executions - started);
		await Promise.all(Array.from({ length: now }, async () => await call(world, trigger)));
	}
	await until({ what: `${executions} tasks at KieAI`, timeoutMs: 300_000 }, async () =>
		world.sandbox.ledger.length >= executions ? true : undefined,
	);
}

async function noneLeft(
	{ n8n }: World,
	{ id }: StoredWorkflow,
	status: Array<'new' | 'running' | 'waiting'>,
): Promise<void> {
	await until({ what: `no execution to be ${status.join(', ')}`, timeoutMs: 300_000 }, async () =>
		(await n8n.api.executions.list(id, status)).length === 0 ? true : undefined,
	);
}

async function watch(n8n: N8n, { sandbox }: World): Promise<Load> {
	const memory: number[] = [];
	const [cpuBefore, callsBefore] = [await cpuSeconds(n8n.pid()), sandbox.requests.length];
	const startedAt = Date.now();
	while (Date.now() - startedAt < WATCH_MS) {
		memory.push((await n8n.memory()).now);
		await pause(1_000);
	}
	const seconds = (Date.now() - startedAt) / 1000;
	return {
		memory: spreadOf(memory).median,
		cpu: ((await cpuSeconds(n8n.pid())) - cpuBefore) / seconds,
		callsPerMinute: ((sandbox.requests.length - callsBefore) / seconds) * 60,
	};
}

/** User and system time of a process; Linux only. */
async function cpuSeconds(pid: number): Promise<number> {
	const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
	// After the name, which may hold anything, in parentheses.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function report(
	{ ours, wait, ratio }: Latency,
	{ idle, paused, polled }: Loads,
	rounds: number,
	executions: number,
): Promise<void> {
	const each = (load: Load) => Math.round((load.memory - idle.memory) / executions / 1024);
	const row = (name: string, load: Load) =>
		`| ${name} | ${megabytes(load.memory)} | ${load === idle ? '–' : each(load)} | ${percent(load.cpu)} | ${Math.round(load.callsPerMinute)} |`;
	const [cpu] = cpus();
	const text = `# Benchmarks

Measured by \`npm run bench:resume\` on n8n 2.41.1 with SQLite, against the sandbox of this package, all on one machine (${cpus().length} cores, ${cpu?.model.trim()}, Node ${process.version} for the sandbox). Repeat it on yours: the command writes this page. Absolute times are the machine's; ratios travel better.

## From a callback to the next node

${rounds} rounds after ${WARM_UP_ROUNDS} to warm up, the two nodes in turn: one execution pauses, is called back, and goes on. From the moment of the callback to the start of the next node, in milliseconds; our node proves the callback, runs again and asks KieAI for the result on the way, n8n's Wait node passes it on.

|  | median | 10 % below | 10 % above |
| --- | --- | --- | --- |
| KieAI, Pause Until Callback | ${ours.median.toFixed(0)} | ${ours.low.toFixed(0)} | ${ours.high.toFixed(0)} |
| n8n's Wait node, on webhook | ${wait.median.toFixed(0)} | ${wait.low.toFixed(0)} | ${wait.high.toFixed(0)} |
| **ratio of the medians** | **${(ours.median / wait.median).toFixed(2)}** | | |
| ratio, round by round | ${ratio.median.toFixed(2)} | ${ratio.low.toFixed(2)} | ${ratio.high.toFixed(2)} |

## ${executions} executions that wait

Each on an n8n that has just been started; watched for ${WATCH_MS / 1000} s once all are under way. Memory is n8n's resident memory, which also has what starting the executions left for the garbage collector.

|  | memory (MB) | per execution (KB) | CPU of one core | calls to KieAI per minute |
| --- | --- | --- | --- | --- |
${row('n8n alone', idle)}
${row(`${executions} × Pause Until Callback`, paused)}
${row(`${executions} × Check Until Ready`, polled)}
`;
	await writeFile(REPORT, await format(text, { parser: 'markdown' }));
	console.log(`\n${text}`);
}

const ms = ({ median }: Spread) => `${median.toFixed(0)} ms`;
const megabytes = (bytes: number) => (bytes / 1024 ** 2).toFixed(0);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
