import type { INodeExecutionData } from 'n8n-workflow';

import { downloadToBinary } from '../delivery/download';
import { toOutput, type VideoTask } from '../protocol/video';
import type { Gate } from '../waiting/pace';
import type { Tools, VideoOperation } from './operation';
import type { Order } from './order';
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
	{ itemIndex, settings, callback }: Order,
	settled: VideoTask | Failure,
	operation: VideoOperation,
	tools: Tools,
	downloads: Gate,
): Promise<Outcome> {
	if (isFailure(settled)) return { itemIndex, result: settled };
	const task = callback?.metadata ? { ...settled, metadata: callback.metadata } : settled;
	// Whoever only looks wants to know that a task failed; whoever waits for a film has none.
	const isLook = operation.cost === 'none' && settings.wait === 'none';
	if (task.status === 'failed' && !isLook) return { itemIndex, task, result: taskFailure(task) };
	if (task.status === 'timedOut' && settings.onTimeout === 'error') {
		return { itemIndex, task, result: timeoutFailure(task, settings.timeoutMinutes) };
	}

	const item: INodeExecutionData = {
		json: toOutput(task, settings.simplify),
		pairedItem: { item: itemIndex },
	};
	const { download } = settings;
	if (download === undefined || task.videoUrl === null || task.status !== 'succeeded') {
		return { itemIndex, task, result: item };
	}
	const { videoUrl, taskId, resolution } = task;
	try {
		const binary = await downloads(
			async () =>
				await downloadToBinary(tools.context, tools.connection, {
					url: videoUrl,
					baseName: resolution === null ? taskId : `${taskId}-${resolution}`,
					maxBytes: download.maxBytes,
				}),
		);
		return { itemIndex, task, result: { ...item, binary: { [download.fieldName]: binary } } };
	} catch (error) {
		return { itemIndex, task, result: failureOf(error, task) };
	}
}
