/** The workflows of these tests, in short. */
import type { IDataObject } from 'n8n-workflow';

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
