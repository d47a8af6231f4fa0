import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import * as account from './actions/account/description';
import * as file from './actions/file/description';
import * as video from './actions/video/description';
import { receiveWith } from './answer';
import { resumeWebhooks } from './waiting/webhook';

/** What n8n needs to show the node. What it does is loaded when it is first run: most processes of n8n never do. */
export class KieAi implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'KieAI',
		name: 'kieAi',
		icon: { light: 'file:kieAi.svg', dark: 'file:kieAi.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ ({ download: "Download File", extend: "Extend Video", generate: "Generate Video", get: "Get Video", get1080p: "Get 1080p Video", get4k: "Get 4K Video", getCreditBalance: "Get Credit Balance", upload: "Upload File" })[$parameter["operation"]] ?? "" }}',
		description: 'Generate Veo videos with KieAI, get them in 4K, and download them',
		defaults: { name: 'KieAI' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'kieAiApi', required: true }],
		webhooks: resumeWebhooks,
		waitingNodeTooltip:
			'={{ "Waiting for KieAI to call back: " + ({ extend: "the extended video usually takes 1 to 3 minutes", generate: "the video usually takes 1 to 3 minutes", get4k: "the 4K video usually takes 5 to 10 minutes" })[$parameter["operation"]] }}',
		hints: [
			{
				message:
					'KieAI charges for 4K on top of the video itself: about as much as for two Fast videos, once. Asking again is free while it is under way or done.',
				type: 'info',
				location: 'outputPane',
				whenToDisplay: 'beforeExecution',
				displayCondition: '={{ $parameter["operation"] === "get4k" }}',
			},
		],
		properties: [
			...account.toolDescriptions,
			...file.toolDescriptions,
			...video.toolDescriptions,
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Account', value: 'account' },
					{ name: 'File', value: 'file' },
					{ name: 'Veo Video', value: 'veoVideo' },
				],
				default: 'veoVideo',
			},
			...account.fields,
			...file.fields,
			...video.fields,
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { execute } = await import('./actions/execute');
		return await execute(this);
	}

	/** A callback for an execution that this node has parked. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receiveWith(this, async () => (await import('./waiting/wake')).receiveWakeUp);
	}
}
