import { join } from 'node:path';

import type { Clock } from '../../../nodes/KieAi/protocol/clock';

/**
 * Lets time run faster for the nodes in `dist/`: one real second is `scale` of theirs, as for a sandbox with the same
 * `clockScale`. Waits of minutes become milliseconds, and nothing about the waiting itself is faked.
 * @returns puts the real clock back
 */
export function speedUpNodes(scale: number): () => void {
	const { systemClock } = require(
		join(__dirname, '../../../dist/nodes/KieAi/protocol/clock.js'),
	) as { systemClock: Clock };
	const real = { ...systemClock };
	const startedAt = Date.now();
	systemClock.now = () => startedAt + (Date.now() - startedAt) * scale;
	systemClock.sleep = async (ms, signal) => await real.sleep(ms / scale, signal);
	return () => void Object.assign(systemClock, real);
}
