/** A minute of rubbish, while KieAI calls: n8n stays up, and every real callback does what it should, once. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { until } from '../../scripts/n8n/until';
import {
	AT_ONCE,
	type Callback,
	changed,
	failure,
	signature,
	success,
	useForger,
} from './support/forging';
import {
	awaited,
	chain,
	GENERATE,
	HELD,
	itemsOf,
	kieAiTrigger,
	noOp,
	pausing,
	type Wait,
} from './support/workflow';
import { call, useWorld, webhookTrigger } from './support/world';

const RATE_PER_SECOND = 1000;
const FLOOD_SECONDS = 60;
/** When the real callbacks set out. KieAI's last try of each is after the flood. */
const REAL_AT_SECONDS = [5, 10, 15, 20, 25, 30, 35, 40];
const RETRY_SECONDS = 20;
/** What reaches a node of ours takes n8n far longer than what it refuses itself. */
const ONE_AT_THE_NODE_IN = 25;
/** Bodies just below the size from which n8n refuses them. Were they kept, it would show. */
const LARGE_BODIES = 50;
const LARGE_BYTES = 16_000_000;
const GROWTH_BYTES = 500_000_000;

const world = useWorld({ ...HELD, callbackRetrySeconds: RETRY_SECONDS });
const forger = useForger();

/** What n8n says when it has too much to do. */
const BUSY = [429, 503];

/** How it is refused. */
type Rubbish = [answers: number[], callback: Callback];

function rubbish(trigger: string, { taskId, url }: Wait): Record<'n8n' | 'node', Rubbish[]> {
	const headers = signature(taskId, 'guess');
	const without = changed(url, ({ searchParams }) => searchParams.delete('signature'));
	const unknown = url.replace(/webhook-waiting\/\d+/, 'webhook-waiting/987654321');
	return {
		n8n: [
			[[404], { url: `${trigger}x`, body: success(taskId), headers }],
			[[404], { url: trigger, method: 'PUT', body: '' }],
			[[404], { url: unknown, body: success(taskId), headers }],
			// n8n 1.x has no token: there, it is the node that refuses.
			[[401], { url: without, body: success(taskId), headers }],
		],
		node: [
			[[401], { url: trigger, body: success(taskId), headers }],
			[[401], { url, body: success(taskId), headers }],
			[[400], { url: trigger, body: '{"__proto__":{"code":200}}', headers }],
			[[400], { url, body: 'null', headers }],
			[[401], { url: trigger, body: failure(taskId) }],
			[[422], { url, body: '{"code":' }],
			[[404], { url: trigger, method: 'GET' }],
		],
	};
}

/** Each is due at its time, and sent by whichever connection is free; what is not under way when time is up stays undone. */
async function flood(kinds: Record<'n8n' | 'node', Rubbish[]>) {
	const begun = Date.now();
	const count = RATE_PER_SECOND * FLOOD_SECONDS;
	const unexpected: string[] = [];
	let answered = 0;
	let next = 0;
	const send = async () => {
		for (let n = next++; n < count; n = next++) {
			const due = begun + (n * 1000) / RATE_PER_SECOND;
			await sleep(Math.max(0, due - Date.now()));
			if (Date.now() - begun > FLOOD_SECONDS * 1000) return;
			const isAtTheNode = n % ONE_AT_THE_NODE_IN === 0;
			const from = isAtTheNode ? kinds.node : kinds.n8n;
			const kind = Math.floor(n / ONE_AT_THE_NODE_IN) % from.length;
			const [answers, callback] = from[kind] as Rubbish;
			const { status } = await forger.post(callback);
			answered += 1;
			if (![...answers, ...BUSY].includes(status)) {
				unexpected.push(`${isAtTheNode ? 'node' : 'n8n'} ${kind}: ${status}`);
			}
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, send));
	return { answered, unexpected };
}

/** One after the other, at both webhooks. */
async function weighDown(trigger: string, { taskId, url }: Wait): Promise<string[]> {
	const headers = signature(taskId, 'guess');
	const body = JSON.stringify({ ...success(taskId), ballast: 'x'.repeat(LARGE_BYTES) });
	const unexpected: string[] = [];
	for (let n = 0; n < LARGE_BODIES; n++) {
		const { status } = await forger.post({ url: n % 2 ? url : trigger, body, headers });
		if (![401, ...BUSY].includes(status)) unexpected.push(`large: ${status}`);
	}
	return unexpected;
}

it('a minute of rubbish, up to 1,000 a second, keeps no real callback from its execution', async () => {
	const { sandbox, n8n } = world;
	const webhookId = randomUUID();
	const started = await world.publish(chain(kieAiTrigger({ webhookId }), noOp()));
	const url = `${n8n.url}/webhook/${webhookId}/kieai`;
	const webhook = webhookTrigger();
	const pauses = pausing('Generate', { ...GENERATE, prompt: '={{ $json.prompt }}' });
	const paused = await world.publish(chain(webhook, itemsOf('one'), pauses, noOp()));
	const never = webhookTrigger();
	const target = await world.publish(chain(never, pausing('Generate', GENERATE), noOp()));

	await call(world, never);
	const [attacked] = await world.executions(target, 1, ['waiting']);
	const [wait] = awaited(world, 'generate', 1) as [Wait];
	const prompts = REAL_AT_SECONDS.map((seconds) => `takes ${seconds} s`);
	for (const prompt of prompts) await call(world, webhook, { one: [{ prompt }] });
	await world.executions(paused, prompts.length, ['waiting']);
	for (const prompt of prompts) {
		await fetch(`${sandbox.apiUrl}/api/v1/veo/generate`, {
			method: 'POST',
			headers: {
				authorization: `Bearer ${sandbox.apiKey}`,
				'content-type': 'application/json',
			},
			body: JSON.stringify({ prompt, callBackUrl: url }),
		});
	}
	const tasks = awaited(world, 'generate', prompts.length).map(({ taskId }) => taskId);
	const before = await n8n.memory();

	const [{ answered, unexpected }, ofLarge] = await Promise.all([
		flood(rubbish(url, wait)),
		weighDown(url, wait),
	]);

	const after = await n8n.memory();
	expect([...unexpected, ...ofLarge]).toEqual([]);
	expect(answered).toBeGreaterThan(0);
	expect((await fetch(`${n8n.url}/healthz`)).status).toBe(200);
	await until({ what: 'all real callbacks' }, () =>
		sandbox.callbacks.length === 2 * prompts.length && sandbox.callbacks.every(({ done }) => done)
			? true
			: undefined,
	);
	const ends = await world.executions(started, tasks.length, ['success']);
	const runs = await Promise.all(ends.map(async ({ id }) => await world.ended(id)));
	expect(runs.map((run) => run.json('After')[0]?.['taskId']).sort()).toEqual([...tasks].sort());
	expect(await world.executions(started, 0)).toHaveLength(tasks.length);
	const woken = await world.executions(paused, prompts.length, ['success']);
	expect(await world.executions(paused, 0)).toHaveLength(prompts.length);
	for (const { id } of woken) expect((await world.ended(id)).runs('After')).toBe(1);
	expect(await world.executions(target, 0)).toEqual([attacked]);
	expect(after.now - before.now).toBeLessThan(GROWTH_BYTES);
}, 300_000);
