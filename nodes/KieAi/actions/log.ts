import type { IExecuteFunctions } from 'n8n-workflow';

import type { TaskKind, VideoTask } from '../protocol/video';

/** The log is all that is left of a task when a person presses Stop, or n8n dies, before the execution is saved. */
export function logAccepted(context: IExecuteFunctions, task: VideoTask, itemIndex: number): void {
	const { taskId, videoTaskId, kind } = task;
	context.logger.info(`KieAI accepted task ${taskId} (${kind}, item ${itemIndex})`, {
		taskId,
		videoTaskId,
		kind,
		itemIndex,
		executionId: context.getExecutionId(),
	});
}

export function logAmbiguous(context: IExecuteFunctions, kind: TaskKind, itemIndex: number): void {
	context.logger.warn(
		`KieAI may have accepted a task: no clear answer (${kind}, item ${itemIndex})`,
		{
			kind,
			itemIndex,
			executionId: context.getExecutionId(),
		},
	);
}
