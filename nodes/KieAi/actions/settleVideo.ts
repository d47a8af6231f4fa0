import type { IExecuteFunctions } from 'n8n-workflow';

import { KieAiError } from '../protocol/errors';
import type { VideoTask } from '../protocol/video';
import type { Slot } from '../waiting/memory';
import type { Gate } from '../waiting/pace';
import { poll } from '../waiting/poll';
import type { Tools, VideoOperation } from './operation';
import type { Order } from './order';
import { ambiguousFailure, failureOf, refusedTask, type Failure } from './outcome';

/** Orders that are one request to KieAI. */
export interface Job {
	first: Order;
	orders: Order[];
	slot: Slot;
}

export interface Gates {
	/** For what KieAI counts as a new request. */
	pace: Gate;
	uploads: Gate;
}

/** One request from start to end; whatever goes wrong comes back with what is known of the task. */
export async function settleVideo(
	job: Job,
	operation: VideoOperation,
	tools: Tools,
	gates: Gates,
): Promise<VideoTask | Failure> {
	const { first, slot } = job;
	const { clock, signal } = tools.connection;
	const known = slot.recall();
	let task: VideoTask | undefined;
	let request = first.request;
	try {
		if (known === 'sent' && operation.cost === 'everyCall') {
			throw new Error('an earlier try got no clear answer');
		}
		const isPickedUp = typeof known === 'object';
		if (isPickedUp) {
			task = known;
		} else {
			request = await prepare(request, first.itemIndex, operation, tools, gates);
			task = await start(job, request, operation, tools, gates);
		}
		if (first.settings.wait === 'poll') {
			const policy = { ...first.settings.poll, ...(isPickedUp && { firstCheckAfterMs: 0 }) };
			const check = async (last: VideoTask) => {
				task = await operation.check(last, request, tools);
				return task;
			};
			task = await poll(check, task, policy, clock, signal);
		}
		if (task.status === 'failed') slot.failed(task);
		return task;
	} catch (error) {
		if (task !== undefined) return { ...failureOf(error, task), isAccepted: true };
		// Whatever was sent and not answered clearly stays in the memory as such.
		const isAmbiguous = operation.cost === 'everyCall' && slot.recall() === 'sent';
		return isAmbiguous
			? ambiguousFailure(error, operation.identify(request))
			: failureOf(error, refusedTask(operation, request, error));
	}
}

async function prepare(
	request: object,
	itemIndex: number,
	{ prepare: upload }: VideoOperation,
	tools: Tools,
	{ uploads }: Gates,
): Promise<object> {
	if (upload === undefined) return request;
	return await uploads(async () => await upload(request, itemIndex, tools));
}

/**
 * Sends a request that may cost credits, and remembers it before and after. A person's Stop ends the wait for its
 * answer, not the request: what KieAI accepts is logged even then.
 */
async function start(
	{ first, slot }: Job,
	request: object,
	operation: VideoOperation,
	{ context, connection }: Tools,
	{ pace }: Gates,
): Promise<VideoTask> {
	if (operation.cost === 'none') return await operation.start(request, { context, connection });

	const { itemIndex, callback } = first;
	const answer = pace(async () => {
		slot.sending();
		return await operation.start(request, { context, connection }, callback?.url);
	}).then(
		(task) => {
			slot.accepted(task);
			logAccepted(context, task, itemIndex);
			return task;
		},
		(error: unknown) => {
			const isKnown = error instanceof KieAiError && error.outcome !== 'unknown';
			if (isKnown) slot.forget();
			else if (slot.recall() === 'sent') logAmbiguous(context, operation, itemIndex);
			throw error;
		},
	);
	return await untilStopped(answer, connection.signal);
}

async function untilStopped<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
	if (signal === undefined) return await work;
	return await new Promise((resolve, reject) => {
		const stop = () => reject(signal.reason);
		signal.addEventListener('abort', stop, { once: true });
		void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
	});
}

/** The log is all that is left of a task when a person presses Stop, or n8n dies, before the execution is saved. */
function logAccepted(context: IExecuteFunctions, task: VideoTask, itemIndex: number): void {
	const { taskId, videoTaskId, kind } = task;
	context.logger.info(`KieAI accepted task ${taskId} (${kind}, item ${itemIndex})`, {
		taskId,
		videoTaskId,
		kind,
		itemIndex,
		executionId: context.getExecutionId(),
	});
}

function logAmbiguous(
	context: IExecuteFunctions,
	{ kind }: VideoOperation,
	itemIndex: number,
): void {
	context.logger.warn(
		`KieAI may have accepted a task: no clear answer (${kind}, item ${itemIndex})`,
		{
			kind,
			itemIndex,
			executionId: context.getExecutionId(),
		},
	);
}
