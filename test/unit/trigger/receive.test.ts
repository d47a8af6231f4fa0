import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';

import { signCallback } from '../../../nodes/KieAi/protocol/signature';
import { receiveCallback } from '../../../nodes/KieAi/trigger/receive';
import { openResponse } from '../support/response';

const HMAC_KEY = 'hmac-0123456789';
const EVENTS = ['videoReady'];
const credential = { apiKey: 'sk-0123456789', webhookHmacSecret: HMAC_KEY };

/** The trigger, called with that callback, which is signed as KieAI signs. */
function called(taskId: string) {
	const timestamp = `${Math.floor(Date.now() / 1000)}`;
	const { response, answered, refusals } = openResponse();
	const parameters: IDataObject = { confirm: false, verifySignature: true, events: EVENTS };
	const context = {
		getBodyData: () => ({
			code: 200,
			msg: 'Video generated.',
			data: { taskId, info: { resultUrls: ['https://file.example.com/film.mp4'] } },
		}),
		getHeaderData: () => ({
			'x-webhook-timestamp': timestamp,
			'x-webhook-signature': signCallback(taskId, timestamp, HMAC_KEY),
		}),
		getQueryData: () => ({}),
		getMode: () => 'webhook',
		getNode: () => ({ id: 'trigger' }),
		getWorkflow: () => ({ id: 'workflow' }),
		getCredentials: async () => await Promise.resolve(credential),
		getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? fallback,
		getResponseObject: () => response,
		helpers: { returnJsonArray: (items: IDataObject[]) => items.map((json) => ({ json })) },
	};
	const receive = async () => await receiveCallback(context as unknown as IWebhookFunctions); // what it uses of one
	return { receive, answered, refusals };
}

it('A callback that n8n has begun with is a repeat when it comes again', async () => {
	const first = called('veo_begun');
	expect(await first.receive()).toHaveProperty('workflowData');
	first.answered(200);

	const second = called('veo_begun');
	expect(await second.receive()).toEqual({ webhookResponse: { message: 'OK' } });
	expect(second.refusals).toEqual([]);
});

it('A callback that n8n could not begin with starts the workflow when it comes again', async () => {
	const first = called('veo_failed');
	expect(await first.receive()).toHaveProperty('workflowData');
	first.answered(500);

	expect(await called('veo_failed').receive()).toHaveProperty('workflowData');
});
