import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { downloadToBinary } from '../delivery/download';
import { KieAiError } from '../protocol/errors';
import {
	NEW_TASKS_PER_WINDOW,
	NEW_TASKS_WINDOW_MS,
	RESULT_LIFETIME_DAYS,
} from '../protocol/limits';
import { failed, isUpgrade, newTask, toOutput, type VideoTask } from '../protocol/video';
import { openMemory, openSlot, type Slot } from '../waiting/memory';
import { concurrencyGate, paceGate, type Gate } from '../waiting/pace';
import { poll } from '../waiting/poll';
import { readCallbackTarget, type CallbackTarget } from './callbackTarget';
import {
	ambiguousFailure,
	failureOf,
	isFailure,
	taskFailure,
	timeoutFailure,
	type Failure,
	type Outcome,
} from './outcome';
import type { Tools, VideoOperation } from './operation';
import { InputError, type ItemParameters } from './parameters';
import { readVideoSettings, type VideoSettings } from './videoSettings';

/** Films that are fetched at the same time; each takes all the bandwidth it can get. */
const MAX_DOWNLOADS = 4;

/** One item's order: what to ask KieAI for, and how to wait for it. */
export interface Order {
	itemIndex: number;
	request: object;
	settings: VideoSettings;
	callback: CallbackTarget | undefined;
}

export function readOrder(item: ItemParameters, operation: VideoOperation, tools: Tools): Order {
	const request = operation.read(item);
	const settings = readVideoSettings(item, tools.context, operation.timing);
	const callback =
		operation.cost === 'none'
			? undefined
			: readCallbackTarget(item, tools.context, tools.connection, operation.identify(request));
	return { itemIndex: item.itemIndex, request, settings, callback };
}

/**
 * Starts what the items order, waits, and delivers. All items run side by side, new tasks at the pace that KieAI
 * allows; the same video ordered twice is asked for once.
 */
export async function runVideos(
	orders: Order[],
	operation: VideoOperation,
	tools: Tools,
): Promise<Outcome[]> {
	const jobs = groupOrders(orders, operation).map((group) => openJob(group, operation, tools));
	try {
		await checkBudget(jobs, operation, tools);
	} catch (error) {
		return orders.map(({ itemIndex, request }) => ({
			itemIndex,
			result: failureOf(error, refusedTask(operation, request, error)),
		}));
	}

	const { clock, signal } = tools.connection;
	const pace = paceGate(NEW_TASKS_PER_WINDOW, NEW_TASKS_WINDOW_MS, clock, signal);
	const downloads = concurrencyGate(MAX_DOWNLOADS);
	const outcomes = await Promise.all(
		jobs.map(async (job) => {
			const result = await settle(job, operation, tools, pace);
			return await Promise.all(
				job.orders.map(async (order) => await deliver(order, result, operation, tools, downloads)),
			);
		}),
	);
	addHints(tools.context, orders, operation);
	return outcomes.flat();
}

/** Orders that are one request to KieAI. */
interface Job {
	first: Order;
	orders: Order[];
	slot: Slot;
}

function groupOrders(orders: Order[], { sameAs }: VideoOperation): Order[][] {
	const groups = new Map<string, Order[]>();
	for (const order of orders) {
		const name = sameAs?.(order.request) ?? `item ${order.itemIndex}`;
		groups.set(name, [...(groups.get(name) ?? []), order]);
	}
	return [...groups.values()];
}

function openJob(orders: Order[], operation: VideoOperation, { context }: Tools): Job {
	const first = orders[0] as Order;
	const slot = openSlot(
		openMemory(context.getContext('node')),
		{
			runIndex: Number(context.evaluateExpression('{{ $runIndex }}', 0)),
			itemIndex: first.itemIndex,
			executionId: context.getExecutionId(),
		},
		{ kind: operation.kind, request: first.request },
	);
	return { first, orders, slot };
}

/** Before anything is charged: is it more than the user meant to buy, and can the account pay for it? */
async function checkBudget(jobs: Job[], operation: VideoOperation, tools: Tools): Promise<void> {
	const news = operation.cost === 'none' ? [] : jobs.filter(({ slot }) => slot.recall() === 'new');
	const newest = news[0];
	if (newest === undefined) return;

	const { maxNewTasks, minimumCreditBalance } = newest.first.settings;
	if (news.length > maxNewTasks) {
		throw new InputError(
			`This run would start ${news.length} tasks that cost credits, and 'Maximum New Tasks per Run' is ${maxNewTasks}`,
			'Nothing was sent. Raise the limit in the options, or send fewer items.',
		);
	}
	if (minimumCreditBalance === 0) return;
	const balance = await tools.connection.client.getCreditBalance();
	if (balance >= minimumCreditBalance) return;
	throw new InputError(
		`The account has ${balance} credits, and 'Minimum Credit Balance' is ${minimumCreditBalance}`,
		'Nothing was sent. Add credits to your KieAI account, or lower the limit in the options.',
	);
}

/** One request from start to end; whatever goes wrong comes back with what is known of the task. */
async function settle(
	job: Job,
	operation: VideoOperation,
	tools: Tools,
	pace: Gate,
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
			request = (await operation.prepare?.(request, first.itemIndex, tools)) ?? request;
			task = await start(job, request, operation, tools, pace);
		}
		if (first.callback?.metadata) task = { ...task, metadata: first.callback.metadata };
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
		const refused = refusedTask(operation, request, error);
		// Whatever was sent and not answered clearly stays in the memory as such.
		const isAmbiguous = operation.cost === 'everyCall' && slot.recall() === 'sent';
		return isAmbiguous ? ambiguousFailure(error, refused) : failureOf(error, refused);
	}
}

/** What the contract says of a request that became no task. */
function refusedTask(operation: VideoOperation, request: object, error: unknown): VideoTask {
	const { message } = failureOf(error);
	return failed(newTask(operation.identify(request)), message);
}

/** Sends a request that may cost credits, and remembers it before and after. */
async function start(
	{ first, slot }: Job,
	request: object,
	operation: VideoOperation,
	tools: Tools,
	pace: Gate,
): Promise<VideoTask> {
	if (operation.cost === 'none') return await operation.start(request, tools);

	const task = await pace(async () => {
		slot.sending();
		return await operation.start(request, tools, first.callback?.url);
	}).catch((error: unknown) => {
		const isKnown = error instanceof KieAiError && error.outcome !== 'unknown';
		if (isKnown) slot.forget();
		throw error;
	});
	slot.accepted(task);
	logAccepted(tools.context, task, first.itemIndex);
	return task;
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

/** One item's share of a result: the film itself where it is wanted, or why there is none. */
async function deliver(
	{ itemIndex, settings }: Order,
	settled: VideoTask | Failure,
	operation: VideoOperation,
	tools: Tools,
	downloads: Gate,
): Promise<Outcome> {
	if (isFailure(settled)) return { itemIndex, result: settled };
	const task = settled;
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

function addHints(
	context: IExecuteFunctions,
	orders: Order[],
	{ kind, timing }: VideoOperation,
): void {
	const settings = orders[0]?.settings;
	if (settings === undefined) return;
	const { recommendedIntervalSeconds } = timing;
	if (settings.wait === 'poll' && settings.poll.intervalMs < recommendedIntervalSeconds * 1000) {
		context.addExecutionHints({
			message: `KieAI asks for at least ${recommendedIntervalSeconds} seconds between two checks; 'Poll Interval (Seconds)' is ${settings.poll.intervalMs / 1000}.`,
			type: 'warning',
			location: 'outputPane',
		});
	}
	// A new video is more often upgraded than kept as it is.
	const isLastStep = isUpgrade(kind) || kind === 'video';
	if (isLastStep && settings.wait === 'poll' && settings.download === undefined) {
		context.addExecutionHints({
			message: `KieAI keeps videos for ${RESULT_LIFETIME_DAYS} days. Switch on 'Download Video' to keep the file itself.`,
			location: 'outputPane',
		});
	}
}
