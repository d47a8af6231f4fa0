/** What a test of the whole needs: a real n8n, a sandbox of its own, and a credential that joins them. */
import { randomUUID } from 'node:crypto';

import {
	type CredentialRef,
	type ExecutionStatus,
	type ExecutionSummary,
	hasEnded,
	type N8nApi,
	type StoredWorkflow,
} from '../../../scripts/n8n/api';
import { sandboxCredential } from '../../../scripts/n8n/credential';
import { withCredential } from '../../../scripts/n8n/examples';
import { until } from '../../../scripts/n8n/until';
import type { NodeJson, WorkflowJson } from '../../engine/support/types';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox';
import { asRun, type Run } from './run';
import { sharedN8n } from './shared';

/** A 4K upgrade of 7.5 minutes takes under half a second. */
const CLOCK_SCALE = 1000;

/** The nodes' own clock is the real one: what KieAI's usual times would have them wait is left out. */
export const AT_ONCE = { firstCheckAfter: 0, pollInterval: 1 };

export interface World {
	n8n: { url: string; api: N8nApi; log(): Promise<string>; memory(): Promise<{ now: number }> };
	sandbox: Sandbox;
	/** Selected in every KieAI node of what is created here, unless it has another. */
	credential: CredentialRef;
	create(workflow: WorkflowJson): Promise<StoredWorkflow>;
	/** Creates and activates. */
	publish(workflow: WorkflowJson): Promise<StoredWorkflow>;
	/** Runs a new workflow as the editor does, from the trigger of that name (default `Start`), to its end. */
	runWorkflow(workflow: WorkflowJson, trigger?: string): Promise<Run>;
	/** Waits until the execution has ended. */
	ended(executionId: string): Promise<Run>;
	/** Waits until a workflow has that many executions with one of these statuses. */
	executions(
		workflow: StoredWorkflow,
		count: number,
		status?: ExecutionStatus[],
	): Promise<ExecutionSummary[]>;
	/** Removes its workflows and its credential, and closes the sandbox. */
	close(): Promise<void>;
}

export async function openWorld(n8n: World['n8n'], options: SandboxOptions = {}): Promise<World> {
	const { api } = n8n;
	const sandbox = await startSandbox({ clockScale: CLOCK_SCALE, ...options });
	const credential = await api.credentials.create(sandboxCredential(sandbox));
	const created: StoredWorkflow[] = [];

	const create = async (workflow: WorkflowJson): Promise<StoredWorkflow> => {
		const stored = await api.workflows.create(withCredential(workflow, credential));
		created.push(stored);
		return stored;
	};
	const ended = async (executionId: string): Promise<Run> =>
		await until({ what: `execution ${executionId} to end` }, async () => {
			const execution = await api.executions.get(executionId);
			// n8n 1.x stores how it ended before what came of it.
			return hasEnded(execution) && execution.data ? asRun(execution) : undefined;
		});

	return {
		n8n,
		sandbox,
		credential,
		create,
		async publish(workflow) {
			const stored = await create(workflow);
			await api.workflows.activate(stored);
			return stored;
		},
		async runWorkflow(workflow, trigger = 'Start') {
			const { id } = await create(workflow);
			return await ended(await api.workflows.run(id, trigger));
		},
		ended,
		executions: async ({ id, name }, count, status) =>
			await until({ what: `${count} executions (${status ?? 'any'}) of ${name}` }, async () => {
				const found = await api.executions.list(id, status);
				return found.length >= count ? found : undefined;
			}),
		async close() {
			for (const { id } of created) await api.workflows.delete(id);
			await api.credentials.delete(credential.id);
			await sandbox.close();
		},
	};
}

/** A world for one test file, on the shared n8n. Every request fits KieAI's description. */
export function useWorld(options?: SandboxOptions): World {
	const world = {} as World; // filled before the first test
	beforeAll(async () => void Object.assign(world, await openWorld(sharedN8n(), options)));
	afterEach(async () => {
		const violations = [...world.sandbox.violations];
		await world.sandbox.reset();
		expect(violations).toEqual([]);
	});
	afterAll(async () => await world.close());
	return world;
}

/** Starts production executions: publish its workflow, then `call` it. */
export function webhookTrigger(name = 'Webhook'): NodeJson & { webhookId: string } {
	const webhookId = randomUUID();
	return {
		name,
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		webhookId,
		parameters: { httpMethod: 'POST', path: webhookId, responseMode: 'onReceived' },
	};
}

/** Ends once n8n has taken the call; the execution goes on. The body is `$json.body` in the workflow. */
export async function call(
	{ n8n }: World,
	{ webhookId }: { webhookId: string },
	body: unknown = {},
): Promise<void> {
	const response = await fetch(`${n8n.url}/webhook/${webhookId}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	if (!response.ok) {
		throw new Error(`The webhook answered ${response.status}: ${await response.text()}`);
	}
	await response.body?.cancel();
}
