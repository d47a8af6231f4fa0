import type { ICredentialDataDecryptedObject, IDataObject, INodeExecutionData } from 'n8n-workflow';

import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox';
import { speedUpNodes } from './clock';
import {
	chain,
	startEngine,
	type Engine,
	type NodeJson,
	type Run,
	type RunOptions,
	type Started,
} from './engine';

/** KieAI seconds per real second in tests: a 4K upgrade of 7.5 minutes takes under half a second. */
export const CLOCK_SCALE = 1000;

export interface World {
	engine: Engine;
	sandbox: Sandbox;
	/** The sandbox's default account, as n8n's credential. */
	credentials: { kieAiApi: ICredentialDataDecryptedObject };
	/** Runs one KieAI node on the given items (one empty item unless told). */
	run(parameters: IDataObject, options?: NodeRunOptions): Promise<Run>;
	start(parameters: IDataObject, options?: NodeRunOptions): Started;
	close(): Promise<void>;
}

export interface NodeRunOptions extends RunOptions {
	items?: INodeExecutionData[];
	/** Settings of the node, such as `onError` or `retryOnFail`. */
	node?: Partial<NodeJson>;
	settings?: IDataObject;
}

/** An engine with our nodes and a sandbox that they talk to, both on the same fast clock. */
export async function openWorld(options: SandboxOptions = {}): Promise<World> {
	const scale = options.clockScale ?? CLOCK_SCALE;
	// The engine first: where the nodes have not been built, no server stays open behind the error.
	const engine = await startEngine();
	const sandbox = await startSandbox({ ...options, clockScale: scale });
	const restoreClock = speedUpNodes(scale);
	const credentials = {
		kieAiApi: {
			apiKey: sandbox.apiKey,
			webhookHmacSecret: sandbox.hmacKey,
			baseUrl: sandbox.apiUrl,
			uploadBaseUrl: sandbox.uploadUrl,
		},
	};

	function start(
		parameters: IDataObject,
		{ items = [{ json: {} }], node = {}, settings = {}, ...runOptions }: NodeRunOptions = {},
	): Started {
		const workflow = chain(
			{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
			{
				name: 'KieAI',
				type: KIEAI_NODE,
				parameters: parameters as NodeJson['parameters'] & object,
				...node,
			},
		);
		return engine.start(
			{ ...workflow, settings: { ...workflow.settings, ...settings } },
			{ credentials, input: items, ...runOptions },
		);
	}

	return {
		engine,
		sandbox,
		credentials,
		start,
		run: async (parameters, runOptions) => await start(parameters, runOptions).result,
		async close() {
			restoreClock();
			await engine.close();
			await sandbox.close();
		},
	};
}

export const KIEAI_NODE = 'n8n-nodes-kieai.kieAi';
export const KIEAI_TRIGGER_NODE = 'n8n-nodes-kieai.kieAiTrigger';
