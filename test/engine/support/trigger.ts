/**
 * A KieAI Trigger behind n8n's webhooks, called by the sandbox or, with axios, by whoever a test wants to be.
 * The clock is the real one, for signatures carry real time: tests move the sandbox with `advance`.
 */
import { createHmac } from 'node:crypto';
import { Agent } from 'node:http';

import axios from 'axios';
import type { ICredentialDataDecryptedObject, IDataObject, INodeParameters } from 'n8n-workflow';

import type { SandboxOptions, Task } from '../../sandbox';
import {
	chain,
	type HostedOptions,
	type NodeJson,
	type Run,
	type WebhookHost,
	type WorkflowJson,
} from './engine';
import { KIEAI_NODE, KIEAI_TRIGGER_NODE, openWorld, type World } from './world';

export const TRIGGER = 'KieAI Trigger';
export const ACTION = 'KieAI';

/** How long an upgrade or a video runs in the sandbox at most, in seconds. */
const LONG_ENOUGH_SECONDS = 1000;

export interface Answer {
	status: number;
	body: unknown;
}

export interface CallOptions {
	/** In place of a valid signature. */
	headers?: Record<string, string>;
	/** Added to the URL. */
	query?: string;
	/** In place of the production URL. */
	url?: string;
}

/** A workflow that begins with a KieAI Trigger, on a webhook host of its own. */
export interface Hosted {
	host: WebhookHost;
	workflow: WorkflowJson;
	options: HostedOptions;
	/** What n8n would find in its database now: tests may change it. */
	credential: ICredentialDataDecryptedObject;
	/** Posts a callback, signed as KieAI signs it unless told. */
	call(body: unknown, options?: CallOptions): Promise<Answer>;
	/** Opens the test URL, as a browser does. */
	open(query: string, url?: string): Promise<Answer>;
	/** Runs the action node of the workflow. */
	send(items?: IDataObject[]): Promise<Run>;
	/** What the trigger put out, by execution, once they have ended. */
	started(): Promise<IDataObject[]>;
}

export interface HostedSettings {
	credential?: ICredentialDataDecryptedObject;
	/** Parameters of an action node in the same workflow. */
	action?: INodeParameters;
}

export interface TriggerWorld extends World {
	/** A workflow that is neither active nor listening yet. */
	host(parameters?: INodeParameters, settings?: HostedSettings): Promise<Hosted>;
	/** An active workflow. */
	publish(parameters?: INodeParameters, settings?: HostedSettings): Promise<Hosted>;
	/** A workflow that listens for a test event. */
	listen(parameters?: INodeParameters, settings?: HostedSettings): Promise<Hosted>;
	/** A 4K upgrade that has ended, ordered by somebody who wants no callback. */
	upgrade(source: Task, index?: number): Promise<Task>;
	/** Lets everything that runs end, and its callbacks arrive. */
	finishTasks(): Promise<void>;
	/**
	 * What a test must not leave behind: talk that does not fit the sandbox's document, requests that nobody answered
	 * or that made `webhook()` throw. Told once, so that it fails one test only.
	 */
	leftovers(): unknown[];
}

let workflows = 0;

export async function openTriggerWorld(options: SandboxOptions = {}): Promise<TriggerWorld> {
	const world = await openWorld({ clockScale: 1, ...options });
	const { sandbox, engine } = world;
	const hosts: WebhookHost[] = [];

	async function host(
		parameters: INodeParameters = {},
		{ credential: stored = {}, action }: HostedSettings = {},
	): Promise<Hosted> {
		const webhooks = await engine.host();
		hosts.push(webhooks);
		workflows += 1;
		const workflow = workflowOf(`workflow-${workflows}`, parameters, action);
		const credential = { ...world.credentials.kieAiApi, ...stored };
		const hostedOptions = { credentials: { kieAiApi: credential } };
		const urls = webhooks.url(workflow, TRIGGER);
		return {
			host: webhooks,
			workflow,
			credential,
			options: hostedOptions,
			async call(body, { headers, query = '', url = urls.production } = {}) {
				const signed = headers ?? signature(taskIdOf(body), sandbox.hmacKey);
				return await request('POST', url + query, body, signed);
			},
			open: async (query, url = urls.test) => await request('GET', url + query),
			send: async (items = [{}]) =>
				await webhooks.run(workflow, {
					...hostedOptions,
					startNode: 'Start',
					input: items.map((json) => ({ json })),
				}),
			async started() {
				const runs = await Promise.all(webhooks.executions.map(({ result }) => result));
				return runs.flatMap((run) => run.json(TRIGGER));
			},
		};
	}

	return {
		...world,
		host,
		async publish(parameters, settings) {
			const hosted = await host(parameters, settings);
			await hosted.host.activate(hosted.workflow, hosted.options);
			return hosted;
		},
		async listen(parameters, settings) {
			const hosted = await host(parameters, settings);
			await hosted.host.listenForTest(hosted.workflow, hosted.options);
			return hosted;
		},
		async upgrade({ id }, index = 0) {
			await axios.post(
				`${sandbox.apiUrl}/api/v1/veo/get-4k-video`,
				{ taskId: id, index },
				{ ...plainAxios, headers: { authorization: `Bearer ${sandbox.apiKey}` } },
			);
			await sandbox.advance(LONG_ENOUGH_SECONDS);
			const upgrades = sandbox.tasks().filter(({ source }) => source?.taskId === id);
			const upgraded = upgrades.find(({ source }) => source?.index === index);
			if (!upgraded) throw new Error('The sandbox did not take the upgrade');
			return upgraded;
		},
		async finishTasks() {
			await sandbox.advance(LONG_ENOUGH_SECONDS);
			await sandbox.settled();
		},
		leftovers: () => [
			...sandbox.violations.splice(0),
			...hosts
				.splice(0)
				.flatMap(({ deliveries }) => deliveries)
				.filter(({ status, error }) => status === undefined || error !== undefined),
		],
	};
}

function workflowOf(
	id: string,
	parameters: INodeParameters,
	action: INodeParameters | undefined,
): WorkflowJson {
	const trigger: NodeJson = {
		name: TRIGGER,
		type: KIEAI_TRIGGER_NODE,
		typeVersion: 1.1,
		webhookId: id,
		parameters,
	};
	const after: NodeJson = { name: 'After', type: 'n8n-nodes-base.noOp' };
	const received = { id, ...chain(trigger, after) };
	if (!action) return received;
	const sent = chain(
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		{ name: ACTION, type: KIEAI_NODE, parameters: action },
	);
	return {
		id,
		nodes: [...sent.nodes, ...received.nodes],
		connections: { ...sent.connections, ...received.connections },
	};
}

const plainAxios = {
	validateStatus: () => true,
	proxy: false as const,
	// Kept connections would outlive the hosts.
	httpAgent: new Agent({ keepAlive: false }),
};

async function request(
	method: 'GET' | 'POST',
	url: string,
	body?: unknown,
	headers: Record<string, string> = {},
): Promise<Answer> {
	const { status, data } = await axios.request<unknown>({
		...plainAxios,
		method,
		url,
		// Text is sent as it stands, so that a test can send what is no JSON.
		...(body !== undefined && { data: typeof body === 'string' ? body : JSON.stringify(body) }),
		headers: { 'content-type': 'application/json', ...headers },
		transformRequest: [(data: unknown) => data],
	});
	return { status, body: data };
}

/** The headers with which KieAI signs a callback, made `ageSeconds` ago. */
export function signature(taskId: string, key: string, ageSeconds = 0): Record<string, string> {
	const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
	return {
		'x-webhook-timestamp': timestamp,
		'x-webhook-signature': createHmac('sha256', key)
			.update(`${taskId}.${timestamp}`)
			.digest('base64'),
	};
}

function taskIdOf(body: unknown): string {
	const { data, taskId } = (body ?? {}) as {
		data?: { taskId?: string; task_id?: string } | null;
		taskId?: string;
	};
	return data?.task_id ?? data?.taskId ?? taskId ?? '';
}

/** Callbacks, written after the vendor's pages. */
export const callback = {
	videoReady: (taskId: string, resultUrls: unknown = [film(taskId)], info: IDataObject = {}) => ({
		code: 200,
		msg: 'Veo3.1 video generated successfully.',
		data: {
			taskId,
			info: { resultUrls, resolution: '720p', ...info },
			promptJson: '{"prompt":"A red fox"}',
			fallbackFlag: false,
		},
	}),
	extendReady: (taskId: string, resultUrls: unknown = [film(taskId)]) => ({
		...callback.videoReady(taskId, resultUrls),
		msg: 'Veo3.1 video extension successful.',
	}),
	videoFailed: (taskId: string, msg = 'Your prompt was flagged by the content policy.') => ({
		code: 400,
		msg,
		data: { taskId, fallbackFlag: false },
	}),
	/** Reading one, of the reference page. */
	upgradeReady: (taskId: string, resultUrls: unknown = [film(taskId)]) => ({
		code: 200,
		msg: '4K Video generated successfully.',
		data: {
			task_id: taskId,
			result_urls: resultUrls,
			media_ids: ['media'],
			image_urls: [preview(taskId)],
		},
	}),
	/** Reading two, of the callback page. */
	upgradeReadyNested: (taskId: string, resultUrls: unknown = [film(taskId)]) => ({
		code: 200,
		msg: '4K Video generated successfully.',
		data: {
			taskId,
			creditsConsumed: 120,
			info: { resultUrls, imageUrls: [preview(taskId)] },
		},
	}),
	upgradeFailed: (taskId: string) => ({
		code: 500,
		msg: 'The 4K version of this video is unavailable. Please try a different video.',
		data: { taskId },
	}),
};

export function film(taskId: string): string {
	return `https://tempfile.example/v/${taskId}.mp4`;
}

export function preview(taskId: string): string {
	return `https://tempfile.example/v/${taskId}.jpg`;
}

/** The films of a task as the sandbox made them. */
export function filmsOf({ videos }: Task): string[] {
	return videos.map(({ url }) => url);
}
