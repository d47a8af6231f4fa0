import type { Clock } from '../protocol/clock';

/** Runs what it is given, later where that is needed. */
export type Gate = <T>(run: () => Promise<T>) => Promise<T>;

/** At most `limit` at the same time, in the order of the calls. */
export function concurrencyGate(limit: number): Gate {
	let running = 0;
	const waiting: Array<() => void> = [];

	return async (run) => {
		if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
		else running++;
		try {
			return await run();
		} finally {
			const next = waiting.shift();
			// A place is handed on, never freed and taken again, so that nobody slips in between.
			if (next) next();
			else running--;
		}
	};
}

/**
 * At most `limit` in any window of `windowMs`, as the receiver counts them: a place is free again when the window has
 * passed since the *answer*, because only then it is sure that the request had arrived.
 */
export function paceGate(
	limit: number,
	windowMs: number,
	clock: Clock,
	signal?: AbortSignal,
): Gate {
	const places = concurrencyGate(limit);
	/** When each free place may be used, the earliest first. */
	const freeFrom = Array.from({ length: limit }, () => Number.NEGATIVE_INFINITY);

	return async (run) =>
		await places(async () => {
			const from = freeFrom.shift() ?? Number.NEGATIVE_INFINITY;
			try {
				const ms = from - clock.now();
				if (ms > 0) await clock.sleep(ms, signal);
				signal?.throwIfAborted();
				return await run();
			} finally {
				freeFrom.push(clock.now() + windowMs);
			}
		});
}
