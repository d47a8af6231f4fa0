import type { Clock } from '../protocol/clock';
import { KieAiError } from '../protocol/errors';
import { isFinal, type VideoTask } from '../protocol/video';

export interface PollPolicy {
	/** What usually takes minutes is not asked for at once. */
	firstCheckAfterMs: number;
	intervalMs: number;
	timeoutMs: number;
}

/**
 * Asks how a task stands until it is final or the time is up. Trouble at KieAI or on the way to it does not end the
 * wait; the last look is at the deadline.
 * @param check asks how the task stands; throws a `KieAiError` where KieAI cannot be asked
 * @returns the final task, or the last known one with status `timedOut`
 * @throws {KieAiError} where asking again cannot help (a bad key, an unknown task)
 */
export async function poll(
	check: (task: VideoTask) => Promise<VideoTask>,
	started: VideoTask,
	policy: PollPolicy,
	clock: Clock,
	signal?: AbortSignal,
): Promise<VideoTask> {
	if (isFinal(started)) return started;

	const deadline = clock.now() + policy.timeoutMs;
	let task = started;
	let trouble: string | null = null;
	let wait = policy.firstCheckAfterMs;
	for (;;) {
		const left = deadline - clock.now();
		const isLastLook = wait >= left;
		await clock.sleep(Math.max(0, Math.min(wait, left)), signal);
		await check(task).then(
			(answer) => {
				task = answer;
				trouble = null;
				wait = policy.intervalMs;
			},
			(error: unknown) => {
				if (!(error instanceof KieAiError) || endsTheWait(error)) throw error;
				trouble = error.message;
				wait = Math.max(policy.intervalMs, error.retryAfterMs ?? 0);
			},
		);
		if (isFinal(task)) return task;
		if (isLastLook) return { ...task, status: 'timedOut', errorMessage: trouble };
	}
}

/** Whatever is not KieAI's own word may be a proxy's, and pass. */
function endsTheWait({ isFinalWord, code }: KieAiError): boolean {
	return isFinalWord || code === 401;
}
