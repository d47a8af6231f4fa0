import type { INodeExecutionData } from 'n8n-workflow';

import { hasRecord, isFinal } from '../protocol/video';
import { park, type Parking } from '../waiting/park';
import { outcomeOf } from './deliverVideo';
import { awaitsCallback, type Launch } from './launch';
import type { Tools, VideoOperation } from './operation';
import { contractItems, firstFailure, isFailure, outputItems, type Outcome } from './outcome';

/** What a run of the node knows when it parks. */
export interface Parked {
	launches: Launch[];
	/** Items that were refused before anything was sent. */
	refused: Outcome[];
}

/**
 * Parks the execution until KieAI calls back, and leaves what n8n does at the deadline without the node: the items as
 * they are known now, those that are waited for as timed out, or the error that they make.
 * @returns what the node puts out meanwhile
 */
export async function parkVideos(
	parking: Omit<Parking<Parked>, 'awaited'>,
	operation: VideoOperation,
	{ context }: Tools,
): Promise<INodeExecutionData[]> {
	const { launches, refused } = parking.state;
	const atDeadline = [...outcomesOf(launches.map(timeOut), operation), ...refused];
	const node = context.getNode();
	const error = context.continueOnFail() ? undefined : firstFailure(node, atDeadline);
	// Without On Error set to continue, what failed leaves as it stands: n8n routes no error items then.
	const items = context.continueOnFail()
		? outputItems(atDeadline, node)
		: contractItems(atDeadline);
	const awaited = launches.filter(awaitsCallback).map(({ recipients, state }) => ({
		item: recipients[0]?.itemIndex ?? 0,
		taskIds: [state.taskId, state.videoTaskId],
		mayHaveAnother: !hasRecord(state),
	}));
	await park(context, { ...parking, awaited }, { items, error });
	return contractItems([...outcomesOf(launches, operation), ...refused]);
}

function timeOut(launch: Launch): Launch {
	const { state } = launch;
	if (isFailure(state) || isFinal(state)) return launch;
	return { ...launch, state: { ...state, status: 'timedOut' } };
}

function outcomesOf(launches: Launch[], operation: VideoOperation): Outcome[] {
	return launches.flatMap(({ recipients, state }) =>
		recipients.map((recipient) => outcomeOf(recipient, state, operation)),
	);
}
