/** What the package itself weighs, against an official one. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { npm } from '../../scripts/n8n/command';
import { type Installation, installN8n } from '../../scripts/n8n/installation';
import type { Bench } from './measure';
import { takeTurns } from './rounds';
import type { Subject, Table } from './table';

const run = promisify(execFile);

const OTHER = { name: '@mendable/n8n-nodes-firecrawl', version: '2.1.2' };
const OURS = 'n8n-nodes-kieai';
const LOADER = join(__dirname, 'loadPackage.mjs');
const WHOLE = { label: 'whole package', n: 1, rounds: 10 };
const SIZES = [WHOLE, { label: 'per operation', n: 1 }];

interface Loaded {
	ms: number;
	bytes: number;
	operations: number;
}

export async function measurePackage({ n8n, progress }: Bench): Promise<Table[]> {
	const installation = await installN8n(progress);
	const folder = await mkdtemp(join(tmpdir(), 'kieai-package-'));
	const folders: Record<string, string> = {
		[OURS]: join(n8n.userFolder, '.n8n/nodes/node_modules'),
		[OTHER.name]: join(folder, 'node_modules'),
	};
	try {
		progress.begin(`Installing ${OTHER.name}`);
		const flags = ['--prefix', folder, '--ignore-scripts', '--legacy-peer-deps'];
		await npm(['install', `${OTHER.name}@${OTHER.version}`, ...flags], { cwd: folder });
		progress.succeed('done');
		const operations: Record<string, number> = {};
		const contestants = Object.entries(folders).map(([name, modules]) => ({
			name,
			run: async () => {
				const [other = ''] = Object.keys(folders).filter((each) => each !== name);
				const loaded = await load(
					installation,
					join(`${folders[other]}`, other),
					join(modules, name),
				);
				operations[name] = loaded.operations;
				return {
					time: loaded.ms,
					memory: loaded.bytes / 1024,
					size: (await sizeOf(modules)) / 1024,
				};
			},
		}));
		const { time, memory, size } = await takeTurns(contestants, {
			title: 'Loading the package',
			sizes: [WHOLE],
			progress,
		});
		const table = { sizes: SIZES, goals: [{ ours: OURS, other: OTHER.name, atMost: 1 }] };
		const withShares = (subjects: Subject[] = []): Subject[] =>
			subjects.map(({ name, figures: [whole = []] }) => ({
				name,
				figures: [whole, whole.map((figure) => figure / (operations[name] ?? Number.NaN))],
			}));
		const how = `n8n's own loader reads the package, in a process of its own that has loaded the other one before. What a node of ours does is loaded when one first runs, and is not in it. ${OURS} offers ${operations[OURS]} operations, the trigger being one; ${OTHER.name} ${OTHER.version}, an official community package, offers ${operations[OTHER.name]}.`;
		return [
			{
				...table,
				id: 'package-time',
				title: 'Time to load the package',
				how,
				unit: 'ms',
				subjects: withShares(time),
			},
			{
				...table,
				id: 'package-memory',
				title: 'Memory to load the package',
				how: "In the same rounds: by what Node's heap has grown, once it has been cleaned up.",
				unit: 'KB',
				subjects: withShares(memory),
			},
			{
				...table,
				id: 'package-size',
				title: 'Size of the package, installed',
				how: 'All files that installing it brings.',
				unit: 'KB',
				subjects: withShares(size),
			},
		];
	} finally {
		await rm(folder, { recursive: true });
	}
}

async function load({ node, n8n }: Installation, warmUp: string, folder: string): Promise<Loaded> {
	// Packages find n8n's own modules as they do in n8n, which has them loaded by then.
	const env = { ...process.env, NODE_PATH: join(n8n, '../../..') };
	const { stdout } = await run(node, ['--expose-gc', LOADER, join(n8n, '../..'), warmUp, folder], {
		env,
	});
	return JSON.parse(stdout) as Loaded; // of our own script
}

async function sizeOf(folder: string): Promise<number> {
	let bytes = 0;
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
	}
	return bytes;
}
