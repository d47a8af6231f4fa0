import type { IExecuteFunctions } from 'n8n-workflow';

import { KieAiError } from '../protocol/errors';
import { isFinal, isUpgrade, type VideoTask } from '../protocol/video';
import { openMemory, openSlot, type Slot } from '../waiting/memory';
import type { Gate } from '../waiting/pace';
import { readPlace } from '../waiting/park';
import { logAccepted, logAmbiguous } from './log';
import type { Started, Tools, VideoOperation } from './operation';
import type { Order, Recipient } from './order';
import { ask } from './settle';
import { isTool, type Wait } from './videoSettings';
import {
	adviceWithout,
	ambiguousFailure,
	failureOf,
	isFailure,
	refusedTask,
	type Failure,
} from './outcome';

const ASK_AGAIN =
	"KieAI may have accepted this upgrade, and charged for it: 'Get 4K' with the same Task ID and Video Index goes on with it, free of charge.";

/** Orders that are one request to KieAI, which is still to be sent. */
export interface Job {
	first: Order;
	orders: Order[];
	slot: Slot;
	hash: string;
}

/** A request that has been sent, and what is known of it. Plain data: it may outlive this run of the node. */
export interface Launch {
	/** The first is the one that the request was sent for. */
	recipients: Recipient[];
	/** Of the request, by which it is remembered. */
	hash: string;
	/** How the task stands, or why there is none. */
	state: VideoTask | Failure;
	/** From when on it is worth looking how the task stands, as epoch in ms. */
	lookFrom: number;
	/** When it was last looked at without a callback, likewise. */
	lookedAt?: number;
	/** Whether KieAI calls this execution back. */
	callsBack: boolean;
	/** What a person should know of it, told when the node ends. */
	hint?: string;
}

export interface Gates {
	/** For what KieAI counts as a new request. */
	pace: Gate;
	uploads: Gate;
}

/** A launch whose task has no end yet. */
export type OpenLaunch = Launch & { state: VideoTask };

export function isOpen(launch: Launch): launch is OpenLaunch {
	return !isFailure(launch.state) && !isFinal(launch.state);
}

/** Whether there is nothing to do for this one but to wait for its callback. */
export function awaitsCallback(launch: Launch): launch is OpenLaunch {
	return launch.callsBack && isOpen(launch);
}

/** Sends a job's request, or picks up what an earlier try has sent; whatever goes wrong comes back as the state. */
export async function launch(
	job: Job,
	operation: VideoOperation,
	tools: Tools,
	gates: Gates,
): Promise<Launch> {
	const { first, orders, slot, hash } = job;
	// The callback's URL is a secret, and has done its work once it is sent.
	const recipients = orders.map(({ itemIndex, settings, metadata }) => ({
		itemIndex,
		settings,
		metadata,
	}));
	const known = slot.recall();
	if (typeof known === 'object') {
		const state = await upToDate(known, job, operation, tools);
		return { recipients, hash, state, lookFrom: 0, callsBack: false };
	}

	let request = first.request;
	try {
		if (known === 'sent' && operation.cost === 'everyCall') {
			throw new Error('an earlier try got no clear answer');
		}
		request = await prepare(request, first.itemIndex, operation, tools, gates);
		const { task, isNew, mayBeOurs } = await start(job, request, operation, tools, gates);
		const { wait, poll } = first.settings;
		const callsBack = isNew && wait === 'callback';
		const isOfOthers = !isNew && first.callback !== undefined && !isFinal(task);
		// What somebody else asked for may be ready soon.
		const lookAfterMs = isNew ? poll.firstCheckAfterMs : poll.intervalMs;
		const lookFrom = tools.connection.clock.now() + lookAfterMs;
		return {
			recipients,
			hash,
			state: task,
			lookFrom,
			callsBack,
			...(isOfOthers && { hint: otherCaller(wait, mayBeOurs === true || known === 'sent') }),
		};
	} catch (error) {
		// Whatever was sent and not answered clearly stays in the memory as such.
		const isAmbiguous = slot.recall() === 'sent';
		const state =
			isAmbiguous && operation.cost === 'everyCall'
				? ambiguousFailure(error, operation.identify(request))
				: failureOf(error, refusedTask(operation, request, error));
		// One that may be repeated has been, in vain.
		if (isAmbiguous && operation.kind === 'upgrade4k')
			state.advice = `${ASK_AGAIN} ${state.advice}`;
		else if (isUpgrade(operation.kind) && (state.code === 400 || state.code === 501))
			state.advice = adviceWithout(operation.kind);
		return { recipients, hash, state, lookFrom: 0, callsBack: false };
	}
}

/** An agent that asks for the same upgrade once more, and does not wait, wants to know how it stands. */
async function upToDate(
	known: VideoTask,
	{ first }: Job,
	operation: VideoOperation,
	tools: Tools,
): Promise<VideoTask | Failure> {
	const isQuestion =
		isTool(tools.context) && operation.cost === 'once' && first.settings.wait === 'none';
	if (!isQuestion || isFinal(known)) return known;
	try {
		return await ask(known, first.itemIndex, operation, tools);
	} catch (error) {
		return { ...failureOf(error, known), isAccepted: true };
	}
}

/** @param mayBeOurs this run itself may have been the first to ask */
function otherCaller(wait: Wait, mayBeOurs: boolean): string {
	const whom = mayBeOurs
		? 'KieAI is working on this upgrade, and its answer to the first request was lost: it calls back this run, or whoever asked before'
		: 'KieAI was already working on this upgrade: it calls back whoever asked first';
	const others = mayBeOurs ? '' : ', not this run';
	const consequence = ', so that this video is checked until it is ready';
	return `${whom}${wait === 'callback' ? consequence : others}.`;
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
): Promise<Started> {
	if (operation.cost === 'none') return await operation.start(request, { context, connection });

	const { itemIndex, callback } = first;
	const wasSent = slot.recall() === 'sent';
	const answer = pace(async () => {
		slot.sending();
		return await operation.start(request, { context, connection }, callback?.url);
	}).then(
		(started) => {
			slot.accepted(started.task);
			logAccepted(context, started.task, itemIndex);
			return started;
		},
		(error: unknown) => {
			if (isNo(error, operation, wasSent)) slot.forget();
			else if (slot.recall() === 'sent') logAmbiguous(context, operation.kind, itemIndex);
			throw error;
		},
	);
	return await untilStopped(answer, connection.signal);
}

/**
 * Whether KieAI surely has not taken a request.
 * @param wasSent an earlier try of the node has sent it, and got no clear answer
 */
function isNo(error: unknown, { cost }: VideoOperation, wasSent: boolean): boolean {
	if (!(error instanceof KieAiError)) return false;
	// Where nothing is lost by asking again, KieAI's final word counts under any code.
	if (cost === 'once' && error.isFinalWord) return true;
	return error.outcome !== 'unknown' && !wasSent;
}

async function untilStopped<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
	if (signal === undefined) return await work;
	return await new Promise((resolve, reject) => {
		const stop = () => reject(signal.reason);
		signal.addEventListener('abort', stop, { once: true });
		void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
	});
}

/** What is remembered of a request, under the first item that it is for. */
export function slotOf(
	{ recipients, hash }: Pick<Launch, 'recipients' | 'hash'>,
	context: IExecuteFunctions,
): Slot {
	const itemIndex = recipients[0]?.itemIndex ?? 0;
	const { executionId, runIndex } = readPlace(context);
	// Each call of an agent is a run to n8n, and where the agent runs the node itself, each try of one.
	const place = { executionId, runIndex: isTool(context) ? undefined : runIndex, itemIndex };
	return openSlot(openMemory(context.getContext('node')), place, hash);
}
