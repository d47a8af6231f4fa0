import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import {
	NEW_TASKS_PER_WINDOW,
	NEW_TASKS_WINDOW_MS,
	RESULT_LIFETIME_DAYS,
} from '../protocol/limits';
import { isUpgrade } from '../protocol/video';
import { hashOf, openMemory, openSlot, type Slot } from '../waiting/memory';
import { concurrencyGate, paceGate } from '../waiting/pace';
import { recallParking, type Parking } from '../waiting/park';
import { deliverVideo } from './deliverVideo';
import { addHint } from './hint';
import { awaitsCallback, launch, type Job, type Launch } from './launch';
import { learn } from './learn';
import type { Tools, VideoOperation } from './operation';
import { findConflict, groupOrders, type Order } from './order';
import { failureOf, isFailure, refusedTask, type Outcome } from './outcome';
import { InputError } from './parameters';
import { parkVideos, type Parked } from './parkVideos';
import { settle } from './settle';
import { runsInsideAgent, type VideoSettings } from './videoSettings';

/** Films that are fetched at the same time; each takes all the bandwidth it can get. */
const MAX_DOWNLOADS = 4;

/** Items whose images are uploaded at the same time; in n8n's memory mode each is held whole. */
const MAX_UPLOADS = 4;

/** What the items ask for: the orders, and what became of items that cannot be ordered for. */
export interface Reading {
	orders: Order[];
	refused: Outcome[];
}

/** Outcomes; or, where the execution has been parked, what is shown of it meanwhile. */
export type VideoRun = { outcomes: Outcome[] } | { parked: INodeExecutionData[] };

/**
 * Starts what the items order, waits, and delivers. All items run side by side, new tasks at the pace that KieAI
 * allows; the same video ordered twice is asked for once. Where they pause until KieAI calls back, this runs once more
 * for each callback that comes, until all is known.
 * @param read is called on the first run only: later, expressions might say something else
 */
export async function runVideos(
	operation: VideoOperation,
	tools: Tools,
	read: () => Reading,
): Promise<VideoRun> {
	const here = placeOf(tools.context);
	const parking = recallParking<Parked>(tools.context, here);
	if (parking !== undefined) {
		const { launches, refused } = parking.state;
		const known = await learn(launches, parking.callback, operation, tools);
		// What has been learnt holds for another try of this run too.
		parking.state = { launches: known, refused };
		delete parking.callback;
		return await conclude(parking.state, operation, tools, parking);
	}

	const { jobs, refused } = await plan(read(), operation, tools);
	const { clock, signal } = tools.connection;
	const gates = {
		pace: paceGate(NEW_TASKS_PER_WINDOW, NEW_TASKS_WINDOW_MS, clock, signal),
		uploads: concurrencyGate(MAX_UPLOADS),
	};
	const launching = jobs.map(async (job) => await launch(job, operation, tools, gates));
	const settings = jobs[0]?.first.settings;
	if (settings !== undefined) addHints(tools.context, settings, operation);
	if (settings?.wait !== 'callback') {
		// A film is fetched as soon as it is there, whatever the others do.
		return { outcomes: [...(await deliverAll(launching, operation, tools)), ...refused] };
	}
	const launches = await learn(await Promise.all(launching), undefined, operation, tools);
	return await conclude({ launches, refused }, operation, tools);
}

/** What is to be sent, and what became of the items for which nothing is; in case of doubt, nothing at all. */
async function plan(
	{ orders, refused }: Reading,
	operation: VideoOperation,
	tools: Tools,
): Promise<{ jobs: Job[]; refused: Outcome[] }> {
	const groups = groupOrders(orders, operation);
	const inConflict = groups.flatMap((group) => {
		const conflict = findConflict(group);
		return conflict === undefined ? [] : refuse(group, conflict, operation);
	});
	const all = [...inConflict, ...refused];
	if (inConflict.length > 0 && !tools.context.continueOnFail()) {
		return { jobs: [], refused: all };
	}
	const jobs = groups
		.filter((group) => findConflict(group) === undefined)
		.map((group) => openJob(group, operation, tools));
	try {
		await checkBudget(jobs, operation, tools);
		return { jobs, refused: all };
	} catch (error) {
		const unpaid = jobs.flatMap((job) => refuse(job.orders, error, operation));
		return { jobs: [], refused: [...unpaid, ...all] };
	}
}

function refuse(orders: Order[], error: unknown, operation: VideoOperation): Outcome[] {
	return orders.map(({ itemIndex, request }) => ({
		itemIndex,
		result: failureOf(error, refusedTask(operation, request, error)),
	}));
}

/** Pauses again while callbacks are awaited; else waits in the other ways for what is left, and delivers. */
async function conclude(
	{ launches, refused }: Parked,
	operation: VideoOperation,
	tools: Tools,
	before?: Parking<Parked>,
): Promise<VideoRun> {
	const { context, connection } = tools;
	const now = connection.clock.now();
	const timeoutMs = launches[0]?.recipients[0]?.settings.poll.timeoutMs ?? 0;
	const deadline = before?.deadline ?? now + timeoutMs;
	if (launches.some(awaitsCallback) && now < deadline && connection.signal?.aborted !== true) {
		const state = { launches, refused };
		const input = before?.input ?? context.getInputData();
		const parking = { ...placeOf(context), deadline, input, state };
		return { parked: await parkVideos(parking, operation, tools) };
	}
	const outcomes = await deliverAll(launches, operation, tools, deadline);
	return { outcomes: [...outcomes, ...refused] };
}

async function deliverAll(
	launches: Array<Launch | Promise<Launch>>,
	operation: VideoOperation,
	tools: Tools,
	deadline?: number,
): Promise<Outcome[]> {
	const downloads = concurrencyGate(MAX_DOWNLOADS);
	const deliveries = await Promise.all(
		launches.map(async (launching) => {
			const launched = await launching;
			const slot = slotOf(launched, tools.context);
			const settled = await settle(launched, operation, slot, tools, deadline);
			const outcomes = await Promise.all(
				launched.recipients.map(
					async (recipient) => await deliverVideo(recipient, settled, operation, tools, downloads),
				),
			);
			return { slot, outcomes };
		}),
	);
	if (runsInsideAgent(tools.context)) rememberDelivered(deliveries, tools.context);
	return deliveries.flatMap(({ outcomes }) => outcomes);
}

/** A model that asks for what it has been given wants another one; n8n, which tries again, does not. */
function rememberDelivered(
	deliveries: Array<{ slot: Slot; outcomes: Outcome[] }>,
	context: IExecuteFunctions,
): void {
	const hasFailed = ({ outcomes }: { outcomes: Outcome[] }) =>
		outcomes.some(({ result }) => isFailure(result));
	// Without On Error set to continue, one failure keeps back all.
	if (!context.continueOnFail() && deliveries.some(hasFailed)) return;
	for (const delivery of deliveries) if (!hasFailed(delivery)) delivery.slot.delivered();
}

function openJob(orders: Order[], { kind }: VideoOperation, { context }: Tools): Job {
	const first = orders[0] as Order;
	const hash = hashOf({ kind, request: first.request });
	return { first, orders, hash, slot: slotOf({ recipients: orders, hash }, context) };
}

/** What is remembered of a request, under the first item that it is for. */
function slotOf(
	{ recipients, hash }: Pick<Launch, 'recipients' | 'hash'>,
	context: IExecuteFunctions,
): Slot {
	const itemIndex = recipients[0]?.itemIndex ?? 0;
	const isTool = context.getNode().type.endsWith('Tool');
	const { executionId, runIndex } = placeOf(context);
	const place = {
		executionId,
		// Where an agent runs the node itself, n8n counts every try as a run.
		runIndex: runsInsideAgent(context) ? undefined : runIndex,
		itemIndex,
		isTool,
	};
	return openSlot(openMemory(context.getContext('node')), place, hash);
}

/** One run of the node in one execution; the same on all tries of n8n's Retry On Fail. */
function placeOf(context: IExecuteFunctions) {
	return {
		executionId: context.getExecutionId(),
		runIndex: Number(context.evaluateExpression('{{ $runIndex }}', 0)),
	};
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
	{ wait, poll, download }: VideoSettings,
	{ kind, timing }: VideoOperation,
): void {
	if (wait === 'poll' && poll.intervalMs < timing.pollIntervalSeconds * 1000) {
		addHint(
			context,
			`KieAI asks for at least ${timing.pollIntervalSeconds} seconds between two checks; 'Poll Interval (Seconds)' is ${poll.intervalMs / 1000}.`,
			'warning',
		);
	}
	if (wait === 'poll' && context.getNodeParameter('waitForResult', 0, '') === 'callback') {
		addHint(
			context,
			"This agent cannot pause for its tools, so the node checked until the video was ready. Agents from version 3 on can: add a new 'AI Agent' node.",
		);
	}
	// A new video is more often upgraded than kept as it is.
	const isLastStep = isUpgrade(kind) || kind === 'video';
	if (isLastStep && wait !== 'none' && download === undefined) {
		addHint(
			context,
			`KieAI keeps videos for ${RESULT_LIFETIME_DAYS} days. Switch on 'Download Video' to keep the file itself.`,
		);
	}
}
