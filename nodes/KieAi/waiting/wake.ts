import type { INodeExecutionData, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { OK, REFUSALS, refuse, whenNotBegun } from '../answer';
import { CREDENTIAL_NAME } from '../connection';
import { isSigned, originParameter } from '../incoming';
import { readCallback } from '../protocol/callback';
import { systemClock } from '../protocol/clock';
import { readOrigin } from '../protocol/origin';
import { asText } from '../protocol/parse';
import { withoutSecrets } from '../protocol/secrets';
import { DEFAULT_TOLERANCE_SECONDS } from '../protocol/signature';
import { toOutput, type VideoTask } from '../protocol/video';
import {
	audienceOf,
	isAwaited,
	parkedRun,
	readAwaited,
	readParkedItems,
	type Callback,
	type Parking,
} from './park';
import { reachParkedNode, readCredential } from './reach';
import { admit, forgetWaking, gather, takeNews } from './sameMoment';

/**
 * A callback for a parked execution: proof, match, a moment for others (see `sameMoment`), return. n8n works here on a
 * copy of the execution that it read before: the shorter this takes, the better. n8n has checked its own token already.
 * Whatever is refused leaves the execution as it was.
 */
export async function receiveWakeUp(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		return await receive(context);
	} catch (error) {
		// Thrown on, n8n would end the execution for it.
		context.logger.error(`KieAI cannot receive a callback: ${String(error)}`);
		return refuse(context, REFUSALS.later);
	}
}

async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const received: unknown = context.getBodyData();
	if (readCallback(received) === undefined) return refuse(context, REFUSALS.noCallback);

	const credential = await readCredential(context, CREDENTIAL_NAME);
	const apiKey = asText(credential.apiKey) ?? '';
	const hmacKey = asText(credential.webhookHmacSecret) ?? '';
	const now = systemClock.now();
	const audience = audienceOf(context.getExecutionId(), context.getNode().id);
	const origin = readOrigin(originParameter(context), apiKey, audience);
	if (origin?.item === undefined) {
		context.logger.warn(
			"KieAI: a callback for a paused execution was refused: its URL was not signed with this credential's API key",
		);
		return refuse(context, REFUSALS.unproven);
	}
	if (!isSigned(context, hmacKey, DEFAULT_TOLERANCE_SECONDS, now)) {
		return refuse(context, REFUSALS.unproven);
	}

	const task = readCallback(withoutSecrets(received, [apiKey, hmacKey]), origin);
	if (task === undefined) return refuse(context, REFUSALS.noCallback);
	if (!isAwaited(readAwaited(context, origin.run), origin.item, task.taskId)) {
		context.logger.debug(
			`KieAI has called about '${task.taskId}', and this execution does not wait for it, or has heard of it before`,
		);
		return OK;
	}
	const again = await runAgain(context, { item: origin.item, task });
	if (again === 'tooLate') return refuse(context, REFUSALS.later);
	return { ...OK, workflowData: again ?? [passThrough(context, origin.item, task)] };
}

/**
 * Has n8n run the parked node once more.
 * @returns what `webhook()` has to return; `tooLate` where another callback wakes it, or has since n8n read the execution;
 * undefined where n8n does not let itself be reached into
 */
async function runAgain(
	context: IWebhookFunctions,
	callback: Callback,
): Promise<INodeExecutionData[][] | 'tooLate' | undefined> {
	const parked = reachParkedNode(context);
	const parking = parked?.memory.parking as Parking<unknown> | undefined;
	if (parked === undefined || parking === undefined) return undefined;
	const run = parkedRun(context, parking);
	if (!admit(run, callback, systemClock.now())) return 'tooLate';
	whenNotBegun(context, () => forgetWaking(run));
	await gather(run, parking.awaited.length, systemClock);
	parking.callbacks = takeNews(run);
	parked.enable();
	return [parking.input];
}

/** Where the node cannot be run again, this is its output: what is known, and what the callback says. */
function passThrough(
	context: IWebhookFunctions,
	called: number,
	task: VideoTask,
): INodeExecutionData[] {
	const simplify = context.getNodeParameter('simplify', true) !== false;
	return readParkedItems(context).map((json, item) => {
		const others = json.status === 'timedOut' ? { ...json, status: 'processing' } : json;
		return { json: item === called ? toOutput(task, simplify) : others, pairedItem: { item } };
	});
}
