/** How fast films of any size come in, and what memory it takes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { N8n } from '../../scripts/n8n/instance';
import { until } from '../../scripts/n8n/until';
import { chain, noOp } from '../e2e/support/workflow';
import { openWorld, type World } from '../e2e/support/world';
import type { NodeJson } from '../engine/support/types';
import { collectGarbage, SETTLE_SECONDS } from './garbage';
import type { Bench } from './measure';
import { type Rounds, takeTurns } from './rounds';
import type { Size, Table } from './table';
import { httpRequest, kieAi, publish, type Published } from './workflows';

const MB = 1024 ** 2;

interface FilmSize extends Size {
	/** One after another in a round: how many garbage collections fall into a short download is chance. */
	films: number;
}

const SIZES: Array<FilmSize & Rounds> = [
	{ label: '10 MB', n: 10, films: 40, rounds: 14, mostSeconds: 150 },
	{ label: '100 MB', n: 100, films: 6, rounds: 12, mostSeconds: 150 },
	{ label: '1 GB', n: 1024, films: 1, rounds: 16, mostSeconds: 300 },
];
/** Whoever looks more often takes n8n's time from the downloads. */
const BETWEEN_LOOKS_MS = 500;
const OURS = 'KieAI, Download';
const HTTP = 'HTTP Request, response as file';
/** As little as a community node can do. */
const BOUND = 'A node that only downloads';
const CURL = 'curl, to the same disk';
/** Far from any film's size. */
const FLAT_MB = 32;
/** Medians differ by as much; to a single round, chance adds up to some 45. */
const NOISE_MB = 10;
/** Of the webhook that begins the workflow. */
const FILM_URL = "={{ $('Webhook').first().json.body.url }}";

export async function measureDownloads({ n8n, progress }: Bench): Promise<Table[]> {
	const world = await openWorld(n8n, { clockScale: 1 });
	const ours = kieAi({
		resource: 'file',
		operation: 'download',
		fileUrl: FILM_URL,
		options: { maxFileSize: 4096 },
	});
	const file = { response: { response: { responseFormat: 'file' } } };
	const http = httpRequest(HTTP, { method: 'GET', url: FILM_URL, options: file });
	const plain = { name: BOUND, type: 'CUSTOM.plainDownload', parameters: { url: FILM_URL } };
	const inN8n = (name: string, node: NodeJson) => {
		const workflows = new Map<FilmSize, Published>();
		const run = async (size: FilmSize) => {
			const workflow = workflows.get(size) ?? (await publishInARow(world, node, size));
			workflows.set(size, workflow);
			return await download(n8n, world, workflow, size);
		};
		return { name, run };
	};
	const contestants = [
		inN8n(OURS, ours),
		inN8n(HTTP, http),
		{ ...inN8n(BOUND, plain), every: 3 },
		{ name: CURL, every: 5, run: async (size: FilmSize) => await curl(n8n, world, size) },
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
	const films = SIZES.map(({ label, films: count }) => `${count} (${label})`).join(', ');
	return [
		{
			id: 'download',
			title: 'Throughput of downloads',
			how: `A finished film is fetched into n8n, which keeps binary data in its file system, as it does by default. Size by the time from the request for the film to the node's end. A turn in n8n begins ${SETTLE_SECONDS.quick} s after a garbage collection, and runs a workflow of ${films} such nodes, one after another: how many collections fall into a short download is chance. The third does nothing but download, with n8n's helper for requests that community nodes are held to, in every third round: it copies through one more stream than the older helper of the HTTP Request node. curl, in every fifth, writes to the same disk, without n8n, one film a round; its start counts.`,
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
			how: 'In the same rounds: the highest resident memory of n8n meanwhile, less what it was before the round. What n8n keeps at hand after the collection, and uses again, is not in it. The limit is for the median.',
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

/** As many downloads in one workflow, each a node of its own. */
async function publishInARow(
	world: World,
	node: NodeJson,
	{ label, films }: FilmSize,
): Promise<Published> {
	const nodes = Array.from({ length: films }, (_, at) => ({ ...node, name: nodeName(at) }));
	return await publish(world, `${node.name}, ${label}`, (trigger) =>
		chain(trigger, ...nodes, noOp()),
	);
}

function nodeName(at: number): string {
	return `Fetch ${at + 1}`;
}

/** A round: the films' throughput together, the time that one takes on average, and the most memory. */
async function download(
	n8n: N8n,
	world: World,
	workflow: Published,
	size: FilmSize,
): Promise<Record<'throughput' | 'time' | 'memory', number>> {
	await collectGarbage(n8n);
	await forgetPeak(n8n);
	const before = (await n8n.memory()).now;
	const asksBefore = asksForFilms(world).length;
	await workflow.start(placeFilm(world, size));
	const id = await until({ what: 'the films', intervalMs: BETWEEN_LOOKS_MS }, async () => {
		const [ended] = await n8n.api.executions.list(workflow.id, ['success', 'error']);
		return ended?.id;
	});
	const { peak } = await n8n.memory();
	const run = await world.ended(id);
	if (run.status !== 'success') {
		throw new Error(`${workflow.name} has failed: ${run.error()?.message}`);
	}
	await n8n.api.executions.delete(run.id);
	await forgetFilms(n8n);
	const asks = asksForFilms(world).slice(asksBefore);
	if (asks.length !== size.films) {
		throw new Error(`${workflow.name} has asked for ${asks.length} films, not ${size.films}`);
	}
	const fetched = asks.map(({ realAt }, at) => {
		const [node] = run.data.resultData.runData[nodeName(at)] ?? [];
		if (node === undefined) throw new Error(`${nodeName(at)} has not run`);
		return { ms: node.executionTime, filmMs: node.startTime + node.executionTime - realAt };
	});
	const sum = (times: number[]) => times.reduce((all, ms) => all + ms, 0);
	return {
		throughput: (size.films * size.n) / (sum(fetched.map(({ filmMs }) => filmMs)) / 1000),
		time: sum(fetched.map(({ ms }) => ms)) / size.films,
		memory: Math.max(0, peak - before) / MB,
	};
}

function asksForFilms({ sandbox }: World): World['sandbox']['requests'] {
	return sandbox.requests.filter(({ endpoint }) => endpoint === 'file');
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
