import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far KieAI's clock and ours may be apart, unless the user says otherwise. */
export const DEFAULT_TOLERANCE_SECONDS = 300;

/**
 * KieAI signs `taskId + "." + timestamp` (Unix seconds) with HMAC-SHA256, in base64.
 * The signature does not cover the rest of the callback's body.
 */
export function signCallback(taskId: string, timestamp: string, key: string): string {
	return createHmac('sha256', key).update(`${taskId}.${timestamp}`).digest('base64');
}

export interface SignedCallback {
	taskId: string;
	/** The headers as they came; both must be one text. */
	timestamp: unknown;
	signature: unknown;
}

/** Whether KieAI signed this callback with `key`, no more than `toleranceSeconds` before or after `nowMs`. */
export function isSignatureValid(
	{ taskId, timestamp, signature }: SignedCallback,
	key: string,
	toleranceSeconds: number,
	nowMs: number,
): boolean {
	if (key === '' || typeof timestamp !== 'string' || typeof signature !== 'string') return false;
	if (!/^\d+$/.test(timestamp)) return false;
	const ageSeconds = Math.abs(Math.floor(nowMs / 1000) - Number(timestamp));
	// Written so that a tolerance which is no number lets nothing through.
	if (!(ageSeconds <= toleranceSeconds)) return false;
	return isSame(signature, signCallback(taskId, timestamp, key));
}

/** Compares two secrets in a time that tells nothing about where they differ. */
export function isSame(given: string, expected: string): boolean {
	const a = Buffer.from(given);
	const b = Buffer.from(expected);
	return a.length === b.length && timingSafeEqual(a, b);
}
