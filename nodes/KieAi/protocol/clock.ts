import { sleep } from 'n8n-workflow';

/** Time as everything here sees it, so that tests can pass their own. All values in milliseconds. */
export interface Clock {
	now(): number;
	/** Resolves after `ms`, or rejects with the signal's reason as soon as `signal` is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	sleep: async (ms, signal) => {
		signal?.throwIfAborted();
		if (!signal) return await sleep(ms);
		await new Promise<void>((resolve, reject) => {
			const stop = () => reject(signal.reason);
			signal.addEventListener('abort', stop);
			void sleep(ms).then(() => {
				signal.removeEventListener('abort', stop);
				resolve();
			});
		});
	},
};
