import type { Clock } from '../protocol/clock';
import type { Callback, ParkedRun } from './park';

/**
 * Callbacks for one parked execution in the same moment. n8n reads the execution for each of them, prepares for a
 * while, and only then calls `webhook()`: by then another callback may have woken the node, and the node may have
 * parked again. n8n would go on from the execution as it was read, and what the other callback told would be lost.
 * So each parking is woken once, by the first callback, which waits a little for others. These are told to come again,
 * lest the waking come to nothing, and their news is kept: the first one takes it along, the woken node looks for it
 * before it parks again, and what comes still later goes with the next first one. This is the memory of one process;
 * see `wasWokenHere` for several.
 */

interface Woken {
	times: number;
	/** Epoch in ms. */
	at: number;
	/** By index of the item. */
	news: Map<number, Callback>;
}

/** n8n's time from reading an execution to calling `webhook()`, at most. Later, the waking must have come to nothing. */
const PREPARATION_MS = 30_000;

/** KieAI's time until it calls again, at most. */
const REPETITION_MS = 3_600_000;

/** Others are waited for until none has come for so long. */
const QUIET_MS = 300;

/** KieAI waits 15 s for an answer. */
const MOST_WAITS = 10;

/** How long a callback that has come may take until n8n goes on with it. */
export const LONGEST_GATHERING_MS = MOST_WAITS * QUIET_MS;

/** By run; the one that was woken last is the last. */
const wokenHere = new Map<string, Woken>();

/** Keeps a callback's news. @returns whether it is the first for this parking, and has to wake the node */
export function admit({ run, times }: ParkedRun, callback: Callback, now: number): boolean {
	const last = wokenHere.get(run);
	if (last !== undefined && times <= last.times && now - last.at < PREPARATION_MS) {
		last.news.set(callback.item, callback);
		return false;
	}
	wokenHere.delete(run);
	wokenHere.set(run, { times, at: now, news: new Map(last?.news).set(callback.item, callback) });
	for (const [oldest, { at }] of wokenHere) {
		if (now - at < REPETITION_MS) break;
		wokenHere.delete(oldest);
	}
	return true;
}

/** The waking has come to nothing: whoever calls next is the first once more. */
export function forgetWaking({ run }: ParkedRun): void {
	wokenHere.delete(run);
}

/** Waits for others, at most for so many items. */
export async function gather({ run }: ParkedRun, items: number, clock: Clock): Promise<void> {
	const heard = () => wokenHere.get(run)?.news.size ?? items;
	for (let waits = 0, before = 0; waits < MOST_WAITS; waits++) {
		if (heard() >= items || heard() === before) return;
		before = heard();
		await clock.sleep(QUIET_MS);
	}
}

/** What has come since it was asked for last. */
export function takeNews({ run }: ParkedRun): Callback[] {
	const news = wokenHere.get(run)?.news;
	const callbacks = [...(news?.values() ?? [])];
	news?.clear();
	return callbacks;
}

/** False where another process takes the callbacks, as in n8n's queue mode: there may be more than one of them. */
export function wasWokenHere({ run, times }: ParkedRun): boolean {
	return wokenHere.get(run)?.times === times;
}
