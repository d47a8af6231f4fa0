/**
 * Stand-ins for n8n's AI Agent, without a model: the agent gives each tool that is connected to it
 * the arguments in its parameter `toolArguments`, once, and puts out what comes back. What runs the
 * tool is n8n-core's own code in both versions, and it is not the same code.
 */
import { randomUUID } from 'node:crypto';
import type {
	EngineRequest,
	EngineResponse,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	IVersionedNodeType,
} from 'n8n-workflow';
import { VersionedNodeType } from 'n8n-workflow';

/** As n8n-core makes a node a tool (LangChain's DynamicStructuredTool). */
interface Tool {
	invoke(args: IDataObject): Promise<unknown>;
}

/** Agent 2.x: the agent itself calls the tool, whose `isToolExecution()` is true. */
async function callTools(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const tools = (await this.getInputConnectionData('ai_tool', 0)) as Tool[]; // of this connection type
	const items: INodeExecutionData[] = [];
	for (const tool of tools) {
		items.push({ json: { output: String(await tool.invoke(argumentsOf(this))) } });
	}
	return [items];
}

/** Agent 3.x: the engine runs the tool as a node of the workflow, then the agent again. */
async function requestTools(
	this: IExecuteFunctions,
	response?: EngineResponse,
): Promise<INodeExecutionData[][] | EngineRequest> {
	const results = response?.actionResponses ?? [];
	if (results.length === 0) {
		const tools = this.getParentNodes(this.getNode().name, { connectionType: 'ai_tool', depth: 1 });
		const actions = tools.map(({ name: nodeName }) => ({
			actionType: 'ExecutionNodeAction' as const,
			nodeName,
			input: argumentsOf(this),
			type: 'ai_tool' as const,
			id: randomUUID(),
			metadata: { itemIndex: 0 },
		}));
		return { actions, metadata: {} };
	}
	return [
		results.map(({ data }) => {
			const output = data.data?.['ai_tool']?.[0]?.map(({ json }) => json) ?? [];
			return { json: { output: JSON.stringify(output) } };
		}),
	];
}

function argumentsOf(context: IExecuteFunctions): IDataObject {
	return context.getNodeParameter('toolArguments', 0) as IDataObject; // a parameter of type `json`
}

function agent(version: number[], execute: INodeType['execute']): INodeType {
	return {
		description: {
			displayName: 'AI Agent (stand-in)',
			name: 'agent',
			group: ['transform'],
			version,
			description: 'Stand-in for the agent of @n8n/n8n-nodes-langchain',
			defaults: { name: 'AI Agent' },
			inputs: ['main', { type: 'ai_tool', displayName: 'Tool' }],
			outputs: ['main'],
			properties: [
				{ displayName: 'Tool Arguments', name: 'toolArguments', type: 'json', default: {} },
			],
		},
		...(execute && { execute }),
	};
}

export function agents(): Record<string, IVersionedNodeType> {
	const [older, newer] = [agent([2, 2.1, 2.2], callTools), agent([3, 3.1], requestTools)];
	const nodeVersions = { 2: older, 2.1: older, 2.2: older, 3: newer, 3.1: newer };
	const base = { ...newer.description, defaultVersion: 3.1 };
	return { '@n8n/n8n-nodes-langchain.agent': new VersionedNodeType(nodeVersions, base) };
}
