import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

/** How the trigger and a parked node answer a request from outside. */

/** The same words for every reason: a caller never learns which check failed. */
export const REFUSALS = {
	noCallback: [400, 'This is no KieAI callback'],
	unproven: [401, 'Unauthorized'],
	later: [503, 'Try again later'],
} as const;

export const OK: IWebhookResponseData = { webhookResponse: { message: 'OK' } };

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
