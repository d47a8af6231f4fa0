import type { Clock } from './clock';
import { KieAiError } from './errors';
import { NEW_TASKS_WINDOW_MS } from './limits';

const MAX_ATTEMPTS = 4;
const FIRST_DELAY_MS = 1_000;
/**
 * How long what KieAI refuses for its rate limit is sent again: that costs nothing, and other executions, which nobody
 * can see from here, take the same places. A run of which all is refused for so long does not try the rest as long.
 */
const RATE_LIMIT_PATIENCE_MS = 180_000;
/** What a server may ask to wait; beyond this the error is more use than the wait. */
const MAX_RETRY_AFTER_MS = 120_000;

/**
 * When a failed request may be sent again: `repeatable` whenever it may go well then (asking changes nothing, and asking
 * twice for a 4K upgrade is asking once), `charged` only when KieAI surely did not take it.
 */
export type Safety = 'repeatable' | 'charged';

export interface RetryContext {
	clock: Clock;
	signal?: AbortSignal | undefined;
	/** 0 to 1, spreads retries of many items over time. */
	random?: () => number;
	/** As often as makes sense unless told. */
	maxAttempts?: number | undefined;
	/** Told of every failure that is followed by another attempt. */
	onRetry?: ((failure: KieAiError) => void) | undefined;
	/** What this request shares with others of its run. */
	rateLimit?: RateLimit | undefined;
}

/** KieAI's rate limit, as the requests of one run meet it together. */
export interface RateLimit {
	/** Epoch in ms: since when nothing has been taken; undefined where the last request was. */
	refusedSince?: number | undefined;
}

/** @throws the last failure, also where it is stopped while it waits; the signal's reason where it was before */
export async function withRetries<T>(
	safety: Safety,
	attempt: () => Promise<T>,
	{ clock, signal, random = Math.random, maxAttempts, onRetry, rateLimit = {} }: RetryContext,
): Promise<T> {
	signal?.throwIfAborted();
	for (let attempts = 1, refusals = 0, waitedMs = 0; ; attempts++) {
		let failure: unknown;
		try {
			const result = await attempt();
			rateLimit.refusedSince = undefined;
			return result;
		} catch (error) {
			failure = error;
		}
		if (attempts === maxAttempts || !mayRepeat(safety, failure)) throw failure;
		if (isRateLimit(failure)) {
			refusals++;
			rateLimit.refusedSince ??= clock.now();
			const refusedMs = Math.max(waitedMs, clock.now() - rateLimit.refusedSince);
			if (refusedMs >= RATE_LIMIT_PATIENCE_MS) throw failure;
		} else if (attempts - refusals >= MAX_ATTEMPTS) throw failure;
		onRetry?.(failure);
		const ms = delayMs(failure, isRateLimit(failure) ? refusals : attempts - refusals, random);
		await clock.sleep(ms, signal).catch(() => undefined);
		if (signal?.aborted) throw failure;
		waitedMs += ms;
	}
}

function mayRepeat(safety: Safety, error: unknown): error is KieAiError {
	if (!(error instanceof KieAiError) || !error.transient) return false;
	if ((error.retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS) return false;
	return safety === 'repeatable' || error.outcome === 'notSent' || isRateLimit(error);
}

function isRateLimit({ code }: KieAiError): boolean {
	return code === 429;
}

/**
 * After a rate limit, a window at least; spread more each time, as all who come back at once are refused at once.
 * @param times how often it has failed in this way
 */
function delayMs(error: KieAiError, times: number, random: () => number): number {
	const backoff = FIRST_DELAY_MS * 2 ** (times - 1);
	const base = error.retryAfterMs ?? (isRateLimit(error) ? NEW_TASKS_WINDOW_MS : backoff);
	return base + random() * Math.min(backoff, NEW_TASKS_WINDOW_MS);
}
