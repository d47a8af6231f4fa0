/** The webhooks that the nodes of a workflow declare, as n8n reads them from the descriptions. */
import type { INode, IWebhookData, IWebhookDescription, Workflow } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';
import type { Loaded } from './nodeTypes';

export function nodeOf(workflow: Workflow, name: string): INode {
	const node = workflow.getNode(name);
	if (!node) throw new Error(`The workflow has no node "${name}"`);
	return node;
}

export function idOf(workflow: Workflow): string {
	return workflow.id ?? '';
}

/** All webhooks of a workflow: those that start it come before those of its waiting nodes. */
export function webhooksOf(
	loaded: Loaded,
	workflow: Workflow,
	additionalData: IWebhookData['workflowExecuteAdditionalData'],
): { starting: IWebhookData[]; waiting: IWebhookData[] } {
	const found = Object.values(workflow.nodes).flatMap((node) =>
		webhooksOfNode(loaded, workflow, node, additionalData),
	);
	const waits = ({ webhookDescription }: IWebhookData) =>
		webhookDescription.restartWebhook === true;
	return {
		starting: found.filter((webhook) => !waits(webhook)),
		waiting: found.filter(waits),
	};
}

/** `httpMethod` may name several, with commas: one webhook each. */
function webhooksOfNode(
	loaded: Loaded,
	workflow: Workflow,
	node: INode,
	additionalData: IWebhookData['workflowExecuteAdditionalData'],
): IWebhookData[] {
	const { description } = loaded.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
	if (node.disabled === true) return [];
	return (description.webhooks ?? []).flatMap((webhookDescription) => {
		const value = (property: keyof IWebhookDescription, fallback: string | boolean) =>
			workflow.expression.getSimpleParameterValue(
				node,
				webhookDescription[property] as string | boolean | undefined, // of the ones asked for
				'internal',
				{},
				undefined,
				fallback,
			);
		if (value('responseMode', 'onReceived') !== 'onReceived') {
			throw new Error('The webhook host answers in response mode onReceived only');
		}
		const path = NodeHelpers.getNodeWebhookPath(
			idOf(workflow),
			node,
			String(value('path', '')).replace(/^\/|\/$/g, ''),
			value('isFullPath', false) === true,
			webhookDescription.restartWebhook === true,
		);
		return String(value('httpMethod', 'GET'))
			.split(',')
			.map((httpMethod) => ({
				httpMethod: httpMethod.trim() as IWebhookData['httpMethod'], // as the node declares it
				node: node.name,
				path,
				webhookDescription,
				workflowId: idOf(workflow),
				workflowExecuteAdditionalData: additionalData,
			}));
	});
}
