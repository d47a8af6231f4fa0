import { openProgress } from '../../../scripts/demo/progress';
import { type N8n, openN8n } from '../../../scripts/n8n/instance';
import { shareN8n } from './shared';

/** Where globalTeardown.ts finds it. */
export const kept = globalThis as { kieAiN8n?: N8n };

const LINE_INTERVAL_MS = 10_000;
const STOPPED = 130;

const stop = new AbortController();

/** One n8n for the whole run, with what it takes: on a machine's first run, minutes of installing. */
export default async function globalSetup(): Promise<void> {
	for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, endEarly);
	const elapsed = (since: number) => `${Math.round((Date.now() - since) / 1000)} s`;
	const progress = openProgress(process.stdout, elapsed, LINE_INTERVAL_MS);
	process.stdout.write('\n');
	kept.kieAiN8n = await openN8n({ progress, signal: stop.signal });
	shareN8n(kept.kieAiN8n);
}

/** Jest itself leaves at once, and calls no teardown. */
function endEarly(): void {
	stop.abort(new Error('Stopped.'));
	void kept.kieAiN8n?.close().finally(() => process.exit(STOPPED));
}
