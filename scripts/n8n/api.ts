/** n8n's REST API, as its editor uses it: what a person can do there, a program can do here. */
import { randomUUID } from 'node:crypto';

import { parse as parseFlatted } from 'flatted';
import type { ICredentialDataDecryptedObject, INode, IRunExecutionData } from 'n8n-workflow';
import { z } from 'zod';

import type { NodeJson, WorkflowJson } from '../../test/engine/support/types';
import { N8nError, openClient, type Send } from './client';
import { until } from './until';

/** n8n's own conditions for the password: 8 characters, a digit, a capital. */
export interface Owner {
	email: string;
	password: string;
}

export interface CredentialRef {
	id: string;
	name: string;
}

export interface StoredWorkflow {
	id: string;
	name: string;
	versionId: string;
}

const ENDED = ['success', 'error', 'canceled', 'crashed'] as const;
export const EXECUTION_STATUSES = [...ENDED, 'new', 'running', 'waiting', 'unknown'] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** As n8n lists it. Times are ISO 8601. */
export interface ExecutionSummary {
	id: string;
	workflowId: string;
	status: ExecutionStatus;
	mode: string;
	/** Until when a parked execution waits. */
	waitTill: string | null;
	startedAt: string | null;
	stoppedAt: string | null;
}

export interface Execution extends ExecutionSummary {
	data: IRunExecutionData;
}

export interface N8nApi {
	/** The session, for another `openN8nApi`. */
	cookie(): string;
	/** Once for every n8n; whoever does it is signed in. */
	setUpOwner(owner: Owner): Promise<void>;
	logIn(owner: Owner): Promise<void>;
	/** Full names of the nodes and the credential types that n8n knows. */
	nodeTypes(): Promise<string[]>;
	credentialTypes(): Promise<string[]>;
	/** A file that an item carries, by its `id`. */
	readBinary(id: string): Promise<Buffer>;
	credentials: {
		create(credential: CredentialData): Promise<CredentialRef>;
		update(id: string, credential: CredentialData): Promise<void>;
		/** The test that the editor runs on Save. */
		test(credential: CredentialData): Promise<{ status: 'OK' | 'Error'; message: string }>;
		delete(id: string): Promise<void>;
	};
	workflows: {
		create(workflow: WorkflowJson): Promise<StoredWorkflow>;
		/** Publishes it, and waits until it is. @throws with the trigger's words where it refuses */
		activate(workflow: StoredWorkflow): Promise<void>;
		deactivate(id: string): Promise<void>;
		/** *Execute workflow* in the editor, from the trigger of that name. @returns the execution's ID */
		run(id: string, trigger: string): Promise<string>;
		/** Its executions go with it. */
		delete(id: string): Promise<void>;
	};
	executions: {
		get(id: string): Promise<Execution>;
		/** The newest first, at most 100. */
		list(workflowId: string, status?: ExecutionStatus[]): Promise<ExecutionSummary[]>;
		stop(id: string): Promise<void>;
		/** Ends when the new execution has ended or waits. @returns its ID */
		retry(id: string): Promise<string>;
		delete(...ids: string[]): Promise<void>;
	};
}

export interface CredentialData {
	name: string;
	type: string;
	data: ICredentialDataDecryptedObject;
}

const MAX_LISTED = 100;
const NOTHING_TO_PUBLISH = 'has no node to start the workflow';
const NOT_FOUND = 404;
const CONFLICT = 409;

const credentialRef = z.object({ id: z.string(), name: z.string() });
const storedWorkflow = z.object({ id: z.string(), name: z.string(), versionId: z.string() });
const named = z.array(z.object({ name: z.string() }));
const summary = z.object({
	id: z.string(),
	workflowId: z.string(),
	status: z.enum(EXECUTION_STATUSES),
	mode: z.string(),
	waitTill: z.string().nullish().default(null),
	startedAt: z.string().nullish().default(null),
	stoppedAt: z.string().nullish().default(null),
});
/** n8n's own type says what is inside; the text is what n8n made of it. */
const execution = summary.extend({
	data: z.string().transform((text) => parseFlatted(text) as IRunExecutionData),
});
const publication = z.object({
	status: z.enum(['in_progress', 'not_published', 'published', 'partial', 'failed']),
	triggers: z.array(z.object({ errorMessage: z.string().nullish() })),
});

/** @param cookie the session of another `openN8nApi`, to go on with */
export function openN8nApi(url: string, cookie?: string): N8nApi {
	const client = openClient(url, cookie);
	const { send } = client;
	const namesIn = async (path: string) =>
		named.parse(JSON.parse(`${await client.download(path)}`)).map(({ name }) => name);
	return {
		cookie: client.cookie,
		async setUpOwner(owner) {
			const person = { firstName: 'KieAI', lastName: 'Owner' };
			await send(z.unknown(), 'POST', '/rest/owner/setup', { ...owner, ...person });
		},
		async logIn({ email, password }) {
			await send(z.unknown(), 'POST', '/rest/login', { emailOrLdapLoginId: email, password });
		},
		nodeTypes: async () => await namesIn('/types/nodes.json'),
		credentialTypes: async () => await namesIn('/types/credentials.json'),
		readBinary: async (id) =>
			await client.download(`/rest/binary-data?${new URLSearchParams({ id, action: 'download' })}`),
		credentials: credentialsOver(send),
		workflows: workflowsOver(send),
		executions: executionsOver(send),
	};
}

function credentialsOver(send: Send): N8nApi['credentials'] {
	const result = z.object({ status: z.enum(['OK', 'Error']), message: z.string() });
	const create: N8nApi['credentials']['create'] = async (credential) =>
		await send(credentialRef, 'POST', '/rest/credentials', credential);
	return {
		create,
		async update(id, credential) {
			await send(z.unknown(), 'PATCH', `/rest/credentials/${id}`, credential);
		},
		async test(credential) {
			// n8n 1.x tests only what is stored.
			const { id } = await create(credential);
			const credentials = { id, ...credential };
			const tested = await send(result, 'POST', '/rest/credentials/test', { credentials });
			await send(z.unknown(), 'DELETE', `/rest/credentials/${id}`);
			return tested;
		},
		async delete(id) {
			await send(z.unknown(), 'DELETE', `/rest/credentials/${id}`);
		},
	};
}

function workflowsOver(send: Send): N8nApi['workflows'] {
	const whenPublished = async (id: string): Promise<void> => {
		const ended = await until({ what: `workflow ${id} to be published` }, async () => {
			const seen = await send(publication, 'GET', `/rest/workflows/${id}/publication-status`).catch(
				publishedUnlessOtherwise,
			);
			return seen.status === 'in_progress' ? undefined : seen;
		});
		if (ended.status === 'published') return;
		const reasons = ended.triggers.map(({ errorMessage }) => errorMessage).filter(Boolean);
		throw new Error(reasons.join('; ') || `The workflow is ${ended.status}`);
	};
	return {
		create: async (workflow) =>
			await send(storedWorkflow, 'POST', '/rest/workflows', {
				name: 'Untitled',
				active: false, // n8n 1.x has no default
				settings: { executionOrder: 'v1' },
				...workflow,
				nodes: workflow.nodes.map(placed),
			}),
		async activate({ id, versionId }) {
			try {
				await send(z.unknown(), 'POST', `/rest/workflows/${id}/activate`, { versionId });
			} catch (error) {
				// What only other workflows start, n8n 1.x runs as it is stored.
				if (error instanceof N8nError && error.message.includes(NOTHING_TO_PUBLISH)) return;
				throw error;
			}
			await whenPublished(id);
		},
		async deactivate(id) {
			await send(z.unknown(), 'POST', `/rest/workflows/${id}/deactivate`, {});
		},
		async run(id, trigger) {
			const started = z.object({ executionId: z.string() });
			// n8n 1.x runs what the editor shows, n8n 2 what is stored.
			const workflowData = await send(z.unknown(), 'GET', `/rest/workflows/${id}`);
			const from = { workflowData, triggerToStartFrom: { name: trigger } };
			return (await send(started, 'POST', `/rest/workflows/${id}/run`, from)).executionId;
		},
		async delete(id) {
			// n8n deletes only what is archived; archiving deactivates, which goes on behind the answer.
			await send(z.unknown(), 'POST', `/rest/workflows/${id}/archive`, {});
			await until({ what: `workflow ${id} to be deactivated` }, async () => {
				return await send(z.unknown(), 'DELETE', `/rest/workflows/${id}`).catch(unlessConflict);
			});
		},
	};
}

/** With all that n8n asks of a node, in a row on the canvas unless it has its place. */
function placed(node: NodeJson, index: number): INode {
	const position: [number, number] = [index * 220, 0];
	return { id: randomUUID(), typeVersion: 1, position, parameters: {}, ...node };
}

/** Before n8n published behind its answer, it had done so when it answered, and nothing tells of it. */
function publishedUnlessOtherwise(error: unknown): z.infer<typeof publication> {
	if (error instanceof N8nError && error.status === NOT_FOUND) {
		return { status: 'published', triggers: [] };
	}
	throw error;
}

function unlessConflict(error: unknown): undefined {
	if (!(error instanceof N8nError) || error.status !== CONFLICT) throw error;
}

function executionsOver(send: Send): N8nApi['executions'] {
	return {
		get: async (id) => await send(execution, 'GET', `/rest/executions/${id}`),
		async list(workflowId, status) {
			const filter = JSON.stringify({ workflowId, ...(status && { status }) });
			const query = new URLSearchParams({ filter, limit: `${MAX_LISTED}` });
			const page = z.object({ results: z.array(summary) });
			return (await send(page, 'GET', `/rest/executions?${query}`)).results;
		},
		async stop(id) {
			await send(z.unknown(), 'POST', `/rest/executions/${id}/stop`, {});
		},
		async retry(id) {
			const retried = z.object({ id: z.string() });
			return (await send(retried, 'POST', `/rest/executions/${id}/retry`, {})).id;
		},
		async delete(...ids) {
			await send(z.unknown(), 'POST', '/rest/executions/delete', { ids });
		},
	};
}

/** Whether nothing more will happen to it. */
export function hasEnded({ status }: ExecutionSummary): boolean {
	return ENDED.some((ended) => ended === status);
}
