import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { connect, type Connection, type NodeContext } from '../connection';
import { callbackTaskId, readCallback } from '../protocol/callback';
import { KieAiError } from '../protocol/errors';
import { ORIGIN_PARAMETER, readOrigin, type Origin } from '../protocol/origin';
import { asNumber, asObject, asText } from '../protocol/parse';
import { isSignatureValid } from '../protocol/signature';
import { isFinal, toOutput, type VideoTask } from '../protocol/video';
import { confirm } from './confirm';
import { DEFAULT_TOLERANCE_SECONDS, eventOf } from './description';
import { rememberRepeats } from './repeats';

const MAX_REMEMBERED_DELIVERIES = 10_000;

const repeats = rememberRepeats(MAX_REMEMBERED_DELIVERIES);

/** KieAI waits 15 s for an answer, and the answer may need two questions of ours. */
const QUESTION_TIMEOUT_MS = 6_000;

const OK: IWebhookResponseData = { webhookResponse: { message: 'OK' } };

/** How the node tells real callbacks from forged ones. */
interface Proof {
	/** Empty where signatures are not checked. */
	hmacKey: string;
	toleranceSeconds: number;
	confirm: boolean;
}

/** An account as the trigger asks it: once and quickly, because KieAI is waiting for an answer. */
export async function connectForCallback(context: NodeContext): Promise<Connection> {
	return await connect(context, { maxAttempts: 1, timeoutMs: QUESTION_TIMEOUT_MS });
}

/** What the node's settings and its credential make possible; undefined where anybody could call. */
export function readProof(
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
 * One callback, from request to workflow: shape, proof, filter, repeats, confirmation. Every request is answered, and
 * no answer tells which check failed.
 */
export async function receiveCallback(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const body: unknown = context.getBodyData();
	const claim = readCallback(body);
	if (claim === undefined) return refuse(context, 400, 'This is no KieAI callback');

	const connection = await connectForCallback(context);
	const proof = readProof(context, connection);
	const origin = readCallbackOrigin(context, connection);
	if (proof === undefined || origin === 'forged' || !isSigned(context, body, proof, connection)) {
		return refuse(context, 401, 'Unauthorized');
	}

	const task = withOrigin(claim, origin);
	if (!isWanted(context, task)) return OK;
	const key = repeatKey(context, task);
	if (key !== undefined && !repeats.claim(key)) return OK;

	const confirmed = proof.confirm ? await confirm(task, connection.client) : task;
	if (typeof confirmed !== 'string') return start(context, confirmed, body);
	if (key !== undefined) repeats.release(key);
	return confirmed === 'later'
		? refuse(context, 503, 'Try again later')
		: refuse(context, 401, 'Unauthorized');
}

/** While a person tests the trigger: a finished task, named in the URL, stands in for its callback. */
export async function replayTask(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	if (context.getMode() !== 'manual') return refuse(context, 404, 'Not found');
	const taskId = asText(asObject(context.getQueryData())?.taskId);
	if (taskId === undefined) {
		return refuse(
			context,
			400,
			'Add the ID of a finished task to this URL, as in ?taskId=veo_task_abcdef123456',
		);
	}
	const { client } = await connectForCallback(context);
	const task = await client
		.getDetails({ kind: 'video', taskId })
		.catch((error: unknown) =>
			error instanceof KieAiError ? `KieAI says: ${error.message}` : 'KieAI could not be asked',
		);
	if (typeof task === 'string') return refuse(context, 400, task);
	if (!isFinal(task))
		return refuse(context, 400, 'This task is not finished yet. Choose another one.');
	return start(context, task, task.raw);
}

function refuse(context: IWebhookFunctions, status: number, message: string): IWebhookResponseData {
	context.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

function start(context: IWebhookFunctions, task: VideoTask, body: unknown): IWebhookResponseData {
	const options = asObject(context.getNodeParameter('options', {})) ?? {};
	const json = toOutput(task, false);
	if (options.includeRaw === true) json.raw = (asObject(body) ?? null) as IDataObject | null;
	else delete json.raw;
	return { ...OK, workflowData: [context.helpers.returnJsonArray([json])] };
}

function isSigned(
	context: IWebhookFunctions,
	body: unknown,
	{ hmacKey, toleranceSeconds }: Proof,
	{ clock }: Connection,
): boolean {
	if (hmacKey === '') return true;
	const headers = context.getHeaderData();
	const signed = {
		taskId: callbackTaskId(body) ?? '',
		timestamp: headers['x-webhook-timestamp'],
		signature: headers['x-webhook-signature'],
	};
	return isSignatureValid(signed, hmacKey, toleranceSeconds, clock.now());
}

/** What our own node wrote into the URL, proven with the API key; a URL without it was given to KieAI by hand. */
function readCallbackOrigin(
	context: IWebhookFunctions,
	{ apiKey }: Connection,
): Origin | undefined | 'forged' {
	const parameter = asObject(context.getQueryData())?.[ORIGIN_PARAMETER];
	if (parameter === undefined) return undefined;
	return readOrigin(parameter, apiKey) ?? 'forged';
}

function withOrigin(claim: VideoTask, origin: Origin | undefined): VideoTask {
	if (origin === undefined) return claim;
	const { kind, sourceTaskId = null, index = null, metadata = null } = origin;
	return {
		...claim,
		kind,
		sourceTaskId,
		index,
		metadata,
		videoTaskId: kind === 'upgrade4k' && sourceTaskId !== null ? sourceTaskId : claim.taskId,
		resolution: kind === 'upgrade4k' ? '4K' : claim.resolution,
	};
}

function isWanted(context: IWebhookFunctions, task: VideoTask): boolean {
	const events = context.getNodeParameter('events', []);
	return Array.isArray(events) && (events as string[]).includes(eventOf(task));
}

/** What makes two deliveries the same; undefined where repeats are wanted, as always while testing. */
function repeatKey(context: IWebhookFunctions, task: VideoTask): string | undefined {
	const options = asObject(context.getNodeParameter('options', {})) ?? {};
	if (options.ignoreRepeated === false || context.getMode() === 'manual') return undefined;
	const { taskId, kind, index, status, resultUrls } = task;
	return JSON.stringify([
		context.getWorkflow().id,
		context.getNode().id,
		taskId,
		kind,
		index,
		status,
		resultUrls,
	]);
}
