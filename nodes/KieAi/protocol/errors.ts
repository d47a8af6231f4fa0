import { NEW_TASKS_PER_WINDOW, NEW_TASKS_WINDOW_MS, RESULT_LIFETIME_DAYS } from './limits';

/**
 * What KieAI may have done with a request that failed:
 * `refused` (it said that it did not take it), `notSent` (the connection was never made),
 * `unknown` (it may have taken the request, and charged for it).
 */
export type Outcome = 'refused' | 'notSent' | 'unknown';

export interface KieAiErrorDetails {
	outcome: Outcome;
	/** Whether the same request may go well later: rate limit, maintenance, trouble at KieAI or on the way. */
	transient: boolean;
	/** The envelope's `code`, or the HTTP status where there is no envelope. */
	code?: number | undefined;
	/** Whether KieAI itself said so, in an envelope, and not a proxy or a broken connection. */
	isAnswer?: boolean;
	advice?: string | undefined;
	/** What KieAI asks to wait (`Retry-After`), in ms. */
	retryAfterMs?: number | undefined;
}

/** A request to KieAI that did not do what it was sent for. The message is KieAI's own where it has one. */
export class KieAiError extends Error {
	readonly outcome: Outcome;
	readonly transient: boolean;
	readonly code: number | undefined;
	readonly isAnswer: boolean;
	readonly advice: string | undefined;
	readonly retryAfterMs: number | undefined;

	constructor(message: string, details: KieAiErrorDetails) {
		super(message);
		this.name = 'KieAiError';
		this.outcome = details.outcome;
		this.transient = details.transient;
		this.code = details.code;
		this.isAnswer = details.isAnswer ?? false;
		this.advice = details.advice;
		this.retryAfterMs = details.retryAfterMs;
	}

	/** Whether KieAI itself said no, and would say the same again. */
	get isFinalWord(): boolean {
		return this.isAnswer && !this.transient;
	}
}

/** A 500 may carry a final answer: "The 4K version of this video is unavailable. Please try a different video." */
export function isFinalAnswer(message: string): boolean {
	return /\bdifferent video\b|\b4k\b.*\b(unavailable|fail)/i.test(message);
}

/** What a person can do about an error that KieAI reports; the text of a 422 tells its cases apart. */
export function adviceFor(code: number, message: string): string {
	if (isFinalAnswer(message)) {
		return 'KieAI cannot make this video. Asking again may be charged again; another video may do.';
	}
	if (code === 401) return "Check the API key in the 'KieAI API' credential.";
	if (code === 402) return 'Add credits to your KieAI account, then run the node again.';
	if (code === 404) return 'Check the Task ID or the link: KieAI does not know it.';
	if (code === 422) return adviceForValidation(message);
	if (code === 429)
		return `KieAI takes ${NEW_TASKS_PER_WINDOW} new tasks per ${NEW_TASKS_WINDOW_MS / 1000} seconds; run the node again later.`;
	if (code === 451) {
		return 'KieAI could not fetch an image. Use a link that opens without a login, or a binary field.';
	}
	if (code === 455) return 'KieAI is under maintenance. Run the node again later.';
	if (code === 400 || code === 501)
		return 'Change the prompt or the images, then run the node again.';
	if (code === 505) return 'KieAI has switched this feature off. See its status page.';
	return 'Run the node again later; if it stays like this, ask KieAI with the Task ID.';
}

function adviceForValidation(message: string): string {
	if (/14 days/i.test(message)) {
		return `KieAI keeps videos for ${RESULT_LIFETIME_DAYS} days. Generate the video again.`;
	}
	if (/record is null/i.test(message)) {
		return "KieAI does not know this task. Check the 'Task ID' and that the credential belongs to the account that made the video.";
	}
	if (/status is not success/i.test(message)) {
		return "The source video is not finished, or it failed. Look with 'Get', and wait until its status is 'succeeded'.";
	}
	if (/result data/i.test(message)) {
		return 'KieAI has no result for this task. Generate the video again.';
	}
	if (/1080p/i.test(message) && /extend/i.test(message)) {
		return 'KieAI cannot extend a video that has a 1080p version. Generate the video again, and extend it before you upgrade it.';
	}
	if (/fallback/i.test(message)) {
		return 'KieAI made this video in a way that cannot be upgraded. Generate the video again.';
	}
	if (/\bindex\b/i.test(message)) {
		return "The task has no video of this number. Set 'Video Index' to 0 for its first one.";
	}
	return 'Check the values of the node: KieAI does not accept one of them.';
}
