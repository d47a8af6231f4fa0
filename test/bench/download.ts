/** How fast films of any size come in, and what memory it takes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { N8n } from '../../scripts/n8n/instance';
import { until } from '../../scripts/n8n/until';
import { chain, noOp } from '../e2e/support/workflow';
import { openWorld, type World } from '../e2e/support/world';
import type { NodeJson } from '../engine/support/types';
import { collectGarbage } from './garbage';
import type { Bench } from './measure';
import { takeTurns } from './rounds';
import type { Size, Table } from './table';
import { httpRequest, kieAi, publish, type Published } from './workflows';

const MB = 1024 ** 2;

interface FilmSize extends Size {
	/** One after another in a round: how many garbage collections fall into a short download is chance. */
	films: number;
	/** Whoever looks more often takes n8n's time from the download. */
	betweenLooksMs: number;
}

const SIZES: Array<FilmSize & { rounds: number }> = [
	{ label: '10 MB', n: 10, films: 10, betweenLooksMs: 200, rounds: 12 },
	{ label: '100 MB', n: 100, films: 4, betweenLooksMs: 500, rounds: 10 },
	{ label: '1 GB', n: 1024, films: 1, betweenLooksMs: 500, rounds: 5 },
];
const OURS = 'KieAI, Download';
const HTTP = 'HTTP Request, response as file';
/** As little as a community node can do. */
const BOUND = 'A node that only downloads';
const CURL = 'curl, to the same disk';
/** V8 tidies up after a garbage collection. */
const SETTLE_MS = 1_000;
/** Far from any film's size. */
const FLAT_MB = 32;
/** Chance adds as much. */
const NOISE_MB = 10;
/** In all workflows. */
const NODE = 'Fetch';

export async function measureDownloads({ n8n, progress }: Bench): Promise<Table[]> {
	const world = await openWorld(n8n, { clockScale: 1 });
	const ours = kieAi({
		resource: 'file',
		operation: 'download',
		fileUrl: '={{ $json.body.url }}',
		options: { maxFileSize: 4096 },
	});
	const file = { response: { response: { responseFormat: 'file' } } };
	const http = httpRequest(NODE, { method: 'GET', url: '={{ $json.body.url }}', options: file });
	const plain = {
		name: NODE,
		type: 'CUSTOM.plainDownload',
		parameters: { url: '={{ $json.body.url }}' },
	};
	const inN8n = async (name: string, node: NodeJson) => {
		const workflow = await publish(world, name, (trigger) => chain(trigger, node, noOp()));
		return { name, run: async (size: FilmSize) => await download(n8n, world, workflow, size) };
	};
	const contestants = [
		await inN8n(OURS, { ...ours, name: NODE }),
		await inN8n(HTTP, http),
		await inN8n(BOUND, plain),
		{ name: CURL, mostRounds: 3, run: async (size: FilmSize) => await curl(n8n, world, size) },
	];
	const {
		throughput = [],
		time = [],
		memory = [],
	} = await takeTurns(contestants, {
		title: 'Downloads',
		sizes: SIZES,
		progress,
	});
	await world.close();
	return [
		{
			id: 'download',
			title: 'Throughput of downloads',
			how: "A finished film is fetched into n8n, which keeps binary data in its file system, as it does by default. Size by the time from the request for the film to the node's end. A round begins with a garbage collection, and fetches ten films of 10 MB, four of 100 MB or one of 1 GB, one after another: how many collections fall into a short download is chance. The third does nothing but download, with n8n's helper for requests that community nodes are held to: it copies through one more stream than the older helper of the HTTP Request node. curl writes to the same disk, without n8n, one film a round; its start counts.",
			unit: 'MB per second',
			sizes: SIZES,
			subjects: throughput,
			goals: [{ ours: OURS, other: HTTP, atLeast: 0.95, bound: BOUND }],
		},
		{
			id: 'download-time',
			title: 'Time that a download takes',
			how: 'In the same rounds: all of the time that the node takes for a film, on average. Ours asks KieAI for a fresh link in it; the others are given one.',
			unit: 'ms',
			sizes: SIZES,
			subjects: time,
			goals: [{ ours: OURS, other: HTTP }],
		},
		{
			id: 'download-memory',
			title: 'Memory that a download takes',
			how: 'In the same rounds: the highest resident memory of n8n meanwhile, less what it was before the round.',
			unit: 'MB',
			noise: NOISE_MB,
			sizes: SIZES,
			subjects: memory.filter(({ name }) => name !== CURL),
			goals: [{ ours: OURS, atMost: FLAT_MB }],
		},
	];
}

/** A finished task whose film is of that size. */
function placeFilm({ sandbox }: World, { n }: Size): { url: string } {
	sandbox.configure({ filmBytes: n * MB });
	const { videos } = sandbox.addTask({ state: 'success' });
	return { url: String(videos[0]?.url) };
}

/** A round: the films' throughput together, the time that one takes on average, and the most memory. */
async function download(
	n8n: N8n,
	world: World,
	workflow: Published,
	size: FilmSize,
): Promise<Record<'throughput' | 'time' | 'memory', number>> {
	await collectGarbage(n8n);
	await pause(SETTLE_MS);
	await forgetPeak(n8n);
	const before = (await n8n.memory()).now;
	let [seconds, ms] = [0, 0];
	for (let film = 0; film < size.films; film++) {
		const fetched = await fetchFilm(n8n, world, workflow, size);
		seconds += fetched.seconds;
		ms += fetched.ms;
	}
	const { peak } = await n8n.memory();
	return {
		throughput: (size.films * size.n) / seconds,
		time: ms / size.films,
		memory: Math.max(0, peak - before) / MB,
	};
}

/** @returns seconds from the request for the film to the node's end, and all ms of the node */
async function fetchFilm(
	n8n: N8n,
	world: World,
	workflow: Published,
	size: FilmSize,
): Promise<{ seconds: number; ms: number }> {
	await workflow.start(placeFilm(world, size));
	const patience = { what: 'the film', intervalMs: size.betweenLooksMs };
	const id = await until(patience, async () => {
		const [ended] = await n8n.api.executions.list(workflow.id, ['success', 'error']);
		return ended?.id;
	});
	const run = await world.ended(id);
	const node = run.data.resultData.runData[NODE]?.[0];
	if (run.status !== 'success' || node === undefined) {
		throw new Error(`${workflow.name} has failed: ${run.error()?.message}`);
	}
	await n8n.api.executions.delete(run.id);
	await forgetFilms(n8n);
	const asked = world.sandbox.requests.findLast(({ endpoint }) => endpoint === 'file');
	return {
		seconds: (node.startTime + node.executionTime - Number(asked?.realAt)) / 1000,
		ms: node.executionTime,
	};
}

/** Linux: from now on, the highest memory is that of what comes. */
async function forgetPeak(n8n: N8n): Promise<void> {
	await writeFile(`/proc/${n8n.pid()}/clear_refs`, '5');
}

/** n8n itself removes them an hour after their execution. */
async function forgetFilms({ userFolder }: N8n): Promise<void> {
	const folder = join(userFolder, '.n8n/storage');
	for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
}

async function curl(
	{ userFolder }: N8n,
	world: World,
	size: Size,
): Promise<Record<'throughput' | 'time', number>> {
	const { url } = placeFilm(world, size);
	const target = join(userFolder, 'film.mp4');
	const begun = performance.now();
	const child = spawn('curl', ['--silent', '--fail', '--output', target, url]);
	const [code] = (await once(child, 'exit')) as [number | null];
	const seconds = (performance.now() - begun) / 1000;
	if (code !== 0) throw new Error(`curl ended with ${code}`);
	await rm(target);
	return { throughput: size.n / seconds, time: seconds * 1000 };
}
