import * as n8nWorkflow from 'n8n-workflow';
import {
	NodeApiError,
	NodeOperationError,
	type INode,
	type INodeExecutionData,
	type JsonObject,
} from 'n8n-workflow';

import { adviceFor, KieAiError } from '../protocol/errors';
import { asNumber } from '../protocol/parse';
import {
	failed,
	isUpgrade,
	newTask,
	toOutput,
	type TaskIdentity,
	type UpgradeKind,
	type VideoTask,
} from '../protocol/video';
import type { VideoOperation } from './operation';
import { InputError } from './parameters';
import { upgradeName } from './video/source';

/**
 * Whether n8n sends error items with `details` to the error output; older ones take them for successes. No version is
 * told to a node, but this export came with the same one, n8n 2.36.
 */
const routesErrorDetails = 'REDACTED' in n8nWorkflow;

/** What became of one item: an output item or a failure, and the task where there is one. */
export interface Outcome {
	itemIndex: number;
	task?: VideoTask;
	result: INodeExecutionData | Failure;
}

export function isFailure(result: object): result is Failure {
	return 'advice' in result;
}

/** Why an item has no result, and what is known of its task all the same. */
export interface Failure {
	/** KieAI's own words, or what is wrong with the input. */
	message: string;
	/** What to do about it. */
	advice: string;
	/** KieAI's code, where KieAI said no. */
	code?: number | undefined;
	task?: VideoTask | undefined;
	/** Whether KieAI has taken the task; else `task` says only what was asked for. */
	isAccepted?: boolean;
	/** Whether KieAI may have taken, and charged for, a request that it did not answer clearly. */
	isAmbiguous?: boolean;
}

export function failureOf(error: unknown, task?: VideoTask): Failure {
	if (error instanceof KieAiError) {
		const { message, advice = '', code } = error;
		return { message, advice, code, task };
	}
	if (error instanceof InputError) {
		return { message: error.message, advice: error.advice, task };
	}
	const message = error instanceof Error ? error.message : String(error);
	return { message, advice: '', task };
}

/** How a failure begins where a check of a 4K upgrade has started another one. */
export const TAKEN_FOR_NEW = 'KieAI took the check for a new 4K request';

/** KieAI reported that the task failed. */
export function taskFailure(task: VideoTask): Failure {
	const code = asNumber(task.errorCode) ?? 501;
	const message = task.errorMessage ?? 'KieAI could not make the video';
	return { message, advice: adviceOn(task, code, message), code, task };
}

function adviceOn(task: VideoTask, code: number, message: string): string {
	if (!isUpgrade(task.kind)) return adviceFor(code, message);
	return message.startsWith(TAKEN_FOR_NEW)
		? `Run 'Get 4K' with ${sourceOf(task)} again in some minutes: it picks up the new one, free of charge while that is under way or done.`
		: adviceWithout(task.kind);
}

/** What to do where there is no upgrade: unlike a video's, its request has nothing to change. */
export function adviceWithout(kind: UpgradeKind): string {
	const version = kind === 'upgrade4k' ? '4K' : '1080p';
	return `KieAI could not make the ${version} version. Asking for it again may be charged again; another video may do.`;
}

/** What an upgrade is of, in the words of its fields: another index is another upgrade, and another charge. */
function sourceOf({ videoTaskId, index }: VideoTask): string {
	return `the Task ID '${videoTaskId}'${index ? ` and the Video Index ${index}` : ''}`;
}

export function timeoutFailure(task: VideoTask, minutes: number): Failure {
	const upgrade = upgradeName(task.kind);
	const pickUp =
		upgrade === undefined
			? `'Get' with 'Wait for Result' and the Task ID '${task.taskId}'`
			: `'${upgrade}' with ${sourceOf(task)}`;
	const trouble = task.errorMessage === null ? '' : ` The last check said: ${task.errorMessage}.`;
	return {
		message: `The video was not ready after ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`,
		advice: `KieAI goes on working. Pick it up for free: ${pickUp}.${trouble}`,
		task,
	};
}

/** After a charged request whose answer never came; n8n's retries must not pay twice. */
export function ambiguousFailure(error: unknown, identity: TaskIdentity): Failure {
	const why = error instanceof Error ? error.message : 'no answer came';
	return {
		message: `KieAI may have accepted this video, and charged for it: ${why}`,
		advice:
			'It is not sent again by itself. Look at the logs on kie.ai: if the task is there, go on with its Task ID; if not, run the workflow again.',
		code: error instanceof KieAiError ? error.code : undefined,
		// Not `failed`: nobody knows, and who takes it for failed pays again.
		task: { ...newTask(identity), confirmed: false },
		isAmbiguous: true,
	};
}

/** What the contract says of a request that became no task. */
export function refusedTask(operation: VideoOperation, request: object, error: unknown): VideoTask {
	return notStarted(operation.identify(request), error);
}

export function notStarted(identity: TaskIdentity, error: unknown): VideoTask {
	const { message, code } = failureOf(error);
	const confirmed = error instanceof KieAiError && error.isAnswer;
	return { ...failed(newTask(identity), message, code), confirmed };
}

/** The whole text: message, every task ID, item. n8n's older versions drop all but this from an error item. */
function textOf({ message, task }: Failure, itemIndex: number): string {
	const ids = task === undefined ? [] : [...new Set([task.taskId, task.videoTaskId])];
	// An extension that became no task has only a source.
	const named = ids.some((id) => id !== '') ? ids : [task?.sourceTaskId ?? ''];
	const known = named.filter((id) => id !== '' && !message.includes(id)).join(', ');
	return `${message}${known === '' ? '' : ` (task ${known})`} [item ${itemIndex}]`;
}

/** The one shape that n8n routes to the error output with its data; older versions route it without `details` only. */
function errorItem(failure: Failure, itemIndex: number, { onError }: INode): INodeExecutionData {
	const text = textOf(failure, itemIndex);
	const { task, message } = failure;
	const details = {
		...(task && toOutput({ ...task, raw: null }, false)),
		errorMessage: task?.errorMessage ?? message,
	};
	const isRouted = routesErrorDetails || onError !== 'continueErrorOutput';
	return {
		json: { error: text, message: text, ...(isRouted && { details }) },
		pairedItem: { item: itemIndex },
	};
}

/** What leaves the node: items in the order of the input, failures as error items. */
export function outputItems(outcomes: Outcome[], node: INode): INodeExecutionData[] {
	return inOrder(outcomes).map(({ itemIndex, result }) =>
		isFailure(result) ? errorItem(result, itemIndex, node) : result,
	);
}

/** The same with failures in the contract too: nothing in it that n8n takes for an error. */
export function contractItems(outcomes: Outcome[]): INodeExecutionData[] {
	return inOrder(outcomes).map(({ itemIndex, task, result }) => {
		if (!isFailure(result)) return result;
		const known = task ?? result.task;
		return { json: known ? toOutput(known, true) : {}, pairedItem: { item: itemIndex } };
	});
}

function inOrder(outcomes: Outcome[]): Outcome[] {
	return [...outcomes].sort((a, b) => a.itemIndex - b.itemIndex);
}

/**
 * The error that stands for all that failed; undefined where nothing has. What may have been charged comes before
 * everything else: whoever runs it again must have read it.
 */
export function firstFailure(
	node: INode,
	outcomes: Outcome[],
): NodeApiError | NodeOperationError | undefined {
	const failures = inOrder(outcomes).flatMap(({ itemIndex, result }) =>
		isFailure(result) ? [{ itemIndex, result }] : [],
	);
	const first = failures.find(({ result }) => result.isAmbiguous) ?? failures[0];
	if (first === undefined) return undefined;
	const { itemIndex, result } = first;
	return nodeError(node, result, itemIndex, summarize(inOrder(outcomes), itemIndex));
}

/**
 * A node error made from plain data: n8n drops the text where one of its errors wraps another.
 * @param others what became of the other items, so that nothing is lost with the error
 */
export function nodeError(
	node: INode,
	failure: Failure,
	itemIndex: number,
	others: string[] = [],
): NodeApiError | NodeOperationError {
	const message = textOf(failure, itemIndex);
	const { advice, code } = failure;
	const description = [advice, ...others].filter((text) => text !== '').join(' ');
	if (code === undefined) {
		return new NodeOperationError(node, message, { itemIndex, description });
	}
	const plain: JsonObject = { message, description };
	const error = new NodeApiError(node, plain, {
		message,
		description,
		itemIndex,
		httpCode: String(code),
	});
	// n8n replaces a text in which it finds the name of a network error, and the task ID with it.
	error.message = message;
	return error;
}

/** What an error of one item must not lose: every task that was started, and why others failed. */
function summarize(outcomes: Outcome[], failingIndex: number): string[] {
	const tasks = outcomes.flatMap(({ itemIndex, task, result }) => {
		const started = task ?? (isFailure(result) && result.isAccepted ? result.task : undefined);
		if (started === undefined) return [];
		const links = linksOf(started);
		const isTold = itemIndex === failingIndex && links.length === 0;
		return isTold ? [] : [[started.taskId, started.status, ...links].join(' ')];
	});
	const failures = outcomes.flatMap(({ itemIndex, result }) =>
		isFailure(result) && itemIndex !== failingIndex ? [textOf(result, itemIndex)] : [],
	);
	return [
		...(tasks.length > 0 ? [`Tasks of this run: ${tasks.join('; ')}.`] : []),
		...(failures.length > 0 ? [`Other items: ${failures.join('; ')}.`] : []),
	];
}

/** All that KieAI gave, the film first. */
function linksOf(task: VideoTask): string[] {
	const { videoUrl, fullResultUrls, resultUrls, originUrls, imageUrls } = task;
	const links = [videoUrl, ...fullResultUrls, ...resultUrls, ...originUrls, ...imageUrls];
	return [...new Set(links)].filter((url) => url !== null);
}
