import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { connect } from '../connection';
import type { VideoTask } from '../protocol/video';
import { concurrencyGate } from '../waiting/pace';
import { errorItem, failureOf, nodeError, type Failure } from './failure';
import type { ShortOperation, Tools } from './operation';
import { readItem, type ItemParameters } from './parameters';
import { findOperation } from './router';
import { readOrder, runVideos } from './runVideos';

/** Files and balances that are asked for at the same time. */
const MAX_SHORT_OPERATIONS = 10;

/** What became of one item: an output item or a failure, and the task where there is one. */
export interface Outcome {
	task?: VideoTask;
	item?: INodeExecutionData;
	failure?: Failure;
}

/** Runs the chosen operation for all items: reads and checks them all, sends, and settles every one of them. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const resource = context.getNodeParameter('resource', 0) as string;
	const name = context.getNodeParameter('operation', 0) as string;
	const operation = findOperation(resource, name);
	if (operation === undefined) {
		throw new NodeOperationError(
			context.getNode(),
			`The operation '${name}' of '${resource}' does not exist`,
			{ description: "Choose another 'Resource' or 'Operation'." },
		);
	}
	const tools: Tools = { context, connection: await connect(context) };

	if (operation.type === 'video') {
		const { read, refused } = readItems(context, (item) => readOrder(item, operation, tools));
		return finish(context, [...refused, ...(await runVideos(read, operation, tools))]);
	}
	const { read, refused } = readItems(context, (item) => ({
		itemIndex: item.itemIndex,
		request: operation.read(item),
	}));
	return finish(context, [...refused, ...(await runShort(read, operation, tools))]);
}

/** Every item is read before the first request; without On Error set to continue, one bad item stops the run here. */
function readItems<T>(
	context: IExecuteFunctions,
	read: (item: ItemParameters) => T,
): { read: T[]; refused: Outcome[] } {
	const results = context.getInputData().map((_item, itemIndex) => {
		try {
			return { value: read(readItem(context, itemIndex)) };
		} catch (error) {
			return { failure: failureOf(error, itemIndex) };
		}
	});
	const refused = results.flatMap(({ failure }) => (failure ? [{ failure }] : []));
	const first = refused[0];
	if (first && !context.continueOnFail()) throw nodeError(context.getNode(), first.failure);
	return { read: results.flatMap(({ value }) => (value === undefined ? [] : [value])), refused };
}

async function runShort(
	orders: Array<{ itemIndex: number; request: object }>,
	operation: ShortOperation,
	tools: Tools,
): Promise<Outcome[]> {
	const gate = concurrencyGate(MAX_SHORT_OPERATIONS);
	return await Promise.all(
		orders.map(
			async ({ itemIndex, request }) =>
				await gate(async (): Promise<Outcome> => {
					try {
						const item = await operation.run(request, itemIndex, tools);
						return { item: { ...item, pairedItem: { item: itemIndex } } };
					} catch (error) {
						return { failure: failureOf(error, itemIndex) };
					}
				}),
		),
	);
}

/** Output in the order of the input; an error only after everything that was started has been settled. */
function finish(context: IExecuteFunctions, outcomes: Outcome[]): INodeExecutionData[][] {
	const failures = outcomes.flatMap(({ failure }) => failure ?? []);
	const worst = failures.sort((a, b) => a.itemIndex - b.itemIndex)[0];
	if (worst && !context.continueOnFail()) {
		const tasks = outcomes.flatMap(({ task, failure }) => task ?? failure?.task ?? []);
		throw nodeError(context.getNode(), worst, tasks);
	}
	const items = outcomes.flatMap(
		({ item, failure }) => item ?? (failure ? errorItem(failure) : []),
	);
	return [items.sort((a, b) => indexOf(a) - indexOf(b))];
}

function indexOf({ pairedItem }: INodeExecutionData): number {
	return typeof pairedItem === 'object' && !Array.isArray(pairedItem) ? pairedItem.item : 0;
}
