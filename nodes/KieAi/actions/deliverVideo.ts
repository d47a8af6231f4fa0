import { downloadToBinary } from '../delivery/download';
import { toOutput, type VideoTask } from '../protocol/video';
import type { Gate } from '../waiting/pace';
import type { Tools, VideoOperation } from './operation';
import type { Recipient } from './order';
import {
	failureOf,
	isFailure,
	taskFailure,
	timeoutFailure,
	type Failure,
	type Outcome,
} from './outcome';

/** One item's share of a result: the film itself where it is wanted, or why there is none. */
export async function deliverVideo(
	recipient: Recipient,
	settled: VideoTask | Failure,
	operation: VideoOperation,
	{ context, connection }: Tools,
	downloads: Gate,
): Promise<Outcome> {
	const outcome = outcomeOf(recipient, settled, operation);
	const { task, result } = outcome;
	const { download } = recipient.settings;
	if (isFailure(result) || !download || !task?.videoUrl || task.status !== 'succeeded')
		return outcome;

	const { videoUrl, taskId, resolution } = task;
	try {
		const binary = await downloads(
			async () =>
				await downloadToBinary(context, connection, {
					url: videoUrl,
					baseName: resolution === null ? taskId : `${taskId}-${resolution}`,
					maxBytes: download.maxBytes,
				}),
		);
		return { ...outcome, result: { ...result, binary: { [download.fieldName]: binary } } };
	} catch (error) {
		return { ...outcome, result: failureOf(error, task) };
	}
}

/** What a result means for one item, before a film is downloaded. */
export function outcomeOf(
	{ itemIndex, settings, metadata }: Recipient,
	settled: VideoTask | Failure,
	operation: VideoOperation,
): Outcome {
	if (isFailure(settled)) return { itemIndex, result: settled };
	const task = metadata ? { ...settled, metadata } : settled;
	// Whoever only looks wants to know that a task failed; whoever waits for a film has none.
	const isLook = operation.cost === 'none' && settings.wait === 'none';
	if (task.status === 'failed' && !isLook) return { itemIndex, task, result: taskFailure(task) };
	if (task.status === 'timedOut' && settings.onTimeout === 'error') {
		return { itemIndex, task, result: timeoutFailure(task, settings.timeoutMinutes) };
	}
	const json = toOutput(task, settings.simplify);
	return { itemIndex, task, result: { json, pairedItem: { item: itemIndex } } };
}
