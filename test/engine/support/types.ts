/** What the engine harness takes and gives. Start here; engine.ts makes it true. */
import type {
	ExecutionBaseError,
	IBinaryData,
	IConnections,
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodeType,
	IPinData,
	IRun,
	ITaskData,
	IWorkflowSettings,
	IVersionedNodeType,
	NodeExecutionHint,
	WorkflowExecuteMode,
} from 'n8n-workflow';

/** A node as it stands in workflow JSON; what the engine needs beyond this gets n8n's defaults. */
export type NodeJson = Pick<INode, 'name' | 'type'> & Partial<INode>;

/** A workflow as n8n exports it. `executionOrder` defaults to `v1`, as in every new workflow. */
export interface WorkflowJson {
	id?: string;
	name?: string;
	nodes: NodeJson[];
	connections: IConnections;
	settings?: IWorkflowSettings;
	pinData?: IPinData;
	staticData?: IDataObject;
}

/** Decrypted credential data by credential type: one credential of a type is enough for a test. */
export type CredentialsByType = Record<string, ICredentialDataDecryptedObject>;

export interface EngineOptions {
	/** The package whose `n8n` key in package.json lists nodes and credentials; default: this one. */
	packageDir?: string;
	/** More stand-ins for foreign nodes, by full type name (`n8n-nodes-base.googleSheets`). */
	nodes?: Record<string, INodeType | IVersionedNodeType>;
}

/** The n8n around the nodes, where it is not to be 2.41 as it is. */
export interface Surroundings {
	/** Contexts without the field `runExecutionData`, which no public type promises. */
	hideRunData?: boolean;
	/** `false`: resume URLs without `?signature=`, which nobody checks then, as in n8n 1.x. */
	resumeTokens?: boolean;
}

export type BinaryMode = 'filesystem' | 'default' | 'database';

export interface RunOptions extends Surroundings {
	/** Selected in every node that knows the type, unless its JSON already selects one. */
	credentials?: CredentialsByType;
	/** `manual` (default) is the editor's run; pinned data counts in this mode only, as in n8n. */
	mode?: WorkflowExecuteMode;
	executionId?: string;
	/** Given to the start node in place of a trigger's output. */
	input?: INodeExecutionData[];
	/** Name of the node to start from; default: the one that n8n would pick. */
	startNode?: string;
	/**
	 * A person's Retry of this failed run: a new execution in mode `retry` with the old one's data
	 * and context, read back as if from n8n's database. The failed node runs again.
	 */
	resumeFrom?: Run;
	/**
	 * Where `prepareBinaryData` puts files: on disk (default), `default`, in memory, or what the test has set as
	 * `database`, which is n8n's server's.
	 */
	binaryMode?: BinaryMode;
	/** Base of n8n's public URLs; default `http://n8n.invalid`. `WebhookHost.run` sets its own. */
	webhookBaseUrl?: string;
	staticData?: IDataObject;
	/** Workflows that an *Execute Sub-workflow* node may call, by ID. */
	workflows?: Record<string, WorkflowJson>;
	onNodeStart?: (node: string) => void;
	onNodeEnd?: (node: string, result: ITaskData) => void;
}

export interface LogLine {
	level: 'error' | 'warn' | 'info' | 'debug';
	message: string;
	meta: object;
}

/** An execution that has ended or waits: n8n's data, and short ways to what tests ask for most. */
export interface Run {
	executionId: string;
	workflow: WorkflowJson;
	status: IRun['status'];
	/** What n8n would show in its list of executions. */
	data: IRun;
	/** Until when the execution waits; undefined if it does not. */
	waitTill: Date | undefined;
	/** What the waiting node passes on when that time comes. */
	parked: INodeExecutionData[];
	/** Items of one output of a node, from its last run or from the given one. */
	items(node: string, output?: number, runIndex?: number): INodeExecutionData[];
	json(node: string, output?: number, runIndex?: number): IDataObject[];
	/** How often the node has run (a loop counts each time; a try of Retry On Fail does not). */
	runs(node: string): number;
	/**
	 * The error that ended the execution, or with a name that of the node's last run. The engine
	 * keeps a plain object: ask its `name` (`NodeApiError`), not `instanceof`.
	 */
	error(node?: string): ExecutionBaseError | undefined;
	hints(node: string): NodeExecutionHint[];
	/** What the node keeps in `getContext('node')`. */
	nodeContext(node: string): IDataObject;
	/** The workflow's static data after the run: `global` and `node:<name>`. */
	staticData: IDataObject;
	/** What was logged during this run, by nodes (`this.logger`) and by n8n-core itself. */
	log: LogLine[];
}

export interface Started {
	executionId: string;
	result: Promise<Run>;
	/** What a person's Stop does: the cancel signal aborts, the run ends as `canceled`. */
	cancel(): void;
}

export interface StoredBinary {
	/** Undefined for binary data in memory. */
	path: string | undefined;
	bytes: number;
}

export interface Engine {
	run(workflow: WorkflowJson, options?: RunOptions): Promise<Run>;
	start(workflow: WorkflowJson, options?: RunOptions): Started;
	/** The credential's own test, as the editor runs it on Save. */
	testCredential(
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<INodeCredentialTestResult>;
	readBinary(binary: IBinaryData | undefined): Promise<Buffer>;
	binaryFile(binary: IBinaryData | undefined): Promise<StoredBinary>;
	/** Starts an HTTP server on 127.0.0.1 for webhooks; `close()` of the engine closes it too. */
	host(options?: HostOptions): Promise<WebhookHost>;
	/** Everything logged since the engine started, outside of runs too. */
	log: LogLine[];
	close(): Promise<void>;
}

export interface HostOptions extends Surroundings {
	/** After this long without an answer a request is recorded as `hung` and cut; ms. */
	answerWithinMs?: number;
	/** What n8n does between reading a waiting execution for a callback and calling `webhook()`. */
	preparing?: (executionId: string) => Promise<void>;
}

/** One request to a webhook and what became of it. */
export interface Delivery {
	method: string;
	path: string;
	/** The HTTP status that the caller got; undefined while unanswered. */
	status: number | undefined;
	hung: boolean;
	/** What `webhook()` threw, if it did. */
	error: Error | undefined;
	log: LogLine[];
}

/** An execution that a webhook started. */
export interface Execution extends Started {
	workflowId: string;
	mode: WorkflowExecuteMode;
}

export interface WebhookUrls {
	production: string;
	test: string;
}

/** Options of every run that a webhook of the workflow starts. */
export type HostedOptions = Pick<
	RunOptions,
	'credentials' | 'binaryMode' | 'workflows' | 'onNodeStart' | 'onNodeEnd'
>;

export interface WebhookHost {
	/** `http://127.0.0.1:<port>`; give it to a run as `webhookBaseUrl`. */
	baseUrl: string;
	/** Publishes: `checkExists` and `create` of each webhook. Rejects with what `create` throws. */
	activate(workflow: WorkflowJson, options?: HostedOptions): Promise<void>;
	/** Unpublishes: `delete` of each webhook. */
	deactivate(workflow: WorkflowJson): Promise<void>;
	/** *Listen for test event*: the first event that starts the workflow ends it, as in n8n. */
	listenForTest(workflow: WorkflowJson, options?: HostedOptions): Promise<void>;
	/**
	 * Runs the workflow on the engine with this host's URLs and the workflow's static data, until it
	 * ends or waits. What waits is kept as text, as in n8n's database, and nothing else of it.
	 */
	run(workflow: WorkflowJson, options?: RunOptions): Promise<Run>;
	/** The same without waiting for it; `result` is that of the first leg, `cancel` stops no later one. */
	start(workflow: WorkflowJson, options?: RunOptions): Started;
	/**
	 * Resolves once an execution of this host waits, or has ended in any way: with what n8n has
	 * stored of it then, and with the log of all legs. Rejects where it has ended instead of waiting.
	 */
	until(executionId: string, state: 'waiting' | 'finished'): Promise<Run>;
	/** What n8n's wait tracker does at `waitTill`; resolves when that leg ends or waits. */
	expire(executionId: string): Promise<Run>;
	/** A person's Stop of a running or waiting execution. */
	stop(executionId: string): Promise<Run>;
	/** A person's Retry: a new execution with the stored data of the old one. */
	retry(executionId: string, options?: RunOptions): Started;
	/** URLs of a webhook node; `webhook` is the name in the description, `default` if left out. */
	url(workflow: WorkflowJson, node: string, webhook?: string): WebhookUrls;
	/** What is stored of a workflow's static data. */
	staticData(workflow: WorkflowJson): IDataObject;
	deliveries: Delivery[];
	executions: Execution[];
	/** Resolves with the n-th execution (from 1) once it has started and ended. */
	execution(n?: number): Promise<Run>;
	/** Cancels what is still running. */
	close(): Promise<void>;
}
