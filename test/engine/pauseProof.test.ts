/** What a callback must bring to wake a paused execution, and that nothing else has any effect on it. */
import { createHmac } from 'node:crypto';

import axios from 'axios';

import { eventually, GENERATE, nodeClock } from './support/action';
import { TestCredentials } from './support/credentials';
import type { Run } from './support/engine';
import {
	callbackUrl,
	HELD,
	loopWorkflow,
	parkingWorkflow,
	useParkingWorld,
} from './support/parking';
import { itSince } from './support/since';
import { KIEAI_NODE } from './support/world';

const world = useParkingWorld(HELD);

const UNPROVEN = [401, { message: 'Unauthorized' }];
const NO_CALLBACK = [400, { message: 'This is no KieAI callback' }];
const UNWANTED = [200, { message: 'OK' }];

let parked: Run;
let url: URL;
let taskId: string;
beforeEach(async () => {
	const { executionId } = await world.begin(GENERATE);
	parked = await world.host.until(executionId, 'waiting');
	url = new URL(callbackUrl(world));
	taskId = String(parked.json('KieAI')[0]?.['taskId']);
});

function success(id = taskId): object {
	const resultUrls = ['https://evil.example.com/film.mp4'];
	return { code: 200, msg: 'Video generated.', data: { taskId: id, info: { resultUrls } } };
}

function signature(id = taskId, at = Date.now(), key = world.sandbox.hmacKey) {
	const timestamp = `${Math.floor(at / 1000)}`;
	return {
		'x-webhook-timestamp': timestamp,
		'x-webhook-signature': createHmac('sha256', key).update(`${id}.${timestamp}`).digest('base64'),
	};
}

/** Plays KieAI, or somebody who would like to. */
async function call(
	to: URL | string,
	body: unknown = success(),
	headers: Record<string, string | string[]> = signature(),
	method = 'POST',
): Promise<[number, unknown]> {
	const { status, data } = await axios.request<unknown>({
		url: String(to),
		method,
		// As it is: of a text, axios would make JSON.
		data: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
		headers: { 'content-type': 'application/json', ...headers },
		validateStatus: () => true,
	});
	return [status, data];
}

function with_(change: (url: URL) => void): URL {
	const changed = new URL(url);
	change(changed);
	return changed;
}

const withParameter = (value: string) =>
	with_(({ searchParams }) => searchParams.set('kieai', value));

/** The execution waits as before, KieAI was asked nothing, and the real callback still wakes it. */
async function expectUnharmed(): Promise<void> {
	const waiting = await world.host.until(parked.executionId, 'waiting');
	expect(waiting.data).toEqual(parked.data);
	expect(world.sandbox.requests).toHaveLength(1);
	expect(world.host.deliveries.map(({ error }) => error)).toEqual(
		world.host.deliveries.map(() => undefined),
	);
	await world.sandbox.advance(3600);
	const run = await world.host.until(parked.executionId, 'finished');
	expect(run.error()).toBeUndefined();
	expect(run.json('After')).toMatchObject([{ status: 'succeeded', taskId }]);
	expect(run.json('After')[0]?.['videoUrl']).not.toContain('evil');
	expect(run.runs('After')).toBe(1);
}

describe('Without effect', () => {
	it('is a callback without the node’s own proof', async () => {
		expect(await call(with_(({ searchParams }) => searchParams.delete('kieai')))).toEqual(UNPROVEN);
		await expectUnharmed();
	});

	it('is one with a proof that is not ours', async () => {
		const [payload = '', proof = ''] = url.searchParams.get('kieai')?.split('.') ?? [];
		const other = Buffer.from(JSON.stringify({ kind: 'generate', item: 1 })).toString('base64url');
		for (const forged of [
			'',
			'.',
			payload,
			`${payload}.`,
			`${other}.${proof}`,
			`${payload}.${proof}x`,
			`${payload}.${proof}.${proof}`,
			`${payload}.${proof.toLowerCase()}`,
		]) {
			expect(await call(withParameter(forged))).toEqual(UNPROVEN);
		}
		const twice = with_(({ searchParams }) => searchParams.append('kieai', `${payload}.${proof}`));
		expect(await call(twice)).toEqual(UNPROVEN);
		await expectUnharmed();
	});

	it('is one with the proof of another execution, or of a KieAI Trigger', async () => {
		await world.begin(GENERATE);
		const other = new URL(callbackUrl(world, 1)).searchParams.get('kieai') ?? '';
		expect(await call(withParameter(other))).toEqual(UNPROVEN);
		await world.run({
			...GENERATE,
			waitForResult: 'none',
			sendCallbackTo: 'url',
			callbackUrl: 'https://n8n.example.com/webhook/kieai',
		});
		const triggers = new URL(callbackUrl(world, 2)).searchParams.get('kieai') ?? '';
		expect(await call(withParameter(triggers))).toEqual(UNPROVEN);
		expect((await world.host.until(parked.executionId, 'waiting')).data).toEqual(parked.data);
	});

	itSince('2.20')('is one with another token than n8n’s, or none', async () => {
		const other = with_(({ searchParams }) => searchParams.set('signature', 'a'.repeat(64)));
		expect((await call(other))[0]).toBe(401);
		expect((await call(with_(({ searchParams }) => searchParams.delete('signature'))))[0]).toBe(
			401,
		);
		await expectUnharmed();
	});

	it.each<[string, () => Record<string, string | string[]>]>([
		['no signature', () => ({})],
		['no timestamp', () => ({ 'x-webhook-signature': signature()['x-webhook-signature'] })],
		['another key’s signature', () => signature(taskId, Date.now(), 'guess')],
		['an empty key’s signature', () => signature(taskId, Date.now(), '\0')],
		['another task’s signature', () => signature('veo_other')],
		['a stale signature', () => signature(taskId, Date.now() - 301_000)],
		['a signature from the future', () => signature(taskId, Date.now() + 302_000)],
		['two signatures', () => ({ ...signature(), 'x-webhook-signature': ['a', 'b'] })],
	])('is one with %s, where the account signs its callbacks', async (_what, headers) => {
		expect(await call(url, success(), headers())).toEqual(UNPROVEN);
		await expectUnharmed();
	});

	it('is one for another task at a 4K upgrade whose own ID KieAI has told', async () => {
		world.sandbox.configure({ upgrade4kTaskId: 'own' });
		const { id } = world.sandbox.addTask();
		const upgrade = await world.begin({ operation: 'get4k', taskId: id });
		const stored = await world.host.until(upgrade.executionId, 'waiting');
		const to = callbackUrl(world, 1);
		expect(await call(to, success('veo_other'), signature('veo_other'))).toEqual(UNWANTED);
		expect((await world.host.until(upgrade.executionId, 'waiting')).data).toEqual(stored.data);
	});

	it('is one for a task that nobody waits for', async () => {
		expect(await call(url, success('veo_other'), signature('veo_other'))).toEqual(UNWANTED);
		await expectUnharmed();
	});

	it.each<[string, unknown]>([
		['nothing', ''],
		['null', null],
		['a list', [1]],
		['a text', '"hello"'],
		['no code', { msg: 'x', data: { taskId: 'veo_1' } }],
		['no task', { code: 200, msg: 'x', data: {} }],
		['a film that is none', { code: 200, data: { taskId: 'veo_1', info: { resultUrls: 'x' } } }],
		['a prototype', '{"__proto__":{"code":200},"constructor":{"taskId":"veo_1"}}'],
	])('is a body with %s', async (_what, body) => {
		const answer = await call(url, body);
		expect([NO_CALLBACK, UNPROVEN]).toContainEqual(answer);
		await expectUnharmed();
	});

	it('is a body that is no JSON', async () => {
		expect((await call(url, '{"code":200,'))[0]).toBe(422);
		await expectUnharmed();
	});

	it('is another method, or another path', async () => {
		expect((await call(url, '', {}, 'GET'))[0]).toBeGreaterThanOrEqual(400);
		const elsewhere = with_((changed) => (changed.pathname += 'x'));
		expect((await call(elsewhere))[0]).toBe(404);
		await expectUnharmed();
	});

	it('is a callback that comes again when the execution has ended', async () => {
		await world.sandbox.advance(3600);
		await world.host.until(parked.executionId, 'finished');
		expect((await call(url))[0]).toBe(409);
		expect((await world.host.until(parked.executionId, 'finished')).runs('After')).toBe(1);
	});

	it.each<[string, (id: string) => string]>([
		['its source’s ID', (id) => id],
		['an ID that may be its own', () => 'veo_other'],
	])(
		'is one with a film that is not KieAI’s, by %s: the execution goes on waiting',
		async (_what, idOf) => {
			const { id } = world.sandbox.addTask();
			const upgrade = await world.begin({ operation: 'get4k', taskId: id });
			const to = callbackUrl(world, 1);
			expect((await call(to, success(idOf(id)), signature(idOf(id))))[0]).toBe(200);
			const again = await world.host.until(upgrade.executionId, 'waiting');
			expect(again.waitTill).toEqual(upgrade.waitTill);
			await world.sandbox.advance(3600);
			const run = await world.host.until(upgrade.executionId, 'finished');
			expect(run.json('After')[0]?.['videoUrl']).not.toContain('evil');
		},
	);

	it('is the repeated callback of an earlier run of the node, on a later one', async () => {
		const { id } = world.sandbox.addTask({ videos: 2 });
		const workflow = loopWorkflow({
			operation: 'get4k',
			taskId: id,
			index: '={{ $json.index }}',
			simplify: false,
		});
		const { executionId } = world.host.start(workflow, {
			credentials: world.credentials,
			mode: 'trigger',
			input: [{ json: { index: 0 } }, { json: { index: 1 } }],
		});
		await world.host.until(executionId, 'waiting');
		await world.sandbox.advance(3600);
		await world.sandbox.settled();
		const second = await world.host.until(executionId, 'waiting');
		expect(second.runs('KieAI')).toBe(2);
		const [repeated] = world.sandbox.callbacks.slice(-1);
		expect(await call(repeated?.url ?? '', repeated?.body, signature(id))).toEqual(UNWANTED);
		await world.sandbox.advance(3600);
		const run = await world.host.until(executionId, 'finished');
		expect(run.json('Loop').map(({ index }) => index)).toEqual([0, 1]);
		expect(new Set(run.json('Loop').map(({ videoUrl }) => videoUrl)).size).toBe(2);
	});

	it('is one with the proof of another node of the same execution', async () => {
		const workflow = parkingWorkflow(GENERATE);
		const twin = { ...workflow.nodes[1], id: 'other-node', name: 'Other', type: KIEAI_NODE };
		workflow.nodes.push(twin);
		workflow.connections['After'] = { main: [[{ node: 'Other', type: 'main', index: 0 }]] };
		const first = await world.host.run(workflow, {
			credentials: world.credentials,
			mode: 'trigger',
		});
		const proof = new URL(callbackUrl(world, 1)).searchParams.get('kieai') ?? '';
		await world.sandbox.advance(3600);
		await world.sandbox.settled();
		const second = await world.host.until(first.executionId, 'waiting');
		const to = new URL(callbackUrl(world, 2));
		expect(to.pathname).toContain('other-node');
		to.searchParams.set('kieai', proof);
		const id = String(second.json('Other')[0]?.['taskId']);
		expect(await call(to, success(id), signature(id))).toEqual(UNPROVEN);
	});
});

it('a callback that KieAI’s record lags behind is not lost: the task is looked at from then on', async () => {
	const sleep = jest.spyOn(nodeClock(), 'sleep').mockImplementation(async () => {
		await new Promise((resolve) => setTimeout(resolve, 5));
	});
	expect((await call(url))[0]).toBe(200);
	await eventually(() => (world.sandbox.requests.length > 5 ? true : undefined));
	world.sandbox.configure({ callbackRetrySeconds: 3600 });
	await world.sandbox.advance(3600);
	const run = await world.host.until(parked.executionId, 'finished');
	sleep.mockRestore();
	expect(run.json('After')).toMatchObject([{ status: 'succeeded', taskId }]);
	expect(run.json('After')[0]?.['videoUrl']).not.toContain('evil');
});

it('a callback is answered 503, and changes nothing, where the credential cannot be read', async () => {
	const broken = jest
		.spyOn(TestCredentials.prototype, 'getDecrypted')
		.mockRejectedValue(new Error('No such credential'));
	expect(await call(url)).toEqual([503, { message: 'Try again later' }]);
	broken.mockRestore();
	expect((await world.host.until(parked.executionId, 'waiting')).data).toEqual(parked.data);
});

it('needs no signature where the credential has no key for it', async () => {
	const kieAiApi = { ...world.credentials.kieAiApi, webhookHmacSecret: '' };
	const run = await world.begin(GENERATE, { credentials: { kieAiApi } });
	await world.sandbox.advance(3600);
	const [last] = world.sandbox.tasks().slice(-1);
	const answer = await call(callbackUrl(world, 1), success(last?.id), {});
	expect([200, 409]).toContain(answer[0]);
	expect((await world.host.until(run.executionId, 'finished')).error()).toBeUndefined();
});

it('proves itself where n8n gives no token, as before 2.0', async () => {
	const old = await world.engine.host({ resumeTokens: false });
	const run = await world.begin(GENERATE, { at: old });
	const own = new URL(callbackUrl(world, 1));
	expect(own.searchParams.has('signature')).toBe(false);
	const without = new URL(own);
	without.searchParams.delete('kieai');
	expect(await call(without, success())).toEqual(UNPROVEN);
	await world.sandbox.advance(3600);
	expect((await old.until(run.executionId, 'finished')).error()).toBeUndefined();
});
