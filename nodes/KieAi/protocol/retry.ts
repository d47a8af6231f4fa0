import type { Clock } from './clock';
import { KieAiError } from './errors';
import { NEW_TASKS_WINDOW_MS } from './limits';

const MAX_ATTEMPTS = 4;
const FIRST_DELAY_MS = 1_000;
/**
 * How long what KieAI refuses for its rate limit is sent again: that costs nothing, and other executions, which nobody
 * can see from here, take the same places.
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
}

export async function withRetries<T>(
	safety: Safety,
	attempt: () => Promise<T>,
	{ clock, signal, random = Math.random, maxAttempts, onRetry }: RetryContext,
): Promise<T> {
	for (let attempts = 1, waitedMs = 0; ; attempts++) {
		signal?.throwIfAborted();
		let failure: unknown;
		try {
			return await attempt();
		} catch (error) {
			failure = error;
		}
		if (attempts === maxAttempts || !mayRepeat(safety, failure)) throw failure;
		if (isEnough(failure, attempts, waitedMs)) throw failure;
		onRetry?.(failure);
		const ms = delayMs(failure, attempts, random);
		await clock.sleep(ms, signal);
		waitedMs += ms;
	}
}

function mayRepeat(safety: Safety, error: unknown): error is KieAiError {
	if (!(error instanceof KieAiError) || !error.transient) return false;
	if ((error.retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS) return false;
	return safety === 'repeatable' || error.outcome === 'notSent' || error.code === 429;
}

function isEnough({ code }: KieAiError, attempts: number, waitedMs: number): boolean {
	return code === 429 ? waitedMs >= RATE_LIMIT_PATIENCE_MS : attempts >= MAX_ATTEMPTS;
}

/** After a rate limit, a window at least; spread more each time, as all who come back at once are refused at once. */
function delayMs(error: KieAiError, attempts: number, random: () => number): number {
	const backoff = FIRST_DELAY_MS * 2 ** (attempts - 1);
	const base = error.retryAfterMs ?? (error.code === 429 ? NEW_TASKS_WINDOW_MS : backoff);
	return base + random() * Math.min(backoff, NEW_TASKS_WINDOW_MS);
}
