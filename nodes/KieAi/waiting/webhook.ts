import type { IWebhookDescription } from 'n8n-workflow';

/** Where KieAI's callback reaches a parked node: part of the execution's resume URL, and open at no other time. */
export const resumeWebhooks: IWebhookDescription[] = [
	{
		name: 'default',
		httpMethod: 'POST',
		responseMode: 'onReceived',
		// Without it, n8n would answer with the first item in place of what the node says.
		responseData: '',
		path: '={{ $nodeId }}',
		restartWebhook: true,
	},
];
