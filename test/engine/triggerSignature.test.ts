import {
	callback,
	film,
	openTriggerWorld,
	signature,
	type Hosted,
	type TriggerWorld,
} from './support/trigger';

let world: TriggerWorld;
let key: string;

beforeAll(async () => {
	world = await openTriggerWorld();
	key = world.sandbox.hmacKey;
});
afterEach(() => expect(world.leftovers()).toEqual([]));
afterAll(async () => await world.close());

/** The signature alone decides. */
const signatureOnly = { confirm: false };

async function isAccepted(trigger: Hosted, headers: Record<string, string>): Promise<boolean> {
	const { status } = await trigger.call(callback.videoReady('video'), { headers });
	const started = await trigger.started();
	expect([
		[200, 1],
		[401, 0],
	]).toContainEqual([status, started.length]);
	return status === 200;
}

describe('Verify Signature', () => {
	it.each([
		['data.taskId', callback.videoReady('video')],
		['data.task_id', callback.upgradeReady('video')],
		[
			'taskId beside the data',
			{ code: 200, msg: 'done', taskId: 'video', data: { info: { resultUrls: [film('video')] } } },
		],
	])('accepts a signature over %s', async (_, body) => {
		const trigger = await world.publish(signatureOnly);

		const { status } = await trigger.call(body, { headers: signature('video', key) });

		expect(status).toBe(200);
		expect(await trigger.started()).toEqual([expect.objectContaining({ taskId: 'video' })]);
	});

	it.each<[string, (valid: Record<string, string>) => Record<string, string>]>([
		['without a signature', () => ({})],
		['without the time', (valid) => without('x-webhook-timestamp', valid)],
		['without the signature itself', (valid) => without('x-webhook-signature', valid)],
		['with an empty signature', (valid) => ({ ...valid, 'x-webhook-signature': '' })],
		['signed with another key', () => signature('video', 'another key')],
		['signed with no key', () => signature('video', '')],
		['signed for another task', () => signature('another', key)],
		['older than five minutes', () => signature('video', key, 330)],
		['from more than five minutes ahead', () => signature('video', key, -330)],
		['with another time than was signed', (valid) => ({ ...valid, ...at(valid, 1) })],
		['with a time that is no number', (valid) => ({ ...valid, 'x-webhook-timestamp': 'now' })],
		['with a time in scientific notation', (valid) => ({ ...valid, 'x-webhook-timestamp': '2e9' })],
		[
			'whose signature is longer',
			(valid) => ({ ...valid, 'x-webhook-signature': `${valid['x-webhook-signature']}=` }),
		],
		['whose signature is in hex', (valid) => ({ ...valid, ...inHex(valid) })],
	])('refuses a callback %s', async (_, forge) => {
		const trigger = await world.publish(signatureOnly);

		expect(await isAccepted(trigger, forge(signature('video', key)))).toBe(false);
	});

	it.each([
		['older', 270],
		['newer', -270],
	])('accepts a callback that is less than five minutes %s', async (_, ageSeconds) => {
		const trigger = await world.publish(signatureOnly);

		expect(await isAccepted(trigger, signature('video', key, ageSeconds))).toBe(true);
	});

	it.each([
		[10, 20, false],
		[1000, 600, true],
		[1000, -600, true],
	])(
		'with a tolerance of %i seconds and a callback %i seconds old: accepted is %s',
		async (signatureTolerance, ageSeconds, accepted) => {
			const trigger = await world.publish({ ...signatureOnly, options: { signatureTolerance } });

			expect(await isAccepted(trigger, signature('video', key, ageSeconds))).toBe(accepted);
		},
	);

	it('comes before KieAI is asked anything', async () => {
		const trigger = await world.publish();
		const asked = world.sandbox.requests.length;

		await trigger.call(callback.videoReady('video'), { headers: {} });

		expect(world.sandbox.requests).toHaveLength(asked);
	});

	it('comes before the choice of events', async () => {
		const trigger = await world.publish({ ...signatureOnly, events: ['videoFailed'] });

		const { status } = await trigger.call(callback.videoReady('video'), { headers: {} });

		expect(status).toBe(401);
	});

	it('switched off, leaves the proof to KieAI', async () => {
		const trigger = await world.publish({ verifySignature: false });
		const { id } = world.sandbox.addTask();

		const { status } = await trigger.call(callback.videoReady(id), { headers: {} });

		expect(status).toBe(200);
		expect(await trigger.started()).toHaveLength(1);
	});

	it('leaves the proof to KieAI where the credential has no HMAC key', async () => {
		const trigger = await world.publish({}, { credential: { webhookHmacSecret: '' } });
		const { id } = world.sandbox.addTask();

		const { status } = await trigger.call(callback.videoReady(id), { headers: {} });

		expect(status).toBe(200);
		expect(await trigger.started()).toHaveLength(1);
	});

	it('takes the HMAC key that the credential has now', async () => {
		const trigger = await world.publish(signatureOnly);
		trigger.credential['webhookHmacSecret'] = 'a new key';

		expect(await isAccepted(trigger, signature('video', key))).toBe(false);
		expect(await isAccepted(trigger, signature('video', 'a new key'))).toBe(true);
	});
});

describe('a trigger that has lost its proof', () => {
	it('refuses every callback', async () => {
		const trigger = await world.publish(signatureOnly);
		trigger.credential['webhookHmacSecret'] = '';

		expect(await isAccepted(trigger, {})).toBe(false);
		expect(await isAccepted(trigger, signature('video', ''))).toBe(false);
	});

	it('answers 503, and starts nothing, where its credential cannot be used', async () => {
		const trigger = await world.publish(signatureOnly);
		trigger.credential['baseUrl'] = 'http://kieai.invalid';

		const { status } = await trigger.call(callback.videoReady('video'), { headers: {} });
		const { deliveries, executions } = trigger.host;
		// What n8n shows of it is seen here; it is no leftover of the test.
		const thrown = deliveries.splice(0).map(({ error }) => error?.message);

		expect(thrown).toEqual([undefined]);
		expect(status).toBe(503);
		expect(executions).toEqual([]);
	});
});

describe('a refusal', () => {
	it('does not tell which check has failed', async () => {
		const trigger = await world.publish();
		const body = callback.videoReady('unknown');
		const lost = await world.publish(signatureOnly);
		lost.credential['webhookHmacSecret'] = '';

		const answers = [
			await trigger.call(body, { headers: {} }),
			await trigger.call(body, { headers: signature('unknown', 'another key') }),
			await trigger.call(body, { headers: signature('unknown', key, 10_000) }),
			await trigger.call(body, { query: '?kieai=forged' }),
			await trigger.call(body),
			await lost.call(body),
		];

		const [first] = answers;
		expect(first?.status).toBe(401);
		expect(answers).toEqual(answers.map(() => first));
	});
});

function without(name: string, headers: Record<string, string>): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name));
}

function at({ 'x-webhook-timestamp': time }: Record<string, string>, seconds: number) {
	return { 'x-webhook-timestamp': String(Number(time) + seconds) };
}

function inHex({ 'x-webhook-signature': base64 = '' }: Record<string, string>) {
	return { 'x-webhook-signature': Buffer.from(base64, 'base64').toString('hex') };
}
