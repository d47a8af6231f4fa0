import type { IWebhookFunctions } from 'n8n-workflow';

import { OK, receiveWith } from '../../nodes/KieAi/answer';
import { openResponse } from './support/response';

function webhook() {
	const { response, refusals } = openResponse();
	const logged: string[] = [];
	const context = {
		getResponseObject: () => response,
		logger: { error: (text: string) => logged.push(text) },
	} as unknown as IWebhookFunctions; // what it uses of one
	return { context, refusals, logged };
}

it('A request is received by the code that is loaded', async () => {
	const { context, refusals } = webhook();
	const receive = jest.fn().mockResolvedValue(OK);
	expect(await receiveWith(context, async () => receive)).toBe(OK);
	expect(receive).toHaveBeenCalledWith(context);
	expect(refusals).toEqual([]);
});

it('Where none can be loaded, whoever calls is told to come again, and nothing is started', async () => {
	const { context, refusals, logged } = webhook();
	const answer = await receiveWith(context, async () => await Promise.reject(new Error('gone')));
	expect(answer).toEqual({ noWebhookResponse: true });
	expect(refusals).toEqual([[503, { message: 'Try again later' }]]);
	expect(logged).toEqual(['KieAI cannot be loaded: Error: gone']);
});
