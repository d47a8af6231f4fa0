import type { Callback, ParkedRun } from './park';

/**
 * Callbacks for one parked execution in the same moment. n8n reads the execution for each of them, prepares for a
 * while, and only then calls `webhook()`: by then another callback may have woken the node, and the node may have
 * parked again. n8n would go on from the execution as it was read, and what the other callback told would be lost.
 * So each parking is woken once. A callback that comes too late is told to come again, and its news is kept: whichever
 * callback is next brings it along. This is the memory of one process; see `wasWokenHere` for several.
 */

interface Woken {
	times: number;
	/** Epoch in ms. */
	at: number;
	/** By index of the item. */
	tooLate: Map<number, Callback>;
}

/** n8n's time from reading an execution to calling `webhook()`, at most. Later, the waking must have come to nothing. */
const PREPARATION_MS = 30_000;

/** KieAI's time until it calls again, at most. */
const REPETITION_MS = 3_600_000;

/** By run; the one that was woken last is the last. */
const wokenHere = new Map<string, Woken>();

/** @returns what the node is woken with; undefined where the callback comes too late */
export function admit(
	{ run, times }: ParkedRun,
	callback: Callback,
	now: number,
): Callback[] | undefined {
	const last = wokenHere.get(run);
	if (last !== undefined && times <= last.times && now - last.at < PREPARATION_MS) {
		last.tooLate.set(callback.item, callback);
		return undefined;
	}
	wokenHere.delete(run);
	wokenHere.set(run, { times, at: now, tooLate: new Map() });
	for (const [oldest, { at }] of wokenHere) {
		if (now - at < REPETITION_MS) break;
		wokenHere.delete(oldest);
	}
	return [...new Map(last?.tooLate).set(callback.item, callback).values()];
}

/** False where another process takes the callbacks, as in n8n's queue mode: there may be more than one of them. */
export function wasWokenHere({ run, times }: ParkedRun): boolean {
	return wokenHere.get(run)?.times === times;
}
