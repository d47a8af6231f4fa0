import {
	NodeHelpers,
	type ContextType,
	type IDataObject,
	type IExecuteData,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
	type IRunExecutionData,
	type ITaskMetadata,
	type IWebhookFunctions,
} from 'n8n-workflow';

import { openResponse } from './response';

export const NODE_ID = 'node id';
export const EXECUTION_ID = '42';
export const RESUME_URL = 'https://n8n.example.com/webhook-waiting/42?signature=a%2Fb';

/** A credential with a key and without one for signatures. */
const CREDENTIAL = { apiKey: 'sk-0123456789' };

export interface Surroundings {
	/** Whether n8n lets itself be reached into. */
	isOpen?: boolean;
	runIndex?: unknown;
	resumeUrl?: unknown;
	credential?: IDataObject | Error;
	simplify?: unknown;
}

export interface Call {
	body?: unknown;
	query?: IDataObject;
	headers?: IDataObject;
}

/** One node in one execution: what n8n gives its `execute()`, and its `webhook()` while it is parked. */
export function nodeInExecution({
	isOpen = true,
	runIndex = 0,
	resumeUrl = RESUME_URL,
	credential = CREDENTIAL,
	simplify,
}: Surroundings = {}) {
	const node = { id: NODE_ID, name: 'KieAI' } as INode;
	const entry: IExecuteData = { node, data: { main: [[]] }, source: null };
	const runData = {
		executionData: { contextData: {}, nodeExecutionStack: [entry] },
	} as unknown as IRunExecutionData;
	const parkedUntil: Date[] = [];
	const { response, refusals, answered } = openResponse();
	const logged: string[] = [];
	const credentialsRead: unknown[][] = [];

	const readCredential = async (...request: unknown[]) => {
		credentialsRead.push(request);
		if (credential instanceof Error) throw credential;
		return credential;
	};
	const common = {
		...(isOpen && { runExecutionData: runData }),
		getNode: () => node,
		getExecutionId: () => EXECUTION_ID,
		logger: {
			debug: (text: string) => logged.push(text),
			warn: (text: string) => logged.push(text),
			error: (text: string) => logged.push(text),
		},
		evaluateExpression: (expression: string) => {
			if (!expression.includes('$input.all()'))
				throw new Error(`No such expression: ${expression}`);
			return entry.data['main']?.[0]?.map(({ json }) => json);
		},
	};
	const executing = {
		...common,
		getWorkflowDataProxy: () => ({ $runIndex: runIndex, $execution: { resumeUrl } }),
		getContext: (type: ContextType) => NodeHelpers.getContext(runData, type, node),
		getExecuteData: () => entry,
		setMetadata: (metadata: ITaskMetadata) => void (entry.metadata = metadata),
		putExecutionToWait: async (until: Date) => void parkedUntil.push(until),
	} as unknown as IExecuteFunctions; // what it uses of one

	return {
		node,
		entry,
		runData,
		parkedUntil,
		refusals,
		answered,
		logged,
		credentialsRead,
		executing,
		/** What is passed on at the deadline. */
		parkedItems: (...items: INodeExecutionData[]) => void (entry.data = { main: [items] }),
		/** n8n has stored the execution, and reads it for a request. */
		called({ body, query = {}, headers = {} }: Call = {}): IWebhookFunctions {
			node.disabled = true;
			return {
				...common,
				...(isOpen && {
					_getCredentials: async (...request: unknown[]) => await readCredential(...request),
				}),
				connectionInputData: [],
				getCredentials: readCredential,
				getBodyData: () => body,
				getQueryData: () => query,
				getHeaderData: () => headers,
				getResponseObject: () => response,
				getNodeParameter: (name: string, fallback: unknown) =>
					name === 'simplify' ? (simplify ?? fallback) : fallback,
			} as unknown as IWebhookFunctions; // what it uses of one
		},
	};
}
