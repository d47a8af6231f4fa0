import { isFinal, type VideoTask } from '../protocol/video';
import type { Slot } from '../waiting/memory';
import { poll } from '../waiting/poll';
import type { Launch } from './launch';
import type { Tools, VideoOperation } from './operation';
import { failureOf, isFailure, type Failure } from './outcome';

/**
 * What becomes of a request: waits for its result as its settings say, or leaves it as it is.
 * @param deadline epoch in ms; undefined where the wait begins now
 */
export async function settle(
	{ recipients, state, lookFrom, callsBack }: Launch,
	operation: VideoOperation,
	slot: Slot,
	tools: Tools,
	deadline?: number,
): Promise<VideoTask | Failure> {
	if (isFailure(state)) return state;
	const { settings, itemIndex = 0 } = recipients[0] ?? {};
	let task = state;
	try {
		if (!isFinal(task) && settings !== undefined && settings.wait !== 'none') {
			// Its callback has not come in time, and there may be no other way to ask.
			if (callsBack) return { ...task, status: 'timedOut' };
			const { clock, signal } = tools.connection;
			const policy = {
				...settings.poll,
				firstCheckAfterMs: Math.max(0, lookFrom - clock.now()),
				...(deadline !== undefined && { timeoutMs: Math.max(0, deadline - clock.now()) }),
			};
			const check = async (last: VideoTask) =>
				(task = await ask(last, itemIndex, operation, tools));
			task = await poll(check, task, policy, clock, signal);
		}
		if (operation.cost !== 'none') remember(slot, task);
		return task;
	} catch (error) {
		return { ...failureOf(error, task), isAccepted: true };
	}
}

/** How a task stands, by its record or by asking for it again. */
export async function ask(
	task: VideoTask,
	itemIndex: number,
	{ look, askAgain }: VideoOperation,
	tools: Tools,
): Promise<VideoTask> {
	return (await look(task, tools)) ?? (await askAgain?.(task, itemIndex, tools)) ?? task;
}

/** Whoever runs the node again, a download having failed, need not ask again. */
function remember(slot: Slot, task: VideoTask): void {
	if (task.status === 'failed') slot.forget();
	else if (task.status === 'succeeded') slot.accepted(task);
}
