import type { IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';

import { databaseHint } from '../delivery/database';
import { RESULT_LIFETIME_DAYS } from '../protocol/limits';
import { isUpgrade } from '../protocol/video';
import type { Launch } from './launch';
import type { VideoOperation } from './operation';
import { isFailure, type Outcome } from './outcome';

/** What a person should know about a run that has ended: what it said while it was parked, n8n forgets. */
export function addHints(
	context: IExecuteFunctions,
	launches: Launch[],
	{ kind, timing }: VideoOperation,
): void {
	for (const hint of new Set(launches.flatMap(({ hint = [] }) => hint))) {
		addHint(context, hint, 'warning');
	}
	const settings = launches[0]?.recipients[0]?.settings;
	if (settings === undefined) return;
	const { wait, poll, download } = settings;
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
			"This agent cannot pause for its tools, so the node checked until the video was ready. Agents from version 3 on can, from n8n 2.11 on: add a new 'AI Agent' node, or update n8n.",
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

/** What a person should know about where n8n has put the files. */
export function addStorageHint(context: IExecuteFunctions, outcomes: Outcome[]): void {
	const files = outcomes.flatMap(({ result }) =>
		isFailure(result) ? [] : Object.values(result.binary ?? {}),
	);
	const hint = databaseHint(files);
	if (hint !== undefined) addHint(context, hint, 'warning');
}

/** A note in the output pane, where there is one: an agent that runs its tools itself has none. */
function addHint(
	context: IExecuteFunctions,
	message: string,
	type: NonNullable<NodeExecutionHint['type']> = 'info',
): void {
	(context as Partial<IExecuteFunctions>).addExecutionHints?.({
		message,
		type,
		location: 'outputPane',
	});
}
