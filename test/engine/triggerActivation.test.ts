import type { INodeParameters } from 'n8n-workflow';

import {
	callback,
	openTriggerWorld,
	TRIGGER,
	type Hosted,
	type TriggerWorld,
} from './support/trigger';

let world: TriggerWorld;

beforeAll(async () => {
	world = await openTriggerWorld();
});
afterEach(() => expect(world.leftovers()).toEqual([]));
afterAll(async () => await world.close());

/** What the trigger has left in the workflow's static data, as the action node finds it. */
function storedUrls({ host, workflow }: Hosted): unknown[] {
	const { global = {} } = host.staticData(workflow) as { global?: Record<string, unknown> };
	return Object.values(global);
}

function productionUrl({ host, workflow }: Hosted): string {
	return host.url(workflow, TRIGGER).production;
}

describe('activating a trigger that anybody could call', () => {
	const noKey = { webhookHmacSecret: '' };

	const unprotected: Array<[string, INodeParameters, Record<string, string>]> = [
		['without an HMAC key and without Confirm', { confirm: false }, noKey],
		['with both checks switched off', { confirm: false, verifySignature: false }, {}],
		['with an HMAC key of blanks', { confirm: false }, { webhookHmacSecret: '  ' }],
	];

	it.each(unprotected)('is refused %s', async (_, parameters, credential) => {
		await expect(world.publish(parameters, { credential })).rejects.toThrow('Anybody could start');
	});

	it.each(unprotected)('is refused while listening too %s', async (_, parameters, credential) => {
		await expect(world.listen(parameters, { credential })).rejects.toThrow('Anybody could start');
	});

	it('says what to do, with the names on screen', async () => {
		const refused = world.publish({ confirm: false }, { credential: noKey });

		await expect(refused).rejects.toMatchObject({
			name: 'NodeOperationError',
			message: expect.stringMatching(
				/'Confirm with KieAI'.*'Verify Signature'.*'Webhook HMAC Key'/,
			) as string,
		});
	});

	it('leaves no URL for the action node', async () => {
		const trigger = await world.host({ confirm: false }, { credential: noKey });

		await expect(trigger.host.activate(trigger.workflow, trigger.options)).rejects.toThrow();

		expect(storedUrls(trigger)).toEqual([]);
	});

	const protectedByOne: Array<[string, INodeParameters, Record<string, string>]> = [
		['an HMAC key alone', { confirm: false }, {}],
		['Confirm alone', { verifySignature: false }, {}],
		['Confirm where there is no HMAC key', {}, noKey],
	];

	it.each(protectedByOne)('is allowed with %s', async (_, parameters, credential) => {
		await expect(world.publish(parameters, { credential })).resolves.toBeDefined();
	});
});

describe('activating a trigger whose credential cannot be used', () => {
	it('is refused with the name of the field', async () => {
		const refused = world.publish({}, { credential: { baseUrl: 'http://kieai.invalid' } });

		await expect(refused).rejects.toThrow("'Base URL'");
	});
});

describe('an activated trigger', () => {
	it('leaves its URL for the action nodes of the workflow', async () => {
		const trigger = await world.publish();

		expect(storedUrls(trigger)).toEqual([productionUrl(trigger)]);
	});

	it('leaves its URL once, however often it is activated', async () => {
		const trigger = await world.publish();

		await trigger.host.activate(trigger.workflow, trigger.options);

		expect(storedUrls(trigger)).toEqual([productionUrl(trigger)]);
	});

	it('asks KieAI nothing', async () => {
		const asked = world.sandbox.requests.length;

		await world.publish();

		expect(world.sandbox.requests).toHaveLength(asked);
	});

	it('takes its URL back when it is deactivated', async () => {
		const trigger = await world.publish();

		await trigger.host.deactivate(trigger.workflow);

		expect(storedUrls(trigger)).toEqual([]);
	});

	it('hears nothing any more when it is deactivated', async () => {
		const trigger = await world.publish();

		await trigger.host.deactivate(trigger.workflow);

		expect((await trigger.call(callback.videoReady('video'))).status).toBe(404);
	});
});

describe('listening for a test event', () => {
	it('leaves no URL', async () => {
		const trigger = await world.listen();

		expect(trigger.host.staticData(trigger.workflow)).toEqual({});
	});

	it('leaves the URL of the active trigger as it is, before and after the event', async () => {
		const trigger = await world.publish();
		await trigger.host.listenForTest(trigger.workflow, trigger.options);
		const before = storedUrls(trigger);

		await trigger.open(`?taskId=${world.sandbox.addTask({ ageSeconds: 1000 }).id}`);

		expect(await trigger.started()).toHaveLength(1);
		expect([before, storedUrls(trigger)]).toEqual([
			[productionUrl(trigger)],
			[productionUrl(trigger)],
		]);
	});
});
