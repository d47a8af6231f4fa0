import type { Timing } from '../operation';

/** What the fields show as their defaults, and what counts where a field is not set. */
export const TIMINGS = {
	extend: { firstCheckAfterSeconds: 30, pollIntervalSeconds: 15, timeoutMinutes: 15 },
	generate: { firstCheckAfterSeconds: 30, pollIntervalSeconds: 15, timeoutMinutes: 15 },
	get: { firstCheckAfterSeconds: 0, pollIntervalSeconds: 15, timeoutMinutes: 15 },
	get1080p: { firstCheckAfterSeconds: 60, pollIntervalSeconds: 20, timeoutMinutes: 10 },
	get4k: { firstCheckAfterSeconds: 240, pollIntervalSeconds: 30, timeoutMinutes: 20 },
} satisfies Record<string, Timing>;
