/**
 * n8n's garbage, taken away before something is measured: when Node would have done so by itself is chance, and a
 * collection takes a third of a second and gives hundreds of MB back. A thorough one also takes what Node keeps at hand
 * to go on faster, compiled code among it, and leaves the memory that n8n cannot do without.
 */
import { setTimeout as pause } from 'node:timers/promises';

import type { N8n } from '../../scripts/n8n/instance';

const ON_SIGNAL = `
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => collect());
process.on('SIGURG', () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }));
`;

/** For an n8n whose garbage is to be collected. */
export const COLLECTABLE = {
	NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(ON_SIGNAL)}`,
};

/** Long enough for the signal to arrive; what n8n does next comes after the collection. */
const ARRIVAL_MS = 100;

/** V8 tidies up after a collection; some 8 s after a thorough one it takes a second or two of CPU for it. */
export const SETTLE_SECONDS = { quick: 1, thorough: 12 };

/** Ends once n8n is at rest again. */
export async function collectGarbage(n8n: N8n, { thoroughly = false } = {}): Promise<void> {
	process.kill(n8n.pid(), thoroughly ? 'SIGURG' : 'SIGUSR2');
	await pause(ARRIVAL_MS);
	const response = await fetch(`${n8n.url}/healthz`);
	await response.body?.cancel();
	await pause((thoroughly ? SETTLE_SECONDS.thorough : SETTLE_SECONDS.quick) * 1000);
}
