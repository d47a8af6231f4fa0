import {
	NodeConnectionTypes,
	NodeOperationError,
	type IHookFunctions,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import { receiveWith } from './answer';
import { properties } from './trigger/description';
import { forgetTriggerUrl, rememberTriggerUrl } from './trigger/url';

const loadReceive = async () => await import('./trigger/receive');

/** As with the action node, what it does is loaded when it is first needed. */
export class KieAiTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'KieAI Trigger',
		name: 'kieAiTrigger',
		icon: { light: 'file:kieAi.svg', dark: 'file:kieAi.dark.svg' },
		group: ['trigger'],
		// n8n evaluates an expression of its own Webhook node for each call of a trigger of version 1.
		version: 1.1,
		subtitle:
			'={{ $parameter["events"].length === 4 ? "All Events" : $parameter["events"].map((event) => ({ upgrade4kFailed: "4K Video Failed", upgrade4kReady: "4K Video Ready", videoFailed: "Video Failed", videoReady: "Video Ready" })[event]).join(", ") }}',
		description:
			'Generate Veo videos with KieAI, get them in 4K, and start workflows when they are ready',
		eventTriggerDescription: 'Waiting for KieAI to report a video',
		defaults: { name: 'KieAI Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'kieAiApi', required: true }],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				// Without it, n8n would answer with the first item in place of what the node says.
				responseData: '',
				path: 'kieai',
				ndvHideMethod: true,
			},
			{
				name: 'setup',
				httpMethod: 'GET',
				responseMode: 'onReceived',
				responseData: '',
				path: 'kieai',
				ndvHideUrl: true,
			},
		],
		triggerPanel: {
			header: 'Wait for a KieAI callback',
			executionsHelp: {
				inactive:
					"<b>While you build</b>, execute this step, then open the test URL with <code>?taskId=…</code> of a finished task, which costs nothing, or let KieAI call it.<br /><br /><b>When the workflow works</b>, publish (activate) it: KieAI's callbacks then start it by themselves, and show up in the list of executions.",
				active:
					"<b>While you build</b>, execute this step, then open the test URL with <code>?taskId=…</code> of a finished task, which costs nothing.<br /><br /><b>The workflow is published</b>: KieAI's callbacks start it by themselves, and show up in the list of executions.",
			},
			activationHint:
				'Once you publish (activate) the workflow, KieAI’s callbacks start it by themselves.',
		},
		properties,
	};

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				// KieAI knows no subscriptions: `create` only looks and remembers, however often it is called.
				return false;
			},

			async create(this: IHookFunctions): Promise<boolean> {
				const { canBeProven } = await loadReceive();
				if (!(await canBeProven(this))) {
					// The message alone is what n8n shows when a workflow cannot be published.
					throw new NodeOperationError(
						this.getNode(),
						"Anybody could start this workflow: switch on 'Confirm with KieAI', or switch on 'Verify Signature' and enter the 'Webhook HMAC Key' in the credential",
					);
				}
				if (this.getActivationMode() !== 'manual') rememberTriggerUrl(this);
				return true;
			},

			async delete(this: IHookFunctions): Promise<boolean> {
				forgetTriggerUrl(this);
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const isTest = this.getWebhookName() === 'setup';
		return await receiveWith(this, async () => {
			const { receiveCallback, replayTask } = await loadReceive();
			return isTest ? replayTask : receiveCallback;
		});
	}
}
