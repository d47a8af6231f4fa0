/**
 * Sandbox time. It runs `scale` times as fast as the base wall clock, can be moved forward at
 * once, and carries everything that takes time here: tasks, windows, expiries, callback retries.
 */

/** A longer delay would make `setTimeout` fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Job {
	dueAt: number;
	run: () => void;
}

export interface Clock {
	/** Sandbox time in milliseconds since 1970. */
	now(): number;
	/** Runs something at a sandbox time; during the run `now()` says that time or a later one. */
	at(sandboxMs: number, run: () => void): void;
	/** Changes the speed from now on. */
	setScale(scale: number): void;
	/** Moves forward; what falls due on the way runs before this returns, in order of time. */
	advance(seconds: number): void;
	/** Drops everything that is planned. */
	clear(): void;
}

/** @param wallClock real time in milliseconds, which tests may replace */
export function startClock(wallClock: () => number, initialScale: number): Clock {
	let scale = initialScale;
	let baseWall = wallClock();
	let baseSandbox = baseWall;
	let frozenAt: number | undefined;
	let timer: NodeJS.Timeout | undefined;
	let jobs: Job[] = [];

	const now = (): number => frozenAt ?? Math.floor(baseSandbox + (wallClock() - baseWall) * scale);

	const rebase = (sandboxMs: number): void => {
		baseWall = wallClock();
		baseSandbox = sandboxMs;
	};

	const runDue = (untilMs: number): void => {
		for (let job = jobs[0]; job !== undefined && job.dueAt <= untilMs; job = jobs[0]) {
			jobs.shift();
			job.run();
		}
	};

	const arm = (): void => {
		clearTimeout(timer);
		const next = jobs[0];
		if (next === undefined) return;
		const delayMs = Math.max(0, Math.ceil((next.dueAt - now()) / scale));
		timer = setTimeout(
			() => {
				runDue(now());
				arm();
			},
			Math.min(delayMs, LONGEST_TIMER_MS),
		);
	};

	return {
		now,
		at(sandboxMs, run) {
			jobs.push({ dueAt: sandboxMs, run });
			jobs.sort((a, b) => a.dueAt - b.dueAt);
			arm();
		},
		setScale(newScale) {
			rebase(now());
			scale = newScale;
			arm();
		},
		advance(seconds) {
			const target = now() + seconds * 1000;
			for (let next = jobs[0]; next !== undefined && next.dueAt <= target; next = jobs[0]) {
				frozenAt = Math.max(now(), next.dueAt);
				runDue(frozenAt);
			}
			frozenAt = undefined;
			rebase(target);
			arm();
		},
		clear() {
			jobs = [];
			clearTimeout(timer);
		},
	};
}
