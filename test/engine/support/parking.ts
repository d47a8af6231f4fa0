/** What the tests of Pause Until Callback share: a host that executions wait at, and KieAI's callbacks to it. */
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { SandboxOptions } from '../../sandbox';
import { useWorld } from './action';
import { chain } from './engine';
import type { HostOptions, NodeJson, Run, RunOptions, WebhookHost, WorkflowJson } from './types';
import { KIEAI_NODE, type World } from './world';

export const PAUSE = { waitForResult: 'callback' };

/** In real time, as signatures carry it; what takes minutes at KieAI takes moments here. */
const QUICK: SandboxOptions = {
	clockScale: 1,
	videoSeconds: 0.1,
	upgrade4kSeconds: 0.1,
	callbackRetrySeconds: 0.3,
};

export interface ParkingWorld extends World {
	host: WebhookHost;
	/** Runs *Start → KieAI → After* until it waits or ends. */
	begin(parameters: IDataObject, options?: BeginOptions): Promise<Run>;
}

export interface BeginOptions extends RunOptions {
	items?: INodeExecutionData[];
	node?: Partial<NodeJson>;
	settings?: IDataObject;
	/** Another host than the world's. */
	at?: WebhookHost;
}

/** A world for one test file, with a new host for each test. */
export function useParkingWorld(
	options: SandboxOptions = {},
	hostOptions: HostOptions = {},
): ParkingWorld {
	const world = useWorld({ ...QUICK, ...options }) as ParkingWorld;
	beforeEach(async () => {
		world.host = await world.engine.host(hostOptions);
		world.begin = async (parameters, { items, node, settings, at, ...runOptions } = {}) =>
			await (at ?? world.host).run(parkingWorkflow(parameters, node, settings), {
				credentials: world.credentials,
				mode: 'trigger',
				...(items && { input: items }),
				...runOptions,
			});
	});
	afterEach(async () => await world.host.close());
	return world;
}

export function parkingWorkflow(
	parameters: IDataObject,
	node: Partial<NodeJson> = {},
	settings: IDataObject = {},
): WorkflowJson {
	const workflow = chain(
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		{
			id: 'kieai-node',
			name: 'KieAI',
			type: KIEAI_NODE,
			parameters: { ...PAUSE, ...parameters } as NodeJson['parameters'] & object,
			...node,
		},
		{ name: 'After', type: 'n8n-nodes-base.noOp' },
	);
	return { ...workflow, settings };
}

/** *Start → Loop → KieAI → Loop*, one item at a time; what comes out of all turns leaves *Loop*. */
export function loopWorkflow(parameters: IDataObject): WorkflowJson {
	const workflow = chain(
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		{ name: 'Loop', type: 'n8n-nodes-base.splitInBatches', typeVersion: 3 },
	);
	const [, kieAi] = parkingWorkflow(parameters).nodes;
	if (kieAi) workflow.nodes.push(kieAi);
	const to = (node: string) => [{ node, type: 'main' as const, index: 0 }];
	workflow.connections['Loop'] = { main: [[], to('KieAI')] };
	workflow.connections['KieAI'] = { main: [to('Loop')] };
	return workflow;
}

/** An agent that calls Generate once, with a prompt. */
export function agentWorkflow(typeVersion: number): WorkflowJson {
	const agent: NodeJson = {
		name: 'Agent',
		type: '@n8n/n8n-nodes-langchain.agent',
		typeVersion,
		parameters: { toolArguments: { Prompt: 'A fox' } },
	};
	const workflow = chain({ name: 'Start', type: 'n8n-nodes-base.manualTrigger' }, agent);
	workflow.nodes.push({
		id: 'kieai-tool',
		name: 'KieAI',
		type: `${KIEAI_NODE}Tool`,
		parameters: {
			...PAUSE,
			operation: 'generate',
			prompt: "={{ $fromAI('Prompt', '', 'string') }}",
		},
	});
	workflow.connections['KieAI'] = { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] };
	return workflow;
}

/** The callback URL that KieAI was given with the n-th request that had one. */
export function callbackUrl(world: World, n = 0): string {
	const urls = world.sandbox.requests.flatMap(({ body }) => {
		const url = (body as { callBackUrl?: unknown } | undefined)?.callBackUrl;
		return typeof url === 'string' ? [url] : [];
	});
	const url = urls[n];
	if (url === undefined) throw new Error(`KieAI was given no callback URL number ${n}`);
	return url;
}

/** Holds KieAI's tasks until `sandbox.advance` says otherwise: nothing is called back by itself. */
export const HELD: SandboxOptions = { videoSeconds: 3600, upgrade4kSeconds: 3600 };
