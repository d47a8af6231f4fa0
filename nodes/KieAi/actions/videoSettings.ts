import type { IExecuteFunctions } from 'n8n-workflow';

import type { PollPolicy } from '../waiting/poll';
import { readBinaryPropertyName, readMaxBytes } from './binaryOutput';
import type { Timing } from './operation';
import { InputError, type ItemParameters } from './parameters';
import { DEFAULT_MAX_NEW_TASKS } from './video/fields';

/** How to wait for one item's video, and in which form it leaves. */
export interface VideoSettings {
	wait: 'poll' | 'none';
	poll: PollPolicy;
	timeoutMinutes: number;
	onTimeout: 'error' | 'output';
	download: { fieldName: string; maxBytes: number } | undefined;
	simplify: boolean;
	maxNewTasks: number;
	minimumCreditBalance: number;
}

const MAX_SECONDS = 86_400;
const MAX_MINUTES = 1_440;

export function readVideoSettings(
	item: ItemParameters,
	context: IExecuteFunctions,
	timing: Timing,
): VideoSettings {
	const wait = item.choice('waitForResult', ['poll', 'none'], 'Wait for Result');
	const isPolling = wait === 'poll';
	const seconds = (name: string, label: string, min: number, fallback: number) =>
		item.option.number(name, label, { min, max: MAX_SECONDS, fallback }) * 1000;
	const timeoutMinutes = item.option.number('timeout', 'Timeout (Minutes)', {
		min: 0,
		max: MAX_MINUTES,
		fallback: timing.timeoutMinutes,
	});
	if (isPolling) checkExecutionTimeout(context, timeoutMinutes);
	return {
		wait,
		poll: {
			firstCheckAfterMs: seconds(
				'firstCheckAfter',
				'First Check After (Seconds)',
				0,
				timing.firstCheckAfterSeconds,
			),
			intervalMs: seconds('pollInterval', 'Poll Interval (Seconds)', 1, timing.pollIntervalSeconds),
			timeoutMs: timeoutMinutes * 60_000,
		},
		timeoutMinutes,
		onTimeout: isPolling ? item.choice('onTimeout', ['error', 'output'], 'On Timeout') : 'output',
		download:
			isPolling && item.flag('download', false)
				? { fieldName: readBinaryPropertyName(item), maxBytes: readMaxBytes(item) }
				: undefined,
		simplify: item.flag('simplify', true),
		maxNewTasks: item.option.number('maxNewTasks', 'Maximum New Tasks per Run', {
			min: 1,
			max: 100_000,
			fallback: DEFAULT_MAX_NEW_TASKS,
			whole: true,
		}),
		minimumCreditBalance: item.option.number('minimumCreditBalance', 'Minimum Credit Balance', {
			min: 0,
			max: Number.MAX_SAFE_INTEGER,
			fallback: 0,
		}),
	};
}

/** A workflow that ends before the wait does would lose a video that has been paid for. */
function checkExecutionTimeout(context: IExecuteFunctions, timeoutMinutes: number): void {
	const { executionTimeout = -1 } = context.getWorkflowSettings();
	if (executionTimeout <= 0 || executionTimeout >= timeoutMinutes * 60) return;
	throw new InputError(
		`'Timeout (Minutes)' is ${timeoutMinutes}, and the workflow is stopped after ${executionTimeout} seconds`,
		"Raise 'Timeout Workflow' in the workflow's settings, lower 'Timeout (Minutes)', or choose 'Do Not Wait'.",
	);
}
