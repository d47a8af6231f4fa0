/**
 * One execution: what n8n's server does around `WorkflowExecute` of n8n-core (the stored workflow,
 * Retry, sub-workflows, lifecycle hooks), done as the server does it.
 */
import { randomUUID } from 'node:crypto';
import type {
	ExecuteWorkflowData,
	ExecuteWorkflowOptions,
	ExecutionError,
	IDataObject,
	IExecuteWorkflowInfo,
	INode,
	INodeExecutionData,
	IRun,
	IRunExecutionData,
	IWorkflowBase,
	IWorkflowExecuteAdditionalData,
	RelatedExecution,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import {
	createRunExecutionData,
	deepCopy,
	replaceCircularReferences,
	Workflow,
} from 'n8n-workflow';
import type { WorkflowExecute } from 'n8n-core';
import { viewedNodes } from './contextView';
import { TestCredentials } from './credentials';
import { container, core, runScope } from './n8n';
import type { RunScope } from './n8n';
import type { Loaded } from './nodeTypes';
import type { LogLine, Run, RunOptions, Started, WorkflowJson } from './types';

/** What stands in for n8n's public URL where nobody calls it. */
const nowhere = 'http://n8n.invalid';

export function workflowIdOf({ id = 'workflow' }: WorkflowJson): string {
	return id;
}

/** A workflow that n8n could have stored: a copy, with credentials selected where a node takes them. */
export function completeWorkflow(
	loaded: Loaded,
	json: WorkflowJson,
	credentialTypes: string[],
): IWorkflowBase {
	const id = workflowIdOf(json);
	const { name = id, settings, pinData, staticData } = structuredClone(json);
	const nodes = structuredClone(json.nodes).map((node): INode => {
		const { typeVersion = 1 } = node;
		const { description } = loaded.nodeTypes.getByNameAndVersion(node.type, typeVersion);
		const takes = (description.credentials ?? []).map((credential) => credential.name);
		const selected = credentialTypes
			.filter((type) => takes.includes(type))
			.map((type) => [type, { id: type, name: type }]);
		return {
			id: node.name,
			position: [0, 0],
			parameters: {},
			...node,
			typeVersion,
			credentials: { ...Object.fromEntries(selected), ...node.credentials },
		};
	});
	return {
		id,
		name,
		nodes,
		connections: structuredClone(json.connections),
		settings: { executionOrder: 'v1', ...settings },
		...(pinData && { pinData }),
		...(staticData && { staticData }),
		active: false,
		activeVersionId: null,
		isArchived: false,
		createdAt: new Date(),
		updatedAt: new Date(),
	};
}

export function toWorkflow(loaded: Loaded, stored: IWorkflowBase): Workflow {
	const { id, name, nodes, connections, active, settings, staticData, pinData } = stored;
	return new Workflow({
		id,
		name,
		nodes,
		connections,
		active,
		nodeTypes: loaded.nodeTypes,
		...(settings && { settings }),
		...(pinData && { pinData }),
		staticData: structuredClone(staticData ?? {}),
	});
}

interface AdditionalDataParts {
	credentials: TestCredentials;
	/** None yet while a webhook is being received. */
	executionId?: string | undefined;
	baseUrl?: string | undefined;
	executeWorkflow?: IWorkflowExecuteAdditionalData['executeWorkflow'];
}

/** Everything that the engine asks of n8n's server. */
export function additionalDataFor(parts: AdditionalDataParts): IWorkflowExecuteAdditionalData {
	const { credentials, executionId, baseUrl = nowhere, executeWorkflow } = parts;
	const unavailable = async (): Promise<never> => {
		throw new Error('Not part of the engine harness');
	};
	return {
		credentialsHelper: credentials,
		executeWorkflow: executeWorkflow ?? unavailable,
		...(executionId !== undefined && { executionId }),
		currentNodeExecutionIndex: 0,
		restApiUrl: `${baseUrl}/rest`,
		instanceBaseUrl: `${baseUrl}/`,
		formBaseUrl: `${baseUrl}/form`,
		formTestBaseUrl: `${baseUrl}/form-test`,
		formWaitingBaseUrl: `${baseUrl}/form-waiting`,
		webhookBaseUrl: `${baseUrl}/webhook`,
		webhookTestBaseUrl: `${baseUrl}/webhook-test`,
		webhookWaitingBaseUrl: `${baseUrl}/webhook-waiting`,
		mcpBaseUrl: `${baseUrl}/mcp`,
		mcpTestBaseUrl: `${baseUrl}/mcp-test`,
		variables: {},
		externalSecretsProxy: container.get(core.ExternalSecretsProxy),
		logAiEvent: () => undefined,
		getRunExecutionData: async () => undefined,
		getRuntimeCredential: async () => undefined,
		startRunnerTask: unavailable,
	};
}

export interface StartOptions extends RunOptions {
	/** What a webhook handed over, by output of the start node; goes before `input`. */
	outputs?: INodeExecutionData[][];
	/** What a webhook threw: n8n starts the workflow all the same, to show the error there. */
	failure?: Error;
	/** Data of an execution that has waited, and now goes on under the same ID. */
	woken?: IRunExecutionData;
	/** Which execution has called this one, and goes on after it. */
	parentExecution?: RelatedExecution;
	/** Starts the sub-workflows that are called; default: as this execution has been started. */
	startChild?: (json: WorkflowJson, options: StartOptions) => Started;
	/** Told what the execution begins, or goes on, with. */
	onData?: (data: IRunExecutionData) => void;
	/** Where the leg's lines go; default: a log of its own. */
	log?: LogLine[];
}

/** Starts in the next turn, so that whatever n8n refuses rejects `result`. */
export function startRun(known: Loaded, json: WorkflowJson, options: StartOptions): Started {
	const { credentials = {}, executionId = randomUUID(), resumeFrom, log = [] } = options;
	const loaded = viewedNodes(known, options);
	const mode: WorkflowExecuteMode = options.mode ?? (resumeFrom ? 'retry' : 'manual');
	// A sub-workflow runs, and logs, within the execution that called it, until it is woken itself.
	const outer = mode === 'integrated' && !options.woken ? runScope.getStore() : undefined;
	const scope: RunScope = outer ?? { log, binaryMode: options.binaryMode ?? 'filesystem' };

	return runScope.run(scope, () => {
		let cancelled = false;
		let running: ReturnType<WorkflowExecute['processRunExecutionData']> | undefined;
		const execute = async (): Promise<Run> => {
			await Promise.resolve();
			const stored = completeWorkflow(loaded, json, Object.keys(credentials));
			if (options.staticData) stored.staticData = options.staticData;
			const workflow = toWorkflow(loaded, stored);
			const additionalData = additionalDataFor({
				credentials: new TestCredentials(loaded, credentials),
				executionId,
				baseUrl: options.webhookBaseUrl,
				executeWorkflow: async (info, _parent, call) =>
					await runSubWorkflow(loaded, options, info, call),
			});
			additionalData.hooks = lifecycleHooks(mode, executionId, stored, options);
			if (options.woken) additionalData.restartExecutionId = executionId;
			const data = dataFor(workflow, mode, options);
			options.onData?.(data);
			running = new core.WorkflowExecute(additionalData, mode, data).processRunExecutionData(
				workflow,
			);
			if (cancelled) running.cancel();
			return describeRun(executionId, json, await running, workflow.staticData, scope.log);
		};
		return {
			executionId,
			result: execute(),
			cancel: () => {
				cancelled = true;
				running?.cancel();
			},
		};
	});
}

function lifecycleHooks(
	mode: WorkflowExecuteMode,
	executionId: string,
	stored: IWorkflowBase,
	{ onNodeStart, onNodeEnd, resumeFrom }: RunOptions,
) {
	const hooks = new core.ExecutionLifecycleHooks(
		mode,
		executionId,
		stored,
		resumeFrom?.executionId,
	);
	if (onNodeStart) hooks.addHandler('nodeExecuteBefore', (node) => onNodeStart(node));
	if (onNodeEnd) hooks.addHandler('nodeExecuteAfter', (node, result) => onNodeEnd(node, result));
	return hooks;
}

function dataFor(
	workflow: Workflow,
	mode: WorkflowExecuteMode,
	options: StartOptions,
): IRunExecutionData {
	if (options.woken) return options.woken;
	if (options.resumeFrom) return dataForRetry(workflow, options.resumeFrom);
	const data = dataForStart(workflow, mode, options);
	if (options.resumeTokens === false) delete data.resumeToken;
	if (options.parentExecution) data.parentExecution = options.parentExecution;
	return data;
}

function dataForStart(
	workflow: Workflow,
	mode: WorkflowExecuteMode,
	{ input, outputs, failure, startNode }: StartOptions,
): IRunExecutionData {
	const node = startNode === undefined ? findStartNode(workflow) : workflow.getNode(startNode);
	if (!node) throw new Error(`No node to start from${startNode ? `: ${startNode}` : ''}`);
	const { pinData } = workflow;
	const main = outputs ?? [input ?? [{ json: {} }]];
	const data = createRunExecutionData({
		executionData: { nodeExecutionStack: [{ node, data: { main }, source: null }] },
		...(mode === 'manual' && pinData && { resultData: { pinData } }),
	});
	if (failure) {
		data.resultData.lastNodeExecuted = node.name;
		data.resultData.error = thrownBy(failure);
	}
	return data;
}

/** n8n makes a plain object of whatever a webhook threw, and calls it an ExecutionError too. */
export function thrownBy(failure: Error): ExecutionError {
	const { message, stack } = failure;
	return { ...failure, message, stack } as ExecutionError;
}

/** n8n's choice, or else the first node with nothing before it: a webhook node, for one. */
function findStartNode(workflow: Workflow): INode | undefined {
	return (
		workflow.getStartNode() ??
		Object.values(workflow.nodes).find(
			({ name, disabled }) =>
				disabled !== true &&
				workflow.connectionsBySourceNode[name] !== undefined &&
				workflow.connectionsByDestinationNode[name] === undefined,
		)
	);
}

/** What n8n's Retry makes of a failed execution: the same data, read from the database, less the error. */
function dataForRetry(workflow: Workflow, failed: Run): IRunExecutionData {
	if (failed.data.finished === true) throw new Error('The execution succeeded: nothing to retry');
	const data = deepCopy(replaceCircularReferences(failed.data.data));
	const { lastNodeExecuted, runData } = data.resultData;
	if (lastNodeExecuted !== undefined) {
		delete data.resultData.error;
		const runs = runData[lastNodeExecuted];
		if (runs?.at(-1)?.error !== undefined) runs.pop();
	}
	for (const entry of data.executionData?.nodeExecutionStack ?? []) {
		const node = workflow.getNode(entry.node.name);
		if (!node) throw new Error(`The node "${entry.node.name}" is no longer in the workflow`);
		entry.node = node;
	}
	return data;
}

async function runSubWorkflow(
	loaded: Loaded,
	options: StartOptions,
	info: IExecuteWorkflowInfo,
	call: ExecuteWorkflowOptions,
): Promise<ExecuteWorkflowData> {
	const json = info.code ?? options.workflows?.[info.id ?? ''];
	if (!json) throw new Error(`Workflow does not exist: ${info.id ?? ''}`);
	const { startChild = (...child) => startRun(loaded, ...child) } = options;
	const { parentExecution } = call;
	const { executionId, result } = startChild(json, {
		...pick(options, 'credentials', 'workflows', 'webhookBaseUrl', 'binaryMode', 'resumeTokens'),
		...(call.inputData && { input: call.inputData }),
		...(parentExecution && { parentExecution }),
		startChild,
		mode: 'integrated',
	});
	if (call.doNotWaitToFinish === true) {
		result.catch(() => undefined); // nobody hears of it in n8n either
		return { executionId, data: [null] };
	}
	const run = await result;
	const error = run.error();
	// The engine keeps errors as plain objects.
	if (error) throw Object.assign(new Error(error.message), error);
	const last = run.data.data.resultData.lastNodeExecuted;
	return {
		executionId,
		data: [last === undefined ? [] : run.items(last)],
		...(run.waitTill && { waitTill: run.waitTill }),
	};
}

function pick<T extends object, K extends keyof T>(source: T, ...keys: K[]): Pick<T, K> {
	return Object.fromEntries(
		keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]]),
	) as Pick<T, K>; // what is undefined may be missing in all options
}

export function describeRun(
	executionId: string,
	workflow: WorkflowJson,
	data: IRun,
	staticData: IDataObject,
	log: LogLine[],
): Run {
	const { runData, error } = data.data.resultData;
	const runsOf = (node: string) => runData[node] ?? [];
	const items: Run['items'] = (node, output = 0, runIndex = -1) =>
		runsOf(node).at(runIndex)?.data?.['main']?.[output] ?? [];
	return {
		executionId,
		workflow,
		status: data.status,
		data,
		waitTill: data.waitTill ?? undefined,
		parked:
			(data.waitTill && data.data.executionData?.nodeExecutionStack[0]?.data['main']?.[0]) || [],
		items,
		json: (...which) => items(...which).map(({ json }) => json),
		runs: (node) => runsOf(node).length,
		error: (node) => (node === undefined ? error : runsOf(node).at(-1)?.error),
		hints: (node) => runsOf(node).flatMap(({ hints }) => hints ?? []),
		nodeContext: (node) => data.data.executionData?.contextData[`node:${node}`] ?? {},
		staticData: deepCopy(staticData),
		log,
	};
}
