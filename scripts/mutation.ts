/**
 * `npm run test:mutation`: whether the unit tests notice when the code changes, by Stryker. What they do not notice
 * must be explained in mutation/survivors.yaml. `npm run test:mutation -- --write` writes docs/mutation.md,
 * `npm run test:mutation -- nodes/KieAi/waiting/*.ts` looks at these files only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { openProgress } from './demo/progress';
import { pageOf } from './mutation/page';
import { readMutants, type Mutant } from './mutation/report';
import { explain } from './mutation/survivors';
import { installStryker } from './n8n/installation';

const ROOT = join(__dirname, '..');
const LINE_INTERVAL_MS = 10_000;

const stop = new AbortController();

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		options: { write: { type: 'boolean', default: false } },
		allowPositionals: true,
	});
	if (values.write && positionals.length > 0) throw new Error('Only all files make the page.');
	const elapsed = (since: number) => `${Math.round((Date.now() - since) / 1000)} s`;
	const progress = openProgress(process.stdout, elapsed, LINE_INTERVAL_MS);
	const modules = join(await installStryker(progress, stop.signal), 'node_modules');
	const startedAt = Date.now();
	const mutants = await mutate(modules, positionals);
	const minutes = Math.ceil((Date.now() - startedAt) / 60_000);
	const explained = await explain(mutants);
	if (!values.write) return;
	const page = await pageOf(mutants, explained, { minutes, cores: availableParallelism() });
	await writeFile(join(ROOT, 'docs/mutation.md'), page);
}

/** A score that is too low fails as Stryker has it. */
async function mutate(modules: string, files: string[]): Promise<Mutant[]> {
	const scratch = await mkdtemp(join(tmpdir(), 'kieai-mutation-'));
	try {
		const stryker = join(modules, '@stryker-mutator/core/bin/stryker.js');
		const narrowed = files.length > 0 ? ['--mutate', files.join(',')] : [];
		const child = spawn(process.execPath, [stryker, 'run', ...narrowed], {
			cwd: ROOT,
			stdio: 'inherit',
			signal: stop.signal,
			env: { ...process.env, KIEAI_STRYKER: modules, KIEAI_MUTATION: scratch },
		});
		const [code] = (await once(child, 'exit')) as [number | null];
		if (code !== 0) process.exitCode = code ?? 1;
		return await readMutants(join(scratch, 'report.json'));
	} finally {
		await rm(scratch, { recursive: true });
	}
}

for (const name of ['SIGINT', 'SIGTERM'] as const) {
	process.once(name, () => stop.abort(new Error('Stopped.')));
}
main().catch((error: unknown) => {
	console.error(`✖ ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = 1;
});
