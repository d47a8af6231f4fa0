import { setTimeout } from 'node:timers/promises';

/** Waits in real milliseconds, without keeping a process alive that has nothing else to do. */
export async function sleep(ms: number): Promise<void> {
	await setTimeout(ms, undefined, { ref: false });
}
