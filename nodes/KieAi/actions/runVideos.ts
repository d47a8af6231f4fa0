import type { IExecuteFunctions } from 'n8n-workflow';

import {
	NEW_TASKS_PER_WINDOW,
	NEW_TASKS_WINDOW_MS,
	RESULT_LIFETIME_DAYS,
} from '../protocol/limits';
import { isUpgrade } from '../protocol/video';
import { openMemory, openSlot } from '../waiting/memory';
import { concurrencyGate, paceGate } from '../waiting/pace';
import { deliverVideo } from './deliverVideo';
import type { Tools, VideoOperation } from './operation';
import { groupOrders, type Order } from './order';
import { failureOf, refusedTask, type Outcome } from './outcome';
import { InputError } from './parameters';
import { settleVideo, type Job } from './settleVideo';

/** Films that are fetched at the same time; each takes all the bandwidth it can get. */
const MAX_DOWNLOADS = 4;

/** Items whose images are uploaded at the same time; in n8n's memory mode each is held whole. */
const MAX_UPLOADS = 4;

/**
 * Starts what the items order, waits, and delivers. All items run side by side, new tasks at the pace that KieAI
 * allows; the same video ordered twice is asked for once.
 */
export async function runVideos(
	orders: Order[],
	operation: VideoOperation,
	tools: Tools,
): Promise<Outcome[]> {
	let jobs: Job[];
	try {
		jobs = groupOrders(orders, operation).map((group) => openJob(group, operation, tools));
		await checkBudget(jobs, operation, tools);
	} catch (error) {
		return orders.map(({ itemIndex, request }) => ({
			itemIndex,
			result: failureOf(error, refusedTask(operation, request, error)),
		}));
	}

	const { clock, signal } = tools.connection;
	const gates = {
		pace: paceGate(NEW_TASKS_PER_WINDOW, NEW_TASKS_WINDOW_MS, clock, signal),
		uploads: concurrencyGate(MAX_UPLOADS),
	};
	const downloads = concurrencyGate(MAX_DOWNLOADS);
	const outcomes = await Promise.all(
		jobs.map(async (job) => {
			const result = await settleVideo(job, operation, tools, gates);
			return await Promise.all(
				job.orders.map(
					async (order) => await deliverVideo(order, result, operation, tools, downloads),
				),
			);
		}),
	);
	addHints(tools.context, orders, operation);
	return outcomes.flat();
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

function addHints(
	context: IExecuteFunctions,
	orders: Order[],
	{ kind, timing }: VideoOperation,
): void {
	const settings = orders[0]?.settings;
	if (settings === undefined) return;
	if (settings.wait === 'poll' && settings.poll.intervalMs < timing.pollIntervalSeconds * 1000) {
		context.addExecutionHints({
			message: `KieAI asks for at least ${timing.pollIntervalSeconds} seconds between two checks; 'Poll Interval (Seconds)' is ${settings.poll.intervalMs / 1000}.`,
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
