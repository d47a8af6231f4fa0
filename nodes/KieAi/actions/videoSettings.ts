import type { IExecuteFunctions } from 'n8n-workflow';

import type { PollPolicy } from '../waiting/poll';
import { readBinaryPropertyName, readMaxBytes } from './binaryOutput';
import type { VideoOperation } from './operation';
import { InputError, type ItemParameters } from './parameters';
import { RANGES } from './ranges';
import { DEFAULT_MAX_NEW_TASKS } from './video/fields';

/** Check Until Ready, Pause Until Callback, Do Not Wait. */
export type Wait = 'poll' | 'callback' | 'none';

/** How to wait for one item's video, and in which form it leaves. */
export interface VideoSettings {
	wait: Wait;
	poll: PollPolicy;
	timeoutMinutes: number;
	onTimeout: 'error' | 'output';
	download: { fieldName: string; maxBytes: number } | undefined;
	simplify: boolean;
	maxNewTasks: number;
	minimumCreditBalance: number;
}

export function readVideoSettings(
	item: ItemParameters,
	context: IExecuteFunctions,
	{ timing, callsBack }: VideoOperation,
): VideoSettings {
	const wait = readWait(item, context, callsBack);
	const isWaiting = wait !== 'none';
	const seconds = (name: 'firstCheckAfter' | 'pollInterval', label: string, fallback: number) =>
		item.option.number(name, label, { ...RANGES[name], fallback }) * 1000;
	const timeoutMinutes = item.option.number('timeout', 'Timeout (Minutes)', {
		...RANGES.timeout,
		fallback: timing.timeoutMinutes,
	});
	if (isWaiting) checkExecutionTimeout(context, timeoutMinutes);
	return {
		wait,
		poll: {
			firstCheckAfterMs: seconds(
				'firstCheckAfter',
				'First Check After (Seconds)',
				timing.firstCheckAfterSeconds,
			),
			intervalMs: seconds('pollInterval', 'Poll Interval (Seconds)', timing.pollIntervalSeconds),
			timeoutMs: timeoutMinutes * 60_000,
		},
		timeoutMinutes,
		onTimeout: isWaiting ? item.choice('onTimeout', ['error', 'output'], 'On Timeout') : 'output',
		download:
			isWaiting && item.flag('download', 'Download Video', false)
				? { fieldName: readBinaryPropertyName(item), maxBytes: readMaxBytes(item) }
				: undefined,
		simplify: item.flag('simplify', 'Simplify', true),
		maxNewTasks: item.option.number('maxNewTasks', 'Maximum New Tasks per Run', {
			...RANGES.maxNewTasks,
			fallback: DEFAULT_MAX_NEW_TASKS,
		}),
		minimumCreditBalance: item.option.number('minimumCreditBalance', 'Minimum Credit Balance', {
			...RANGES.minimumCreditBalance,
			fallback: 0,
		}),
	};
}

/** The same settings with another time to wait. */
export function withTimeout(settings: VideoSettings, timeoutMinutes: number): VideoSettings {
	const poll = { ...settings.poll, timeoutMs: timeoutMinutes * 60_000 };
	return { ...settings, poll, timeoutMinutes };
}

function readWait(item: ItemParameters, context: IExecuteFunctions, callsBack: boolean): Wait {
	const wait = item.choice<Wait>('waitForResult', ['poll', 'callback', 'none'], 'Wait for Result');
	if (wait !== 'callback') return wait;
	if (!callsBack) {
		throw new InputError(
			"'Wait for Result' is 'Pause Until Callback', and KieAI does not call back for this operation",
			"Choose 'Check Until Ready'.",
		);
	}
	// An agent of version 2 and older runs its tools itself, and would wait for ever for one that pauses.
	return runsInsideAgent(context) ? 'poll' : wait;
}

/** Whether an AI agent, and not n8n's engine, runs the node. */
export function runsInsideAgent(context: IExecuteFunctions): boolean {
	const { isToolExecution } = context as Partial<IExecuteFunctions>;
	// Older versions of n8n do not tell: there, every tool counts as one that cannot pause.
	return isToolExecution?.call(context) ?? isTool(context);
}

/** Whether the node is the tool of an AI agent, which may call it for one thing after the other. */
export function isTool(context: IExecuteFunctions): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** A workflow that ends before the wait does would lose a video that has been paid for. */
function checkExecutionTimeout(context: IExecuteFunctions, timeoutMinutes: number): void {
	// Not there in n8n 2.0, where a workflow's own timeout cannot be known.
	const settings = (context as Partial<IExecuteFunctions>).getWorkflowSettings?.();
	const executionTimeout = settings?.executionTimeout ?? -1;
	if (executionTimeout <= 0 || executionTimeout > timeoutMinutes * 60) return;
	throw new InputError(
		`'Timeout (Minutes)' is ${timeoutMinutes}, and the workflow is stopped after ${executionTimeout} seconds`,
		"Raise 'Timeout Workflow' in the workflow's settings, lower 'Timeout (Minutes)', or choose 'Do Not Wait'.",
	);
}
