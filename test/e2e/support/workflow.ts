/** The workflows of these tests, in short. */
import type { IDataObject } from 'n8n-workflow';

import type { CredentialRef } from '../../../scripts/n8n/api';
import type { NodeJson, WorkflowJson } from '../../engine/support/types';
import type { EndpointName, RecordedRequest, SandboxOptions } from '../../sandbox';
import type { World } from './world';

/** Holds KieAI's tasks until `sandbox.advance` says otherwise. Prompts may say otherwise too: "4k takes 10 s". */
export const HELD: SandboxOptions = {
	clockScale: 1,
	videoSeconds: 3600,
	upgrade4kSeconds: 3600,
	callbackRetrySeconds: 1,
};

export const GENERATE = { operation: 'generate', prompt: 'A red fox in the snow' };
export const GET_4K = { operation: 'get4k' };

/** One of our nodes, which pauses until KieAI calls back. */
export function pausing(
	name: string,
	parameters: IDataObject,
	node: Partial<NodeJson> = {},
): NodeJson {
	const all = { waitForResult: 'callback', ...parameters } as NodeJson['parameters'];
	return { name, type: 'n8n-nodes-kieai.kieAi', ...node, ...(all && { parameters: all }) };
}

export function kieAiTrigger(node: Partial<NodeJson> = {}): NodeJson {
	const type = 'n8n-nodes-kieai.kieAiTrigger';
	return { name: 'KieAI Trigger', type, typeVersion: 1.1, parameters: {}, ...node };
}

export function noOp(name = 'After'): NodeJson {
	return { name, type: 'n8n-nodes-base.noOp' };
}

export function manualTrigger(name = 'Start'): NodeJson {
	return { name, type: 'n8n-nodes-base.manualTrigger' };
}

/** Each node's first output to the next. */
export function chain(...nodes: NodeJson[]): WorkflowJson {
	const connections: WorkflowJson['connections'] = {};
	nodes.forEach(({ name }, index) => {
		const next = nodes[index + 1];
		if (next) connections[name] = { main: [[{ node: next.name, type: 'main', index: 0 }]] };
	});
	return { nodes, connections };
}

/** What KieAI was asked, at one endpoint. */
export function sent(
	{ sandbox }: Pick<World, 'sandbox'>,
	endpoint: EndpointName,
): RecordedRequest[] {
	return sandbox.requests.filter((request) => request.endpoint === endpoint);
}

/** A task that an execution waits for, and where KieAI is to call back. */
export interface Wait {
	taskId: string;
	url: string;
}

/** What KieAI was given last, in the order of the items. */
export function awaited(
	world: Pick<World, 'sandbox'>,
	endpoint: 'generate' | 'get4k',
	count: number,
): Wait[] {
	return sent(world, endpoint)
		.slice(-count)
		.map(({ body, answer }) => ({
			url: (body as { callBackUrl: string }).callBackUrl,
			taskId: (answer?.body as { data: { taskId: string } }).data.taskId,
		}));
}

/** Makes the list in one field of a webhook's body an item each. */
export function itemsOf(field: string): NodeJson {
	const parameters = { fieldToSplitOut: `body.${field}`, options: {} };
	return { name: 'Items', type: 'n8n-nodes-base.splitOut', parameters };
}

/** Connects a node's second output: its errors, or what is false. */
export function second(workflow: WorkflowJson, from: string, to: NodeJson): WorkflowJson {
	const [main = []] = workflow.connections[from]?.main ?? [];
	const outputs = [main, [{ node: to.name, type: 'main' as const, index: 0 }]];
	return {
		...workflow,
		nodes: [...workflow.nodes, to],
		connections: { ...workflow.connections, [from]: { main: outputs } },
	};
}

const IS_READY = {
	options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
	combinator: 'and',
	conditions: [
		{
			leftValue: '={{ $json.status }}',
			rightValue: 'succeeded',
			operator: { type: 'string', operation: 'equals' },
		},
	],
};

/** Trigger → node → Ready? → After; what is not ready goes back to the node, through Again. */
export function untilReady(trigger: NodeJson, node: NodeJson): WorkflowJson {
	const parameters = { conditions: IS_READY };
	const ready = { name: 'Ready?', type: 'n8n-nodes-base.if', typeVersion: 2.2, parameters };
	const workflow = second(chain(trigger, node, ready, noOp()), ready.name, noOp('Again'));
	workflow.connections['Again'] = { main: [[{ node: node.name, type: 'main', index: 0 }]] };
	return workflow;
}

/** Where a workflow begins that others call. */
export const SUB_WORKFLOW_TRIGGER: NodeJson = {
	name: 'Start',
	type: 'n8n-nodes-base.executeWorkflowTrigger',
	typeVersion: 1.1,
	parameters: { inputSource: 'passthrough' },
};

/** Calls another workflow, once with all items. */
export function callWorkflow({ id }: { id: string }): NodeJson {
	const parameters = {
		workflowId: { __rl: true, mode: 'id', value: id },
		workflowInputs: { mappingMode: 'defineBelow', value: {} },
	};
	return { name: 'Child', type: 'n8n-nodes-base.executeWorkflow', typeVersion: 1.2, parameters };
}

/** Trigger → Agent → After, with a chat model and, where there is one, a tool. */
export function withAgent(
	trigger: NodeJson,
	typeVersion: number,
	openAiApi: CredentialRef,
	tool?: NodeJson,
): WorkflowJson {
	const langchain = '@n8n/n8n-nodes-langchain';
	const agent = {
		name: 'Agent',
		type: `${langchain}.agent`,
		typeVersion,
		parameters: { promptType: 'define', text: 'Make a film of a red fox', options: {} },
	};
	const chat: NodeJson = {
		name: 'Model',
		type: `${langchain}.lmChatOpenAi`,
		typeVersion: 1.2,
		position: [160, 220],
		parameters: { model: { __rl: true, mode: 'id', value: 'stub' }, options: {} },
		credentials: { openAiApi },
	};
	const workflow = chain(trigger, agent, { ...noOp(), position: [560, 0] });
	const give = (node: NodeJson, type: 'ai_languageModel' | 'ai_tool') => {
		workflow.nodes.push(node);
		workflow.connections[node.name] = { [type]: [[{ node: agent.name, type, index: 0 }]] };
	};
	give(chat, 'ai_languageModel');
	if (tool) give(tool, 'ai_tool');
	return workflow;
}
