import type { Clock } from './clock';
import { KieAiError } from './errors';

const MAX_ATTEMPTS = 4;
const FIRST_DELAY_MS = 1_000;
/** A rejected submission finds room again when KieAI's 10 s window has passed. */
const RATE_LIMIT_DELAY_MS = 10_000;
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
	maxAttempts?: number | undefined;
	/** Told of every failure that is followed by another attempt. */
	onRetry?: ((failure: KieAiError) => void) | undefined;
}

export async function withRetries<T>(
	safety: Safety,
	attempt: () => Promise<T>,
	{ clock, signal, random = Math.random, maxAttempts = MAX_ATTEMPTS, onRetry }: RetryContext,
): Promise<T> {
	for (let attempts = 1; ; attempts++) {
		signal?.throwIfAborted();
		let failure: unknown;
		try {
			return await attempt();
		} catch (error) {
			failure = error;
		}
		if (attempts >= maxAttempts || !mayRepeat(safety, failure)) throw failure;
		onRetry?.(failure);
		await clock.sleep(delayMs(failure, attempts, random), signal);
	}
}

function mayRepeat(safety: Safety, error: unknown): error is KieAiError {
	if (!(error instanceof KieAiError) || !error.transient) return false;
	if ((error.retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS) return false;
	return safety === 'repeatable' || error.outcome === 'notSent' || error.code === 429;
}

function delayMs(error: KieAiError, attempts: number, random: () => number): number {
	const backoff = FIRST_DELAY_MS * 2 ** (attempts - 1);
	const base = error.retryAfterMs ?? (error.code === 429 ? RATE_LIMIT_DELAY_MS : backoff);
	return base + random() * backoff;
}
