import type { IExecuteFunctions, IHookFunctions } from 'n8n-workflow';

import { asText } from '../protocol/parse';

/** Where a published KieAI Trigger leaves its URL: in the workflow's static data, so that nobody has to copy it. */
export const TRIGGER_URL_KEY = 'kieAiTriggerUrl';

export function rememberTriggerUrl(context: IHookFunctions): void {
	context.getWorkflowStaticData('global')[TRIGGER_URL_KEY] = context.getNodeWebhookUrl('default');
}

/** A test's URL is another one: the end of a test takes nothing away. */
export function forgetTriggerUrl(context: IHookFunctions): void {
	const staticData = context.getWorkflowStaticData('global');
	if (staticData[TRIGGER_URL_KEY] === context.getNodeWebhookUrl('default')) {
		delete staticData[TRIGGER_URL_KEY];
	}
}

/** Undefined where no KieAI Trigger of the workflow is published. */
export function readTriggerUrl(context: IExecuteFunctions): string | undefined {
	return asText(context.getWorkflowStaticData('global')[TRIGGER_URL_KEY]);
}
