import { confirm } from '../protocol/confirm';
import { hasRecord, isFinal, type VideoTask } from '../protocol/video';
import type { Callback } from '../waiting/park';
import { awaitsCallback, isOpen, type Launch } from './launch';
import type { Tools, VideoOperation } from './operation';

/** KieAI's record of a task may lag behind its callback. */
const MAX_QUESTIONS = 3;
const BETWEEN_QUESTIONS_MS = 3_000;

/** How many tasks are looked at first, before it is known whether callbacks have been missed. */
const FIRST_LOOKS = 2;

/**
 * What a run finds out about tasks whose callbacks it waits for, before it goes on or pauses again: what the callbacks
 * say that woke it, and what other callbacks may have said while n8n was not listening.
 */
export async function learn(
	launches: Launch[],
	callbacks: Callback[],
	operation: VideoOperation,
	tools: Tools,
): Promise<Launch[]> {
	const { connection } = tools;
	// While the node runs, n8n refuses callbacks: what hangs is given up soon.
	const quick = { ...tools, connection: { ...connection, once: connection.quick } };
	return await lookAround(await hear(launches, callbacks, quick), operation, quick);
}

async function hear(launches: Launch[], callbacks: Callback[], tools: Tools): Promise<Launch[]> {
	return await Promise.all(
		launches.map(async (launch) => {
			const callback = callbacks.find(({ item }) => item === launch.recipients[0]?.itemIndex);
			if (callback === undefined || !awaitsCallback(launch)) return launch;
			// KieAI has a record of a 4K task under its own ID only: its answer may tell that, or its callback.
			const { taskId } = hasRecord(launch.state) ? launch.state : callback.task;
			const state = await verify({ ...callback.task, taskId }, tools);
			if (typeof state === 'object') return { ...launch, state };
			const lookFrom = tools.connection.clock.now();
			// A 4K task is left to its callback: who asks for a failed one again may pay again. Its record is free.
			if (state === 'refuted' && launch.state.kind === 'upgrade4k') return { ...launch, lookFrom };
			// This callback does not come again: what has a record, as KieAI has just said, is looked at from now on.
			return { ...launch, state: { ...launch.state, taskId }, callsBack: false, lookFrom };
		}),
	);
}

/** What a proven callback is worth: KieAI's own word where it can be had, else its content. One odd answer is none. */
async function verify(
	claim: VideoTask,
	{ context, connection }: Tools,
): Promise<VideoTask | 'refuted' | 'unfinished'> {
	const { once, clock, signal } = connection;
	let doubt: 'refuted' | 'unfinished' | undefined;
	for (let questions = 1; ; questions++) {
		const answer = await confirm(claim, once, { isProven: true, trustPreviews: true });
		// That an upgrade has failed may be in its record a little later.
		if (typeof answer === 'object' && (answer.confirmed || !hasRecord(claim))) return answer;
		if (answer === 'refuted' || answer === 'unfinished') doubt = answer;
		if (questions === MAX_QUESTIONS) {
			// What KieAI has not confirmed is not believed because it cannot be asked any more.
			if (doubt === undefined) return claim;
			context.logger.warn(`KieAI does not confirm a callback for task ${claim.taskId} (${doubt})`);
			return doubt;
		}
		await clock.sleep(BETWEEN_QUESTIONS_MS, signal);
	}
}

/**
 * Looks at tasks that may be asked about for free and that could be ready, those first that were looked at least
 * lately. It stops at the first that is not ready and goes on twice as fast where all are: a burst of missed callbacks
 * is caught up with, and the calls of all runs together stay in proportion to the number of tasks.
 */
async function lookAround(
	launches: Launch[],
	operation: VideoOperation,
	tools: Tools,
): Promise<Launch[]> {
	const now = tools.connection.clock.now();
	const queue = launches
		.filter(isOpen)
		.filter((launch) => hasRecord(launch.state) && now >= launch.lookFrom)
		.sort((a, b) => lastLook(a) - lastLook(b));

	const seen = new Map<Launch, Launch>();
	for (let looks = FIRST_LOOKS; queue.length > 0; looks *= 2) {
		const ready = await Promise.all(
			queue.splice(0, looks).map(async (launch) => {
				const task = await operation.look(launch.state, tools).catch(() => launch.state);
				const state = task !== undefined && isFinal(task) ? task : launch.state;
				seen.set(launch, { ...launch, lookedAt: now, state });
				return state !== launch.state;
			}),
		);
		if (ready.includes(false)) break;
	}
	return launches.map((launch) => seen.get(launch) ?? launch);
}

function lastLook({ lookedAt, lookFrom }: Launch): number {
	return lookedAt ?? lookFrom;
}
