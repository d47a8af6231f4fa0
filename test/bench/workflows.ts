/** The workflows that are compared: with our node, and what a person builds without it. */
import type { IDataObject } from 'n8n-workflow';

import type { CredentialRef, StoredWorkflow } from '../../scripts/n8n/api';
import { until } from '../../scripts/n8n/until';
import { chain, noOp, second } from '../e2e/support/workflow';
import { call, webhookTrigger, type World } from '../e2e/support/world';
import type { NodeJson, WorkflowJson } from '../engine/support/types';
import { KIEAI_NODE } from '../engine/support/world';
import type { Task } from '../sandbox';
import type { Size, Subject } from './table';

/** Of n8n's own nodes: the newest, but for Crypto, whose newest takes its secret from a credential. */
export const VERSIONS = {
	Crypto: 1,
	'HTTP Request': 4.5,
	If: 2.3,
	'Loop Over Items': 3,
	Wait: 1.1,
	Webhook: 2.1,
};

export interface Published extends StoredWorkflow {
	/** Ends once n8n has taken the call, whose body is `$json.body` in the workflow. */
	start(body?: object): Promise<void>;
}

/** A workflow that begins with a webhook, and in production. */
export async function publish(
	world: World,
	name: string,
	workflowOf: (trigger: NodeJson) => WorkflowJson,
): Promise<Published> {
	const trigger = webhookTrigger();
	const stored = await world.publish({ ...workflowOf(trigger), name });
	return { ...stored, start: async (body = {}) => await call(world, trigger, body) };
}

export function kieAi(parameters: IDataObject): NodeJson {
	return {
		name: 'KieAI',
		type: KIEAI_NODE,
		typeVersion: 1,
		parameters: parameters as NodeJson['parameters'] & object,
	};
}

/** KieAI's key as one gives it to the HTTP Request node. */
export async function headerCredential({ n8n, sandbox }: World): Promise<CredentialRef> {
	return await n8n.api.credentials.create({
		name: 'KieAI key',
		type: 'httpHeaderAuth',
		data: { name: 'Authorization', value: `Bearer ${sandbox.apiKey}` },
	});
}

export interface Request {
	method: 'GET' | 'POST';
	url: string;
	/** Expression for the body. */
	body?: string;
	/** Only for what wants the key. */
	credential?: CredentialRef;
	options?: IDataObject;
}

export function httpRequest(name: string, request: Request): NodeJson {
	const { method, url, body, credential, options = {} } = request;
	const parameters: IDataObject = {
		method,
		url,
		options,
		...(credential && {
			authentication: 'genericCredentialType',
			genericAuthType: 'httpHeaderAuth',
		}),
		...(body && { sendBody: true, specifyBody: 'json', jsonBody: body }),
	};
	return {
		name,
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: VERSIONS['HTTP Request'],
		parameters: parameters as NodeJson['parameters'] & object,
		...(credential && { credentials: { httpHeaderAuth: credential } }),
	};
}

export function wait(seconds: number, name = 'Wait'): NodeJson {
	const parameters = { resume: 'timeInterval', amount: seconds, unit: 'seconds' };
	return { name, type: 'n8n-nodes-base.wait', typeVersion: VERSIONS.Wait, parameters };
}

/** For 4K of the source that the webhook was told. */
export const SOURCE = '={{ $json.body.id }}';

/** The ways to wait for a 4K film that are compared. */
export const PAUSED = 'Pause Until Callback';
export const POLLED = 'Check Until Ready';
export const LOOP = 'HTTP Request, If, Wait';

/** A 4K film of the source that the webhook was told. */
export function publish4k(
	world: World,
	waitForResult: 'callback' | 'poll' | 'none',
	options: IDataObject,
): Promise<Published> {
	const node = kieAi({ operation: 'get4k', taskId: SOURCE, waitForResult, options });
	return publish(world, waitForResult, (trigger) => chain(trigger, node, noOp()));
}

/** @param seconds from look to look, and for our node until the first one unless told */
export async function publishWays(
	world: World,
	seconds: number,
	firstCheckAfter = seconds,
): Promise<Array<[name: string, Published]>> {
	// Nobody's film is held longer than a day.
	const options = { firstCheckAfter, pollInterval: seconds, timeout: 1440 };
	return [
		[PAUSED, await publish4k(world, 'callback', options)],
		[POLLED, await publish4k(world, 'poll', options)],
		[LOOP, await publishLoop(world, seconds)],
	];
}

/** What people import today: HTTP Request → If → Wait, and back. */
async function publishLoop(world: World, seconds: number): Promise<Published> {
	const ask = httpRequest('Ask', {
		method: 'POST',
		url: `${world.sandbox.apiUrl}/api/v1/veo/get-4k-video`,
		body: "={{ { taskId: $('Webhook').first().json.body.id, index: 0 } }}",
		credential: await headerCredential(world),
	});
	const ready = isTrue('Ready?', '={{ ($json.data?.resultUrls ?? []).length > 0 }}');
	return await publish(world, 'loop', (trigger) => {
		const workflow = second(chain(trigger, ask, ready, noOp()), ready.name, wait(seconds));
		workflow.connections['Wait'] = { main: [[{ node: ask.name, type: 'main', index: 0 }]] };
		return workflow;
	});
}

/** A film that has been asked for. */
export interface Ordered {
	/** How, and at which size. */
	name: string;
	column: number;
	/** Of the source. */
	id: string;
	task: Task;
}

/** Asks for 4K of a new source that takes so long, and waits until KieAI knows. */
export async function order(
	{ sandbox }: World,
	workflow: Published,
	upgrade4kSeconds: number,
): Promise<Pick<Ordered, 'id' | 'task'>> {
	sandbox.configure({ upgrade4kSeconds });
	const { id } = sandbox.addTask({ state: 'success' });
	await workflow.start({ id });
	const task = await until({ what: `4K of ${id} to be asked for`, intervalMs: 10 }, () =>
		sandbox.tasks().find(({ source }) => source?.taskId === id),
	);
	return { id, task };
}

/** One figure for each film, by how and at which size it was asked for. */
export function subjectsOf(
	ways: Array<[name: string, Published]>,
	sizes: Size[],
	films: Ordered[],
	figureOf: (film: Ordered) => number,
): Subject[] {
	return ways.map(([name]) => ({
		name,
		figures: sizes.map((_, column) =>
			films.filter((film) => film.name === name && film.column === column).map(figureOf),
		),
	}));
}

/** An If node with one condition. */
export function isTrue(name: string, leftValue: string): NodeJson {
	const operator = { type: 'boolean', operation: 'true', singleValue: true };
	const conditions = {
		options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 3 },
		combinator: 'and',
		conditions: [{ leftValue, rightValue: '', operator }],
	};
	return { name, type: 'n8n-nodes-base.if', typeVersion: VERSIONS.If, parameters: { conditions } };
}
