import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IWebhookFunctions,
	NodeApiError,
	NodeOperationError,
} from 'n8n-workflow';

import { asObject, asText } from '../protocol/parse';
import type { VideoTask } from '../protocol/video';
import { canReach, reachParkedNode } from './reach';

/**
 * How a node parks its execution and is woken by a callback. `execute()` leaves its state in the node's context, which
 * n8n stores with the execution, and asks n8n to wait: nothing stays in memory. A callback then reaches the node's
 * `webhook()`, which proves it, leaves it in that same context and has n8n run `execute()` once more. Where no callback
 * comes, n8n goes on at the deadline without the node: it fails with the error, or passes on the items, that were left
 * for this.
 */
export interface Parking<State> extends Place {
	/** Epoch in ms; parking again does not move it. */
	deadline: number;
	/** What may wake the node. */
	awaited: Awaited[];
	/** The items that the node was first run with: it is run again with the same. */
	input: INodeExecutionData[];
	state: State;
	/** Counts the times that this run of the node has parked, from 1. */
	times: number;
	/** What woke the node. */
	callbacks?: Callback[];
}

export interface Awaited {
	/** Index of the item that waits for it. */
	item: number;
	/** Any of these in a callback names it: a task's own ID, or its source's. */
	taskIds: string[];
	/** KieAI's answer told no ID of its own for it: its callback still may. */
	mayHaveAnother?: boolean;
}

/** Whether a callback that came to an item's URL is about what the item waits for. */
export function isAwaited(awaited: Awaited[], item: number, taskId: string): boolean {
	const isNamed = ({ taskIds }: Awaited) => taskIds.includes(taskId);
	const own = awaited.find((each) => each.item === item);
	if (own === undefined) return false;
	return isNamed(own) || (own.mayHaveAnother === true && !awaited.some(isNamed));
}

/** A proven callback. */
export interface Callback {
	/** Index of the item that waits for it. */
	item: number;
	/** What it claims. */
	task: VideoTask;
}

export interface Deadline {
	/** What n8n passes on at the deadline: one item for each item of the input, in order. */
	items: INodeExecutionData[];
	/** What newer versions of n8n fail with instead. */
	error?: NodeApiError | NodeOperationError | undefined;
}

export async function park<State>(
	context: IExecuteFunctions,
	parking: Parking<State>,
	{ items, error }: Deadline,
): Promise<void> {
	context.getContext('node').parking = parking;
	const entry = context.getExecuteData();
	entry.data = { main: [items] };
	// A node that could not take the error away again when it is woken must not leave one.
	if (error !== undefined && canReach(context)) {
		context.setMetadata({ resumeError: error });
	}
	await context.putExecutionToWait(new Date(parking.deadline));
}

/** One run of the node in one execution; the same on all tries of n8n's Retry On Fail. */
export interface Place {
	executionId: string;
	runIndex: number;
}

/** Read without an expression: the first one that an execution evaluates takes n8n longer than all else here. */
export function readPlace(context: IExecuteFunctions): Place {
	return {
		executionId: context.getExecutionId(),
		runIndex: Number(context.getWorkflowDataProxy(0).$runIndex),
	};
}

/** Once nobody will ask for it any more: it would stay in the execution's data for good. */
export function forgetParking(context: IExecuteFunctions): void {
	delete context.getContext('node').parking;
}

/** The state in which this run of the node was parked; undefined on its first run. */
export function recallParking<State>(
	context: IExecuteFunctions,
	{ executionId, runIndex }: Place,
): Parking<State> | undefined {
	const parking = context.getContext('node').parking as Parking<State> | undefined;
	// A person's Retry is another execution, and begins anew.
	return parking?.executionId === executionId && parking.runIndex === runIndex
		? parking
		: undefined;
}

/** One run of the node, as often as it has parked. */
export interface ParkedRun {
	/** Names the run, among all of this n8n. */
	run: string;
	/** Counts the times that it has parked, from 1. */
	times: number;
}

export function parkedRun(
	context: IExecuteFunctions | IWebhookFunctions,
	{ executionId, runIndex, times }: Parking<unknown>,
): ParkedRun {
	return { run: `${audienceOf(executionId, context.getNode().id)}.${runIndex}`, times };
}

/**
 * What one run of the node waits for; where n8n does not let itself be reached into, what its parked items tell,
 * whichever run they are of.
 */
export function readAwaited(context: IWebhookFunctions, run: number | undefined): Awaited[] {
	const parking = reachParkedNode(context)?.memory.parking as Parking<unknown> | undefined;
	if (parking !== undefined) return parking.runIndex === run ? parking.awaited : [];
	return readParkedItems(context).flatMap((json, item) => {
		// At the deadline it may be an error item.
		const { status, kind, taskId, videoTaskId } = asObject(json.details) ?? json;
		const mayHaveAnother = kind === 'upgrade4k' && taskId === videoTaskId;
		const taskIds = [String(taskId), String(videoTaskId)];
		return status === 'timedOut' ? [{ item, taskIds, mayHaveAnother }] : [];
	});
}

/** What would be passed on at the deadline, as `webhook()` sees it. */
export function readParkedItems(context: IWebhookFunctions): IDataObject[] {
	const items: unknown = context.evaluateExpression('{{ $input.all().map((item) => item.json) }}');
	return Array.isArray(items) ? (items as IDataObject[]) : [];
}

/** Where KieAI's callback reaches this node of this execution: n8n's URL, with its token, and the node's own path. */
export function readResumeUrl(context: IExecuteFunctions): string {
	const { resumeUrl } = asObject(context.getWorkflowDataProxy(0).$execution) ?? {};
	const text = asText(resumeUrl) ?? '';
	if (!URL.canParse(text)) return text;
	const url = new URL(text);
	url.pathname = `${url.pathname}/${encodeURIComponent(context.getNode().id)}`;
	return url.href;
}

/** Whom a callback URL is signed for: one node of one execution. */
export function audienceOf(executionId: string, nodeId: string): string {
	return `parked-execution.${executionId}.${nodeId}`;
}
