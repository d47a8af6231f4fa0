import type { IWebhookFunctions } from 'n8n-workflow';

import { callbackTaskId } from './protocol/callback';
import { ORIGIN_PARAMETER } from './protocol/origin';
import { asObject } from './protocol/parse';
import { isSignatureValid } from './protocol/signature';

/** A request from outside, as the trigger and a parked node read it. */

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
