/**
 * `npm run bench`: our nodes against what a user would pick instead, in one n8n, on one machine. Writes
 * docs/benchmarks.md and its charts, and prints the page. `npm run bench -- wake load` measures these only, and writes
 * nothing.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { openProgress } from '../../scripts/demo/progress';
import { installN8n } from '../../scripts/n8n/installation';
import { openN8n } from '../../scripts/n8n/instance';
import { measureCalls } from './calls';
import { chartOf } from './chart';
import { measureDownloads } from './download';
import { COLLECTABLE } from './garbage';
import { measureItems } from './items';
import { measureLateness } from './lateness';
import { measureLoad } from './load';
import type { Measure } from './measure';
import { measurePackage } from './package';
import { CHARTS, pageOf, summaryOf } from './page';
import { reachesOf, type Table } from './table';
import { measureTrigger } from './trigger';
import { measureWaking } from './wake';

const DOCS = join(__dirname, '../../docs');

/** Where n8n finds the nodes that do as little as they can. */
const PLAIN_NODES = { N8N_CUSTOM_EXTENSIONS: join(__dirname, 'plain') };

const MOST_MINUTES = 45;

/** What ends n8n comes last: until then, each finds it warm. */
const MEASURES: Record<string, Measure> = {
	calls: measureCalls,
	wake: measureWaking,
	lateness: measureLateness,
	items: measureItems,
	download: measureDownloads,
	trigger: measureTrigger,
	package: measurePackage,
	load: measureLoad,
};

async function main(): Promise<void> {
	const { positionals: chosen } = parseArgs({ allowPositionals: true });
	const unknown = chosen.filter((name) => !(name in MEASURES));
	if (unknown.length > 0) {
		throw new Error(
			`There is no measure ${unknown.join(', ')}: ${Object.keys(MEASURES).join(', ')}`,
		);
	}
	const measures = Object.entries(MEASURES).filter(
		([name]) => chosen.length === 0 || chosen.includes(name),
	);
	const elapsed = (since: number) => `${Math.round((Date.now() - since) / 1000)} s`;
	const progress = openProgress(process.stdout, elapsed, 10_000);
	await installN8n(progress);
	const startedAt = Date.now();
	const tables: Table[] = [];
	const n8n = await openN8n({ progress, env: { ...COLLECTABLE, ...PLAIN_NODES } });
	try {
		for (const [, measure] of measures) tables.push(...(await measure({ n8n, progress })));
	} catch (error) {
		progress.fail();
		if (tables.length > 0) console.log(await pageOf(tables, minutesSince(startedAt)));
		throw error;
	} finally {
		await n8n.close();
	}
	const minutes = minutesSince(startedAt);
	if (chosen.length === 0) await write(tables, minutes);
	console.log(`\n${await pageOf(tables, minutes)}\n${summaryOf(tables)}`);
	if (minutes > MOST_MINUTES) console.error(`It has taken more than ${MOST_MINUTES} minutes.`);
	const isShort = tables.flatMap(reachesOf).some(({ reached }) => reached === 'no');
	if (isShort || minutes > MOST_MINUTES) process.exitCode = 1;
}

function minutesSince(startedAt: number): number {
	return Math.ceil((Date.now() - startedAt) / 60_000);
}

async function write(tables: Table[], minutes: number): Promise<void> {
	const charts = join(DOCS, CHARTS);
	await rm(charts, { recursive: true, force: true });
	await mkdir(charts, { recursive: true });
	for (const table of tables) await writeFile(join(charts, `${table.id}.svg`), chartOf(table));
	await writeFile(join(DOCS, 'benchmarks.md'), await pageOf(tables, minutes));
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	// The sandbox of the measure that has failed would go on serving.
	process.exit(1);
});
