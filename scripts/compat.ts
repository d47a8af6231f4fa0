/**
 * `npm run test:compat`: the engine tests once more, on the engines of older versions of n8n, and
 * whether README's table says what they saw there. `npm run test:compat -- --write` writes the table.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { type Column, readSeen, type Seen, tableOf, withTable } from './compat/table';
import { openProgress } from './demo/progress';
import { installEngine, NEWEST_N8N } from './n8n/installation';

/** What n8n itself decides. Half the time of all. */
const DECIDED_BY_N8N =
	'test/engine/(support|charging|compatibility|credential|download|errors|key|pause|polling|tool|triggerActivation|triggerSignature)';
/** What README's table tells, and n8n's requests and streams. */
const OFFERED_BY_N8N = 'test/engine/(compatibility|download)';

/** The oldest n8n that these nodes support, the first and the last before the newest of 2.x, and two between. */
const ENGINES = [
	{ n8n: '1.123.81', core: '1.122.48', tests: 'test/engine' },
	{ n8n: '2.0.3', core: '2.0.2', tests: DECIDED_BY_N8N },
	{ n8n: '2.11.4', core: '2.11.1', tests: OFFERED_BY_N8N },
	{ n8n: '2.20.12', core: '2.20.6', tests: OFFERED_BY_N8N },
	{ n8n: '2.30.8', core: '2.30.4', tests: DECIDED_BY_N8N },
];

const ROOT = join(__dirname, '..');
const LINE_INTERVAL_MS = 10_000;

const stop = new AbortController();

async function main(): Promise<void> {
	const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
	const elapsed = (since: number) => `${Math.round((Date.now() - since) / 1000)} s`;
	const progress = openProgress(process.stdout, elapsed, LINE_INTERVAL_MS);
	const columns: Column[] = [];
	for (const { n8n, core, tests } of ENGINES) {
		const folder = await installEngine(core, progress, stop.signal);
		columns.push({ n8n, seen: await test(n8n, tests, folder) });
	}
	columns.push({ n8n: NEWEST_N8N, seen: await test(NEWEST_N8N, 'test/engine/compatibility') });
	if (process.exitCode === undefined) await holdAgainstReadme(columns, values.write);
}

/** @returns what the tests in compatibility.test.ts saw; nothing where they did not get so far */
async function test(n8n: string, tests: string, coreFolder?: string): Promise<Seen[]> {
	console.log(`\nThe engine of n8n ${n8n}`);
	const scratch = await mkdtemp(join(tmpdir(), 'kieai-compat-'));
	const file = join(scratch, 'seen.json');
	try {
		const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
		const child = spawn(process.execPath, [jest, tests, '--maxWorkers=100%'], {
			cwd: ROOT,
			stdio: 'inherit',
			signal: stop.signal,
			env: { ...process.env, N8N_CORE_DIR: coreFolder, KIEAI_SEEN: file },
		});
		const [code] = (await once(child, 'exit')) as [number | null];
		if (code !== 0) process.exitCode = code ?? 1;
		return await readSeen(file);
	} finally {
		await rm(scratch, { recursive: true });
	}
}

async function holdAgainstReadme(columns: Column[], write: boolean): Promise<void> {
	const path = join(ROOT, 'README.md');
	const readme = await readFile(path, 'utf8');
	const table = await tableOf(columns);
	console.log(`\n${table}`);
	const updated = withTable(readme, table);
	if (write) await writeFile(path, updated);
	else if (updated !== readme) {
		throw new Error("README's table says something else: npm run test:compat -- --write");
	}
}

for (const name of ['SIGINT', 'SIGTERM'] as const) {
	process.once(name, () => stop.abort(new Error('Stopped.')));
}
main().catch((error: unknown) => {
	console.error(`✖ ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = 1;
});
