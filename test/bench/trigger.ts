/** How many callbacks a second n8n takes, and how long they wait for their answer. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

import { until } from '../../scripts/n8n/until';
import { chain, kieAiTrigger, noOp, second } from '../e2e/support/workflow';
import { openWorld, type World, webhookTrigger } from '../e2e/support/world';
import type { NodeJson, WorkflowJson } from '../engine/support/types';
import { signedCallback, type SignedCallback } from './callback';
import { collectGarbage, SETTLE_SECONDS } from './garbage';
import type { Bench } from './measure';
import { takeTurns } from './rounds';
import { quantile } from './stats';
import type { Size, Table } from './table';
import { isTrue, VERSIONS } from './workflows';

/** The fewer callers, the more of what is slowest is chance. */
const SIZES = [
	{ label: '1 caller', n: 1, rounds: 16, mostSeconds: 240 },
	{ label: '10 callers', n: 10, rounds: 12, mostSeconds: 140 },
	{ label: '50 callers', n: 50, rounds: 10, mostSeconds: 120 },
];
/** Of those that are far from the bound, and from ours. */
const FAR = { every: 3 };
/** Of what no goal is about. */
const SHOWN = { every: 5 };
/** In each round. */
const CALLBACKS = 80;
/** Whoever looks more often takes n8n's time from what it runs. */
const BETWEEN_LOOKS_MS = 100;
/** By signature alone, which is what the others do too; by default, it asks KieAI as well. */
const OURS = 'KieAI Trigger, signature';
const CONFIRMING = 'KieAI Trigger, signature and Confirm with KieAI';
const BARE = 'Webhook, no check';
/** n8n makes an engine for expressions for each call of any trigger, but of its own Webhook node. */
const BOUND = 'A trigger that only receives';
const CHECKED = 'Webhook, Crypto, If';

export async function measureTrigger({ n8n, progress }: Bench): Promise<Table[]> {
	const world = await openWorld(n8n, { clockScale: 1 });
	const contestants = [
		{ name: OURS, ...(await ourTrigger(world, false)) },
		{ name: CONFIRMING, ...SHOWN, ...(await ourTrigger(world, true)) },
		{
			name: BARE,
			...FAR,
			...(await webhook(world, (trigger) => chain(trigger, noOp()))),
		},
		{ name: BOUND, ...(await plainTrigger(world)) },
		{
			name: CHECKED,
			...FAR,
			...(await webhook(world, checking(world.sandbox.hmacKey))),
		},
	].map(({ url, id, ...contestant }) => ({
		...contestant,
		run: async ({ n }: Size) => {
			await collectGarbage(n8n);
			return await callAll(world, url, id, n);
		},
	}));
	const { perSecond = [], p99 = [] } = await takeTurns(contestants, {
		title: 'Callbacks at the trigger',
		sizes: SIZES,
		progress,
	});
	await world.close();
	const how = `${SETTLE_SECONDS.quick} s after a garbage collection, each round sends ${CALLBACKS} signed callbacks of finished tasks, each caller the next one once it has its answer, and ends when n8n has run the workflow for each. KieAI Trigger proves the signature and makes the item, and asks KieAI about the task too where it confirms; the Webhook node alone takes whatever comes; with Crypto and If behind it, the workflow checks the signature. With its default settings, n8n makes an engine for expressions for each call of any trigger, except of its own Webhook node: one that takes whatever comes, and does nothing else, is the bound that n8n sets to a community node. That trigger has no credential; ours has one, which n8n looks up twice in its database for each callback: whether the workflow may use it, and what it holds. The two that begin with n8n's Webhook node are in every third round, and who confirms in every fifth.`;
	return [
		{
			id: 'trigger-throughput',
			title: 'Callbacks per second at the trigger',
			how,
			unit: 'callbacks per second',
			sizes: SIZES,
			subjects: perSecond,
			goals: [
				{ ours: OURS, other: BARE, atLeast: 0.9, bound: BOUND },
				{ ours: OURS, other: CHECKED, atLeast: 1.5, bound: BOUND },
			],
		},
		{
			id: 'trigger-latency',
			title: 'Answer to a callback, 99th percentile',
			how: `In the same rounds: from the call to the answer. The limits are those of the throughput, the other way round. Of ${CALLBACKS} callbacks, that lies between the two slowest.`,
			unit: 'ms',
			sizes: SIZES,
			subjects: p99,
			goals: [
				{ ours: OURS, other: BARE, atMost: 1 / 0.9, bound: BOUND },
				{ ours: OURS, other: CHECKED, atMost: 1 / 1.5, bound: BOUND },
			],
		},
	];
}

interface Target {
	url: string;
	/** Of the workflow. */
	id: string;
}

async function ourTrigger(world: World, confirm: boolean): Promise<Target> {
	const webhookId = randomUUID();
	const trigger = kieAiTrigger({ webhookId, parameters: { confirm } });
	const { id } = await world.publish(chain(trigger, noOp()));
	return { url: `${world.n8n.url}/webhook/${webhookId}/kieai`, id };
}

async function plainTrigger(world: World): Promise<Target> {
	const webhookId = randomUUID();
	const type = 'CUSTOM.plainTrigger';
	const { id } = await world.publish(
		chain({ name: BOUND, type, typeVersion: 1.1, webhookId }, noOp()),
	);
	return { url: `${world.n8n.url}/webhook/${webhookId}/plain`, id };
}

async function webhook(
	world: World,
	workflowOf: (trigger: NodeJson) => WorkflowJson,
): Promise<Target> {
	const trigger = { ...webhookTrigger(), typeVersion: VERSIONS.Webhook };
	const { id } = await world.publish(workflowOf(trigger));
	return { url: `${world.n8n.url}/webhook/${trigger.webhookId}`, id };
}

/**
 * As KieAI describes its signature: HMAC-SHA256 of task ID and timestamp, in Base64. What is taken for forged ends in an
 * error, which the bench finds.
 */
function checking(secret: string): (trigger: NodeJson) => WorkflowJson {
	const crypto = {
		name: 'Crypto',
		type: 'n8n-nodes-base.crypto',
		typeVersion: VERSIONS.Crypto,
		parameters: {
			action: 'hmac',
			type: 'SHA256',
			value: "={{ $json.body.data.taskId }}.{{ $json.headers['x-webhook-timestamp'] }}",
			dataPropertyName: 'signature',
			secret,
			encoding: 'base64',
		},
	};
	const proof = "={{ $json.signature === $json.headers['x-webhook-signature'] }}";
	const signed = isTrue('Signed?', proof);
	const parameters = { errorMessage: 'Forged' };
	const forged = { name: 'Forged', type: 'n8n-nodes-base.stopAndError', parameters };
	return (trigger) => second(chain(trigger, crypto, signed, noOp()), signed.name, forged);
}

async function callAll(
	world: World,
	url: string,
	workflowId: string,
	callers: number,
): Promise<Record<'perSecond' | 'p99', number>> {
	const { sandbox, n8n } = world;
	const callbacks = Array.from({ length: CALLBACKS }, () =>
		signedCallback(sandbox.addTask({ state: 'success' }).id, sandbox.hmacKey),
	);
	const agent = new Agent({ keepAlive: true, maxSockets: callers });
	const times: number[] = [];
	const begun = performance.now();
	const work = callbacks.values();
	const call = async () => {
		for (const callback of work) {
			const calledAt = performance.now();
			await post(url, agent, callback);
			times.push(performance.now() - calledAt);
		}
	};
	await Promise.all(Array.from({ length: callers }, call));
	await until({ what: 'n8n to run for each callback', intervalMs: BETWEEN_LOOKS_MS }, async () => {
		const open = await n8n.api.executions.list(workflowId, ['new', 'running']);
		return open.length === 0 || undefined;
	});
	const seconds = (performance.now() - begun) / 1000;
	agent.destroy();
	const failed = await n8n.api.executions.list(workflowId, ['error', 'crashed']);
	if (failed.length > 0) throw new Error(`${failed.length} executions have failed`);
	const all = await n8n.api.executions.list(workflowId, ['success']);
	if (all.length !== CALLBACKS) {
		throw new Error(`n8n has run ${all.length} times for ${CALLBACKS} callbacks`);
	}
	await n8n.api.executions.delete(...all.map(({ id }) => id));
	return { perSecond: CALLBACKS / seconds, p99: quantile(times, 0.99) };
}

async function post(url: string, agent: Agent, { body, headers }: SignedCallback): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const sent = request(url, { method: 'POST', agent, headers }, (response) => {
			const { statusCode } = response;
			response.once('end', () =>
				statusCode === 200 ? resolve() : reject(new Error(`n8n answered ${statusCode}`)),
			);
			response.resume();
		});
		sent.once('error', reject);
		sent.end(body);
	});
}
