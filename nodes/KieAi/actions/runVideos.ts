import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { NEW_TASKS_PER_WINDOW, NEW_TASKS_WINDOW_MS } from '../protocol/limits';
import { isFinal } from '../protocol/video';
import type { Slot } from '../waiting/memory';
import { concurrencyGate, paceGate } from '../waiting/pace';
import { forgetParking, parkedRun, readPlace, recallParking, type Parking } from '../waiting/park';
import { LONGEST_GATHERING_MS, takeNews, wasWokenHere } from '../waiting/sameMoment';
import { deliverVideo } from './deliverVideo';
import { addHints } from './hints';
import { awaitsCallback, launch, slotOf, type Launch } from './launch';
import { learn } from './learn';
import type { Tools, VideoOperation } from './operation';
import { isFailure, type Outcome } from './outcome';
import { parkVideos, type Parked } from './parkVideos';
import { plan, type Reading } from './plan';
import { settle } from './settle';
import { isTool } from './videoSettings';

/** Films that are fetched at the same time; each takes all the bandwidth it can get. */
const MAX_DOWNLOADS = 4;

/** Items whose images are uploaded at the same time; in n8n's memory mode each is held whole. */
const MAX_UPLOADS = 4;

/**
 * How long n8n may take with callbacks that came in the same moment as the one that woke the node, in other processes:
 * while the node runs, n8n refuses them, and KieAI calls again.
 */
const OTHER_CALLBACKS_MS = LONGEST_GATHERING_MS + 1_000;

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
	const parking = recallParking<Parked>(tools.context, readPlace(tools.context));
	if (parking !== undefined) {
		const run = parkedRun(tools.context, parking);
		let callbacks = parking.callbacks ?? [];
		do {
			const launches = await learn(parking.state.launches, callbacks, operation, tools);
			// What has been learnt holds for another try of this run too.
			parking.state = { ...parking.state, launches };
			delete parking.callbacks;
			callbacks = takeNews(run);
		} while (callbacks.length > 0);
		return await conclude(parking.state, operation, tools, parking);
	}

	const { jobs, refused } = await plan(read(), operation, tools);
	const { clock, signal } = tools.connection;
	const gates = {
		pace: paceGate(NEW_TASKS_PER_WINDOW, NEW_TASKS_WINDOW_MS, clock, signal),
		uploads: concurrencyGate(MAX_UPLOADS),
	};
	const launching = jobs.map(async (job) => await launch(job, operation, tools, gates));
	if (jobs[0]?.first.settings.wait !== 'callback') {
		// A film is fetched as soon as it is there, whatever the others do.
		return { outcomes: [...(await deliverAll(launching, operation, tools)), ...refused] };
	}
	const launches = await learn(await Promise.all(launching), [], operation, tools);
	return await conclude({ launches, refused }, operation, tools);
}

/** Pauses again while callbacks are awaited; else waits in the other ways for what is left, and delivers. */
async function conclude(
	{ launches, refused }: Parked,
	operation: VideoOperation,
	tools: Tools,
	woken?: Parking<Parked>,
): Promise<VideoRun> {
	const { context, connection } = tools;
	const { clock, signal } = connection;
	const timeoutMs = launches[0]?.recipients[0]?.settings.poll.timeoutMs ?? 0;
	const deadline = woken?.deadline ?? clock.now() + timeoutMs;
	if (launches.some(awaitsCallback) && clock.now() < deadline && signal?.aborted !== true) {
		if (woken !== undefined && !wasWokenHere(parkedRun(context, woken))) {
			await clock.sleep(OTHER_CALLBACKS_MS, signal);
		}
		const parking = {
			...readPlace(context),
			deadline,
			input: context.getInputData(),
			state: { launches, refused },
			times: (woken?.times ?? 0) + 1,
		};
		return { parked: await parkVideos(parking, operation, tools) };
	}
	const outcomes = [...(await deliverAll(launches, operation, tools, deadline)), ...refused];
	// Whatever has failed may be tried again, and then goes on from what is known.
	if (!outcomes.some(({ result }) => isFailure(result))) forgetParking(context);
	return { outcomes };
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
	addHints(tools.context, await Promise.all(launches), operation);
	if (isTool(tools.context)) rememberDelivered(deliveries, operation, tools.context);
	return deliveries.flatMap(({ outcomes }) => outcomes);
}

/**
 * A model that asks for what it has been given wants another one; n8n, which tries again, does not. Of an upgrade there
 * is no other one: until it has ended, the same is asked for.
 */
function rememberDelivered(
	deliveries: Array<{ slot: Slot; outcomes: Outcome[] }>,
	{ cost }: VideoOperation,
	context: IExecuteFunctions,
): void {
	const hasFailed = ({ outcomes }: { outcomes: Outcome[] }) =>
		outcomes.some(({ result }) => isFailure(result));
	// Without On Error set to continue, one failure keeps back all.
	if (!context.continueOnFail() && deliveries.some(hasFailed)) return;
	const isOpenUpgrade = ({ outcomes }: { outcomes: Outcome[] }) =>
		cost === 'once' && outcomes.some(({ task }) => task !== undefined && !isFinal(task));
	for (const delivery of deliveries) {
		if (!hasFailed(delivery) && !isOpenUpgrade(delivery)) delivery.slot.delivered();
	}
}
