import {
	NodeHelpers,
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type IExecuteFunctions,
	type IRunExecutionData,
	type IWebhookFunctions,
} from 'n8n-workflow';

import { asObject } from '../protocol/parse';

/**
 * What no public type of n8n promises, and its context classes have had from 1.120 to 2.41. Nothing else here reaches
 * into n8n; each reach is checked when it is made, and has a way to do without.
 */
interface Inside {
	/** The execution as n8n stores it. */
	runExecutionData?: IRunExecutionData | null;
	connectionInputData?: unknown;
	_getCredentials?: (
		type: string,
		executeData: object,
		connectionInputData: unknown,
		itemIndex: number,
	) => Promise<ICredentialDataDecryptedObject>;
}

export function canReach(context: IExecuteFunctions | IWebhookFunctions): boolean {
	return asObject((context as Inside).runExecutionData) !== undefined;
}

export interface ParkedNode {
	/** The same as `getContext('node')` in `execute()`. */
	memory: IDataObject;
	/** Lets n8n run the node: it has been disabled, so that it would only pass its items through. */
	enable(): void;
}

/** The node that waits in the execution, seen from its `webhook()`. */
export function reachParkedNode(context: IWebhookFunctions): ParkedNode | undefined {
	const { runExecutionData } = context as Inside;
	const entry = runExecutionData?.executionData?.nodeExecutionStack?.[0];
	if (!runExecutionData || entry?.node?.id !== context.getNode().id) return undefined;
	return {
		memory: NodeHelpers.getContext(runExecutionData, 'node', context.getNode()),
		enable() {
			delete entry.node.disabled;
			delete entry.metadata?.resumeError;
		},
	};
}

/**
 * The credential, read with the engine for expressions that n8n holds for this request already: `getCredentials()` of
 * a webhook makes one more, which takes longer than all else that a callback needs; and n8n forgets what an execution
 * has learnt meanwhile. What goes wrong here, as where n8n has no such way, is left to `getCredentials()`.
 */
export async function readCredential(
	context: IWebhookFunctions,
	type: string,
): Promise<ICredentialDataDecryptedObject> {
	const inside = context as Inside;
	// A trigger has no execution yet; n8n makes an engine for whoever has none.
	const runExecutionData = inside.runExecutionData ?? { resultData: { runData: {} } };
	const reader = Object.create(context, {
		runExecutionData: { value: runExecutionData },
	}) as Required<Inside>; // or it throws, below
	const executeData = { data: {}, node: context.getNode(), source: null };
	try {
		return await reader._getCredentials(type, executeData, inside.connectionInputData ?? [], 0);
	} catch {
		return await context.getCredentials(type);
	}
}
