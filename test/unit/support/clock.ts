import type { Clock } from '../../../nodes/KieAi/protocol/clock';

/** Noon on 1 January 2026, UTC. */
export const NOON_MS = Date.UTC(2026, 0, 1, 12);

export interface ManualClock extends Clock {
	/** Every wait that was asked for, in ms. */
	readonly sleeps: number[];
	/** Lets `ms` pass, and everything happen that is due until then. */
	advance(ms: number): Promise<void>;
	/** Lets as much time pass as the promise needs; what it comes to is for the caller to await. */
	runUntilSettled(promise: Promise<unknown>): Promise<void>;
}

/** Time that passes only when a test says so. */
export function manualClock(startMs = NOON_MS): ManualClock {
	let now = startMs;
	let sleepers: Array<{ at: number; wake: () => void }> = [];
	const sleeps: number[] = [];

	async function wakeNext(until: number): Promise<boolean> {
		await settleMicrotasks();
		const at = Math.min(...sleepers.map((sleeper) => sleeper.at));
		if (at > until) return false;
		now = Math.max(now, at);
		const due = sleepers.filter((sleeper) => sleeper.at === at);
		sleepers = sleepers.filter((sleeper) => sleeper.at !== at);
		for (const { wake } of due) wake();
		return true;
	}

	return {
		sleeps,
		now: () => now,
		async sleep(ms, signal) {
			signal?.throwIfAborted();
			sleeps.push(ms);
			await new Promise<void>((wake, stop) => {
				const sleeper = { at: now + ms, wake };
				sleepers.push(sleeper);
				signal?.addEventListener('abort', () => {
					sleepers = sleepers.filter((other) => other !== sleeper);
					stop(signal.reason);
				});
			});
		},
		async advance(ms) {
			const until = now + ms;
			while (await wakeNext(until));
			now = until;
		},
		async runUntilSettled(promise) {
			let settled = false;
			const settle = () => {
				settled = true;
			};
			promise.then(settle, settle);
			await settleMicrotasks();
			while (!settled) {
				if (!(await wakeNext(Number.MAX_VALUE))) break;
				await settleMicrotasks();
			}
			if (!settled) throw new Error('Nobody sleeps, and the promise is still open');
		},
	};
}

async function settleMicrotasks(): Promise<void> {
	await new Promise((resolve) => setImmediate(resolve));
}
