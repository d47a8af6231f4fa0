import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { connect } from '../connection';
import type { VideoTask } from '../protocol/video';
import { concurrencyGate } from '../waiting/pace';
import { addStorageHint } from './hints';
import {
	failureOf,
	firstFailure,
	nodeError,
	notStarted,
	outputItems,
	type Failure,
	type Outcome,
} from './outcome';
import type { Operation, ShortOperation, Tools, VideoOperation } from './operation';
import { readOrder } from './order';
import { readItem, type ItemParameters } from './parameters';
import { findOperation } from './router';
import { runVideos, type VideoRun } from './runVideos';
import { identifyGiven } from './video/source';

/** Files and balances that are asked for at the same time. */
const MAX_SHORT_OPERATIONS = 10;

/** Runs the chosen operation for all items: reads and checks them all, sends, and settles every one of them. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const operation = readOperation(context);
	const tools: Tools = { context, connection: await connect(context) };
	const { signal } = tools.connection;
	const run = await executeAll(operation, tools).catch((error: unknown) => {
		if (signal?.aborted) return undefined;
		throw error;
	});
	// Stopped: n8n says so itself, and an error of ours would make it a failure.
	if (run === undefined || signal?.aborted) return [[]];
	if ('parked' in run) return [run.parked];
	addStorageHint(context, run.outcomes);
	return [finish(context, run.outcomes)];
}

async function executeAll(operation: Operation, tools: Tools): Promise<VideoRun> {
	return operation.type === 'video'
		? await executeVideos(operation, tools)
		: { outcomes: await executeShort(operation, tools) };
}

function readOperation(context: IExecuteFunctions): Operation {
	const resource = String(context.getNodeParameter('resource', 0));
	const name = String(context.getNodeParameter('operation', 0));
	const operation = findOperation(resource, name);
	if (operation !== undefined) return operation;
	throw new NodeOperationError(
		context.getNode(),
		`The operation '${name}' of '${resource}' does not exist`,
		{ description: "Choose another 'Resource' or 'Operation'." },
	);
}

async function executeVideos(operation: VideoOperation, tools: Tools): Promise<VideoRun> {
	const { context } = tools;
	return await runVideos(operation, tools, () => {
		const { read, refused } = readItems(
			context,
			(item) => readOrder(item, operation, tools),
			(itemIndex, error) => notStarted(identifyGiven(context, itemIndex, operation.kind), error),
		);
		return { orders: read, refused };
	});
}

async function executeShort(operation: ShortOperation, tools: Tools): Promise<Outcome[]> {
	const { read, refused } = readItems(tools.context, (item) => ({
		itemIndex: item.itemIndex,
		request: operation.read(item),
	}));
	const gate = concurrencyGate(MAX_SHORT_OPERATIONS);
	const outcomes = await Promise.all(
		read.map(
			async ({ itemIndex, request }): Promise<Outcome> =>
				await gate(async () => {
					try {
						const item = await operation.run(request, itemIndex, tools);
						return { itemIndex, result: { ...item, pairedItem: { item: itemIndex } } };
					} catch (error) {
						return { itemIndex, result: failureOf(error) };
					}
				}),
		),
	);
	return [...outcomes, ...refused];
}

interface Refusal extends Outcome {
	result: Failure;
}

/**
 * Every item is read before the first request; without On Error set to continue, one bad item stops the run here.
 * @param taskOf what the contract says of an item that cannot be used
 */
function readItems<T>(
	context: IExecuteFunctions,
	read: (item: ItemParameters) => T,
	taskOf?: (itemIndex: number, error: unknown) => VideoTask,
): { read: T[]; refused: Refusal[] } {
	const orders: T[] = [];
	const refused: Refusal[] = [];
	for (const itemIndex of context.getInputData().keys()) {
		try {
			orders.push(read(readItem(context, itemIndex)));
		} catch (error) {
			refused.push({ itemIndex, result: failureOf(error, taskOf?.(itemIndex, error)) });
		}
	}
	const [first] = refused;
	if (first && !context.continueOnFail()) {
		throw nodeError(context.getNode(), first.result, first.itemIndex);
	}
	return { read: orders, refused };
}

/** Output in the order of the input; an error only after everything that was started has been settled. */
function finish(context: IExecuteFunctions, outcomes: Outcome[]): INodeExecutionData[] {
	const error = context.continueOnFail() ? undefined : firstFailure(context.getNode(), outcomes);
	if (error !== undefined) throw error;
	return outputItems(outcomes, context.getNode());
}
