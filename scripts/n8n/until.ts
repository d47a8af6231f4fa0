import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
	/** Completes the sentence "waited in vain for …". */
	what: string;
	timeoutMs?: number;
	intervalMs?: number;
	signal?: AbortSignal | undefined;
}

/** For machines under load: nothing here is a measurement. */
const TIMEOUT_MS = 120_000;
const INTERVAL_MS = 100;

/**
 * Looks again and again until there is something to see.
 *
 * @throws what `look` throws, the signal's reason, or after `timeoutMs` an error that says `what`
 */
export async function until<T>(
	{ what, timeoutMs = TIMEOUT_MS, intervalMs = INTERVAL_MS, signal }: Patience,
	look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const seen = await look();
		if (seen !== undefined) return seen;
		if (Date.now() > deadline) {
			throw new Error(`Waited in vain for ${what}, for ${timeoutMs / 1000} s`);
		}
		await sleep(intervalMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
	}
}
