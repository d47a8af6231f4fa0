import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { callbackTaskId } from './protocol/callback';
import { ORIGIN_PARAMETER } from './protocol/origin';
import { asObject } from './protocol/parse';
import { isSignatureValid } from './protocol/signature';

/** A request from outside, as the trigger and a parked node read and answer it. */

/** How far KieAI's clock and ours may be apart, unless the user says otherwise. */
export const DEFAULT_TOLERANCE_SECONDS = 300;

/** The same words for every reason: a caller never learns which check failed. */
export const REFUSALS = {
	noCallback: [400, 'This is no KieAI callback'],
	unproven: [401, 'Unauthorized'],
	later: [503, 'Try again later'],
} as const;

/** n8n answers by itself only where the node has not: thrown errors would end, or start, executions. */
export function refuse(
	context: IWebhookFunctions,
	[status, message]: readonly [number, string],
): IWebhookResponseData {
	context.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

type Receive = (context: IWebhookFunctions) => Promise<IWebhookResponseData>;

/** Has a request received by code that is loaded now; while n8n updates the package, there is none for a while. */
export async function receiveWith(
	context: IWebhookFunctions,
	load: () => Promise<Receive>,
): Promise<IWebhookResponseData> {
	const receive = await load().catch((error: unknown) => {
		context.logger.error(`KieAI cannot be loaded: ${String(error)}`);
	});
	return receive === undefined ? refuse(context, REFUSALS.later) : await receive(context);
}

/**
 * n8n answers only once it has begun with what a node lets through. Where it could not, KieAI is told so, and calls
 * again: then the node must not take that for a repeat.
 */
export function whenNotBegun(context: IWebhookFunctions, undo: () => void): void {
	const response = context.getResponseObject();
	response.once('finish', () => {
		if (response.statusCode >= 400) undo();
	});
}

export const OK: IWebhookResponseData = { webhookResponse: { message: 'OK' } };

/** What our own node wrote into the callback's URL, still to be proven. */
export function originParameter(context: IWebhookFunctions): unknown {
	return asObject(context.getQueryData())?.[ORIGIN_PARAMETER];
}

/** @param hmacKey empty where signatures are not checked */
export function isSigned(
	context: IWebhookFunctions,
	hmacKey: string,
	toleranceSeconds: number,
	nowMs: number,
): boolean {
	if (hmacKey === '') return true;
	const headers = context.getHeaderData();
	const signed = {
		taskId: callbackTaskId(context.getBodyData()) ?? '',
		timestamp: headers['x-webhook-timestamp'],
		signature: headers['x-webhook-signature'],
	};
	const isValid = isSignatureValid(signed, hmacKey, toleranceSeconds, nowMs);
	if (!isValid) {
		// The caller does not learn which check failed; whoever runs n8n does.
		context.logger.warn(
			`KieAI: a callback was refused: it has no signature by the credential's 'Webhook HMAC Key', or its time is more than ${toleranceSeconds} seconds from this server's`,
		);
	}
	return isValid;
}
