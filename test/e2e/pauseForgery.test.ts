/** Thousands of callbacks that are none, at paused executions: nothing comes of them, and n8n stays up. */
import { sandboxCredential } from '../../scripts/n8n/credential';
import { until } from '../../scripts/n8n/until';
import {
	AT_ONCE,
	type Callback,
	changed,
	expectOnPage,
	failure,
	parameter,
	signature as sign,
	success,
	useForger,
	withParameter,
} from './support/forging';
import { complaints } from './support/log';
import {
	awaited,
	chain,
	GENERATE,
	GET_4K,
	HELD,
	itemsOf,
	noOp,
	pausing,
	type Wait,
} from './support/workflow';
import { call, useWorld, webhookTrigger } from './support/world';

// What KieAI has told an ID of its own for takes no callback by another one.
const world = useWorld({ ...HELD, upgrade4kTaskId: 'own' });

const CALLBACKS = 10_000;
/** So many of them get past n8n's own token, to the node: each of these takes n8n ten times as long. */
const ONE_AT_THE_NODE_IN = 25;
/** Above what n8n takes unless told. */
const HUGE_BYTES = 17 * 1024 * 1024;

const forger = useForger();

function signature(taskId: string, at = Date.now(), key = world.sandbox.hmacKey) {
	return sign(taskId, key, at);
}

/** What the n-th forgery of a kind looks like, and n8n's answer to it. */
type Forgery = [answer: number, callback: (n: number) => Callback];

/** Without the token of n8n for this execution. */
function withoutToken({ url, taskId }: Wait, elsewhere: string): Forgery[] {
	const at = (forged: string): Callback => ({
		url: forged,
		body: success(taskId),
		headers: signature(taskId),
	});
	const token = (value: string) => at(withParameter(url, 'signature', value));
	return [
		[401, () => at(changed(url, ({ searchParams }) => searchParams.delete('signature')))],
		[401, (n) => token(n.toString(16).padStart(64, '0'))],
		[401, () => token(parameter(elsewhere, 'signature'))],
	];
}

/** Without effect whether callbacks are signed or not. */
function forgeries({ url, taskId }: Wait, elsewhere: string): Forgery[] {
	const real = { url, body: success(taskId), headers: signature(taskId) };
	const [payload = '', proof = ''] = parameter(url, 'kieai').split('.');
	const otherItem = Buffer.from(JSON.stringify({ kind: 'generate', item: 7 })).toString(
		'base64url',
	);
	const at = (forged: string): Callback => ({ ...real, url: forged });
	const says = (body: unknown): Callback => ({ ...real, body });
	const none = [null, [], 'text', 1, {}, { code: 200 }, { code: '200', data: { taskId: {} } }];
	const wrongProofs = [
		'',
		'.',
		payload,
		`.${proof}`,
		`${otherItem}.${proof}`,
		`${payload}.${proof}x`,
	];
	return [
		[401, () => at(changed(url, ({ searchParams }) => searchParams.delete('kieai')))],
		[401, (n) => at(withParameter(url, 'kieai', wrongProofs[n % wrongProofs.length] ?? ''))],
		[401, () => at(withParameter(url, 'kieai', parameter(elsewhere, 'kieai')))],
		[404, () => at(changed(url, (copy) => (copy.pathname += 'x')))],
		[404, () => ({ url, method: 'GET' })],
		[422, (n) => says(JSON.stringify(real.body).slice(0, 2 + (n % 50)))],
		[400, (n) => says(JSON.stringify(none[n % none.length]))],
		[400, () => says('{"__proto__":{"code":200,"data":{"taskId":"x"}}}')],
		[400, () => says(success(''))],
		[400, () => says({ code: 200, msg: '4K', data: { task_id: taskId, result_urls: 'x' } })],
		[200, (n) => ({ url, body: failure(`veo_${n}`), headers: signature(`veo_${n}`) })],
		[200, (n) => ({ url, body: success(`veo_${n}`), headers: signature(`veo_${n}`) })],
	];
}

/** Without effect where the account has a key for KieAI's signatures. */
function unsigned({ url, taskId }: Wait): Forgery[] {
	const signed = (headers: Record<string, string>): Callback => ({
		url,
		body: failure(taskId),
		headers,
	});
	return [
		[401, () => signed({})],
		[401, (n) => signed(signature(taskId, Date.now(), `guess ${n}`))],
		[401, (n) => signed(signature(`veo_${n}`))],
		[401, (n) => signed(signature(taskId, Date.now() - 400_000 - n))],
		[401, (n) => signed(signature(taskId, Date.now() + 400_000 + n))],
	];
}

it('10,000 forged, stale, malformed, foreign and repeated callbacks change nothing; the real ones wake all', async () => {
	const { sandbox, n8n } = world;
	const { data, ...credential } = sandboxCredential(sandbox, 'Without HMAC key');
	const keyless = await n8n.api.credentials.create({
		...credential,
		data: { ...data, webhookHmacSecret: '' },
	});
	const publish = async (...nodes: Parameters<typeof chain>) => {
		const trigger = webhookTrigger();
		const stored = await world.publish(chain(trigger, ...nodes, noOp()));
		return { stored, start: async (body: object) => await call(world, trigger, body) };
	};
	const parked = async ({ stored }: Awaited<ReturnType<typeof publish>>) => {
		const [execution] = await world.executions(stored, 1, ['waiting']);
		return await n8n.api.executions.get(execution?.id ?? '');
	};
	const generate = (prompt: string) => pausing('Generate', { ...GENERATE, prompt });

	const ended = await publish(generate('takes 100 s'));
	const single = await publish(generate('takes 3000 s'));
	const unsignedOnly = await publish({
		...generate('takes 3000 s'),
		credentials: { kieAiApi: keyless },
	});
	const several = await publish(
		itemsOf('items'),
		pausing('4K', { ...GET_4K, taskId: '={{ $json.id }}' }),
	);
	const begun = [];
	for (const each of [ended, single, unsignedOnly]) {
		await each.start({});
		await parked(each);
		begun.push(...awaited(world, 'generate', 1));
	}
	const [past, one, open] = begun as [Wait, Wait, Wait];
	const sources = [100, 3000, 6000].map((seconds) => ({
		id: sandbox.addTask({ prompt: `4k takes ${seconds} s` }).id,
	}));
	await several.start({ items: sources });
	await parked(several);
	const [known, second, third] = awaited(world, 'get4k', 3) as [Wait, Wait, Wait];
	await sandbox.advance(100);
	await world.executions(ended.stored, 1, ['success']);
	await until({ what: 'the first callbacks' }, () =>
		sandbox.callbacks.length === 2 && sandbox.callbacks.every(({ done }) => done)
			? true
			: undefined,
	);
	const waiting = [single, unsignedOnly, several];
	const before = await Promise.all(waiting.map(parked));
	const [endedRun] = await world.executions(ended.stored, 1);
	const asked = sandbox.requests.length;
	const logged = (await n8n.log()).length;

	const repeated = sandbox.callbacks.find(({ url }) => url === known.url);
	const unknown = changed(one.url, (copy) => {
		copy.pathname = copy.pathname.replace(/webhook-waiting\/\d+/, 'webhook-waiting/987654321');
	});
	const atTheDoor: Forgery[] = [
		...withoutToken(one, open.url),
		...withoutToken(open, one.url),
		...withoutToken(second, one.url),
		[409, () => ({ ...past, body: success(past.taskId), headers: signature(past.taskId) })],
		[404, () => ({ url: unknown, body: success(one.taskId), headers: signature(one.taskId) })],
	];
	const atTheNode: Forgery[] = [
		...forgeries(one, open.url),
		...forgeries(open, one.url),
		...forgeries(second, one.url),
		...unsigned(one),
		...unsigned(second),
		...unsigned(third),
		// What is known already, and what another item of the execution waits for.
		[200, () => ({ url: known.url, body: repeated?.body, headers: signature(known.taskId) })],
		[200, () => ({ ...third, body: success(second.taskId), headers: signature(second.taskId) })],
	];
	const huge = `{"code":200,"msg":"${'x'.repeat(HUGE_BYTES)}"}`;
	const unexpected: string[] = [];
	let next = 0;
	const attack = async () => {
		for (let n = next++; n < CALLBACKS; n = next++) {
			const kinds = n % ONE_AT_THE_NODE_IN === 0 ? atTheNode : atTheDoor;
			const kind = Math.floor(n / ONE_AT_THE_NODE_IN) % kinds.length;
			const [answer, callback] = kinds[kind] as Forgery;
			const status = await forger.post(callback(n)).then(
				(seen) => seen.status,
				(error: unknown) => String(error),
			);
			if (status === answer) continue;
			unexpected.push(`${kinds === atTheNode ? 'node' : 'door'} ${kind}: ${status}, not ${answer}`);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, attack));
	// n8n's own answer; 500 in 2.41.
	for (const { url } of [one, open, third]) {
		expect([413, 500]).toContain((await forger.post({ url, body: huge })).status);
	}

	expect(unexpected).toEqual([]);
	expect((await fetch(`${n8n.url}/healthz`)).status).toBe(200);
	expect(sandbox.requests).toHaveLength(asked);
	const all = await Promise.all(
		[ended, ...waiting].map(async ({ stored }) => await n8n.api.executions.list(stored.id)),
	);
	const stillWaiting = all.flat().filter(({ status }) => status === 'waiting');
	expectOnPage('At paused executions', {
		'forged callbacks sent': forger.sent(),
		'executions started by a stranger': all.flat().length - all.length,
		'executions ended by a stranger': before.length - stillWaiting.length,
	});
	expect(await Promise.all(waiting.map(parked))).toEqual(before);
	expect(await world.executions(ended.stored, 1)).toEqual([endedRun]);
	expect(complaints((await n8n.log()).slice(logged))).toEqual([]);

	await sandbox.advance(3000);
	await world.executions(single.stored, 1, ['success']);
	await world.executions(unsignedOnly.stored, 1, ['success']);
	await parked(several);
	await sandbox.advance(3000);
	await world.executions(several.stored, 1, ['success']);
	for (const [at, { stored }] of waiting.entries()) {
		const [execution, ...others] = await world.executions(stored, 1);
		const run = await world.ended(execution?.id ?? '');
		expect(others).toEqual([]);
		expect(run.id).toBe(before[at]?.id);
		expect(run.runs('After')).toBe(1);
		expect(JSON.stringify(run.json('After'))).not.toContain('evil');
		for (const json of run.json('After')) expect(json).toMatchObject({ status: 'succeeded' });
	}
	await n8n.api.credentials.delete(keyless.id);
}, 300_000);
