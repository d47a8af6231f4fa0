/** `npm run test:compat`: the engine tests once more, on the engines of older versions of n8n. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { openProgress } from './demo/progress';
import { installEngine } from './n8n/installation';

/** The oldest n8n that these nodes support; the newest is the one in package.json. */
const ENGINES = [{ n8n: '1.123.81', core: '1.122.48' }];

const ROOT = join(__dirname, '..');
const LINE_INTERVAL_MS = 10_000;

const stop = new AbortController();

async function main(): Promise<void> {
	const elapsed = (since: number) => `${Math.round((Date.now() - since) / 1000)} s`;
	const progress = openProgress(process.stdout, elapsed, LINE_INTERVAL_MS);
	for (const { n8n, core } of ENGINES) {
		const folder = await installEngine(core, progress, stop.signal);
		console.log(`\nThe engine of n8n ${n8n}`);
		await runEngineTests(folder);
	}
}

async function runEngineTests(coreFolder: string): Promise<void> {
	const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
	const child = spawn(process.execPath, [jest, 'test/engine', ...process.argv.slice(2)], {
		cwd: ROOT,
		stdio: 'inherit',
		signal: stop.signal,
		env: { ...process.env, N8N_CORE_DIR: coreFolder },
	});
	const [code] = (await once(child, 'exit')) as [number | null];
	if (code !== 0) process.exitCode = code ?? 1;
}

for (const name of ['SIGINT', 'SIGTERM'] as const) {
	process.once(name, () => stop.abort(new Error('Stopped.')));
}
main().catch((error: unknown) => {
	console.error(`✖ ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = 1;
});
