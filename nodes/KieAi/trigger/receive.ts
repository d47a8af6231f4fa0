import type {
	IDataObject,
	IHookFunctions,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import { OK, REFUSALS, refuse, whenNotBegun } from '../answer';
import { connect, type Connection } from '../connection';
import { isSigned, originParameter } from '../incoming';
import { readCallback } from '../protocol/callback';
import { systemClock } from '../protocol/clock';
import { confirm, type Confirmation } from '../protocol/confirm';
import { KieAiError } from '../protocol/errors';
import { readOrigin, type Origin } from '../protocol/origin';
import { asNumber, asObject, asText } from '../protocol/parse';
import { withoutSecrets } from '../protocol/secrets';
import { DEFAULT_TOLERANCE_SECONDS } from '../protocol/signature';
import { isFinal, toOutput, type VideoTask } from '../protocol/video';
import { eventOf } from './description';
import { rememberRepeats } from './repeats';

const MAX_REMEMBERED_DELIVERIES = 10_000;

/** After a failed 4K upgrade a second one may be asked for, and fail, under the same task ID. */
const FAILED_4K_REPEAT_MS = 5 * 60_000;

const deliveries = rememberRepeats<Confirmation>(MAX_REMEMBERED_DELIVERIES, systemClock);

/** How the node tells real callbacks from forged ones. */
interface Proof {
	/** Empty where signatures are not checked. */
	hmacKey: string;
	toleranceSeconds: number;
	confirm: boolean;
}

/** Whether settings and credential leave a way to tell real callbacks from forged ones. */
export async function canBeProven(context: IHookFunctions): Promise<boolean> {
	return readProof(context, await connect(context)) !== undefined;
}

/** What the node's settings and its credential make possible; undefined where anybody could call. */
function readProof(
	context: Pick<IWebhookFunctions, 'getNodeParameter'>,
	{ webhookHmacKey }: Connection,
): Proof | undefined {
	const options = asObject(context.getNodeParameter('options', {})) ?? {};
	const proof: Proof = {
		hmacKey: context.getNodeParameter('verifySignature', true) === true ? webhookHmacKey : '',
		toleranceSeconds: asNumber(options.signatureTolerance) ?? DEFAULT_TOLERANCE_SECONDS,
		confirm: context.getNodeParameter('confirm', true) === true,
	};
	return proof.hmacKey === '' && !proof.confirm ? undefined : proof;
}

/**
 * One callback, from request to workflow: shape, proof, filter, confirmation, repeats. Every request is answered, and
 * no answer tells which check failed.
 */
export async function receiveCallback(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		return await receive(context);
	} catch (error) {
		// A parameter or a credential that cannot be read. Thrown on, n8n would start an execution for it.
		context.logger.error(`KieAI Trigger cannot receive callbacks: ${String(error)}`);
		return refuse(context, REFUSALS.later);
	}
}

async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const received: unknown = context.getBodyData();
	if (readCallback(received) === undefined) return refuse(context, REFUSALS.noCallback);

	const connection = await connect(context);
	const proof = readProof(context, connection);
	const origin = readCallbackOrigin(context, connection);
	if (origin === 'forged') {
		context.logger.warn(
			"KieAI Trigger refused a callback whose URL was not signed with this credential's API key",
		);
	}
	if (
		proof === undefined ||
		origin === 'forged' ||
		!isSigned(context, proof.hmacKey, proof.toleranceSeconds, connection.clock.now())
	) {
		return refuse(context, REFUSALS.unproven);
	}

	const body = withoutSecrets(received, [connection.apiKey, connection.webhookHmacKey]);
	const task = readCallback(body, origin);
	if (task === undefined) return refuse(context, REFUSALS.noCallback);
	const isKnown = (seen: VideoTask) =>
		ignoresRepeats(context) && deliveries.has(keyOf(context, seen));
	if (!isWanted(context, task) || isKnown(task)) return OK;

	const isProven = proof.hmacKey !== '' || origin !== undefined;
	const confirmation = proof.confirm
		? await deliveries.share(
				JSON.stringify([keyOf(context, task), task]),
				async () => await confirm(task, connection.quick, { isProven }),
			)
		: task;
	if (typeof confirmation === 'string') {
		context.logger.warn(
			`KieAI does not confirm a callback for task ${task.taskId} (${confirmation})`,
		);
		return refuse(context, confirmation === 'refuted' ? REFUSALS.unproven : REFUSALS.later);
	}
	// Claimed only now: what has been refused is wanted when it comes again.
	if (isKnown(confirmation)) return OK;
	if (ignoresRepeats(context)) {
		const isFailed4k = confirmation.kind === 'upgrade4k' && confirmation.status === 'failed';
		const key = keyOf(context, confirmation);
		deliveries.add(key, isFailed4k ? FAILED_4K_REPEAT_MS : undefined);
		whenNotBegun(context, () => deliveries.forget(key));
	}
	return start(context, confirmation, body);
}

/** While a person tests the trigger: a finished task, named in the URL, stands in for its callback. */
export async function replayTask(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	if (context.getMode() !== 'manual') return refuse(context, [404, 'Not found']);
	const taskId = asText(asObject(context.getQueryData())?.taskId);
	if (taskId === undefined) {
		return refuse(context, [
			400,
			'Add the ID of a finished task to this URL, as in ?taskId=veo_task_abcdef123456',
		]);
	}
	try {
		const { quick } = await connect(context);
		const task = await quick.getDetails({ kind: 'video', taskId });
		if (isFinal(task)) {
			const message = 'Sent to n8n as the test event. Go back to the editor.';
			return { ...start(context, task, task.raw), webhookResponse: { message } };
		}
		return refuse(context, [400, 'This task is not finished yet. Choose another one.']);
	} catch (error) {
		const { message } = error instanceof Error ? error : new Error('KieAI could not be asked');
		const advice = error instanceof KieAiError ? error.advice : undefined;
		return refuse(context, [400, [message, advice].filter(Boolean).join('. ')]);
	}
}

function start(context: IWebhookFunctions, task: VideoTask, body: unknown): IWebhookResponseData {
	const options = asObject(context.getNodeParameter('options', {})) ?? {};
	const json = toOutput(task, false);
	if (options.includeRaw === true) json.raw = (asObject(body) ?? null) as IDataObject | null;
	else delete json.raw;
	return { ...OK, workflowData: [context.helpers.returnJsonArray([json])] };
}

/** What our own node wrote into the URL, proven with the API key; a URL without it was given to KieAI by hand. */
function readCallbackOrigin(
	context: IWebhookFunctions,
	{ apiKey }: Connection,
): Origin | undefined | 'forged' {
	const parameter = originParameter(context);
	if (parameter === undefined) return undefined;
	return readOrigin(parameter, apiKey) ?? 'forged';
}

function isWanted(context: IWebhookFunctions, task: VideoTask): boolean {
	const events = context.getNodeParameter('events', []);
	return Array.isArray(events) && (events as string[]).includes(eventOf(task));
}

function ignoresRepeats(context: IWebhookFunctions): boolean {
	const options = asObject(context.getNodeParameter('options', {})) ?? {};
	return options.ignoreRepeated !== false && context.getMode() !== 'manual';
}

/** What makes two deliveries the same. Only the film tells two 4K upgrades of one source apart. */
function keyOf(context: IWebhookFunctions, task: VideoTask): string {
	const film = task.kind === 'upgrade4k' ? task.videoUrl : null;
	const node = [context.getWorkflow().id, context.getNode().id];
	return JSON.stringify([...node, task.taskId, eventOf(task), task.index, film]);
}
