import { nodeClock } from './support/action';
import {
	callback,
	film,
	filmsOf,
	openTriggerWorld,
	TRIGGER,
	type TriggerWorld,
} from './support/trigger';

let world: TriggerWorld;

beforeAll(async () => {
	world = await openTriggerWorld();
});
afterEach(async () => {
	const leftovers = world.leftovers();
	await world.sandbox.reset();
	expect(leftovers).toEqual([]);
});
afterAll(async () => await world.close());

function finished() {
	return world.sandbox.addTask({ ageSeconds: 1000 });
}

describe('a callback that KieAI delivers again', () => {
	it('starts the workflow once, and is answered with 200', async () => {
		const trigger = await world.publish();
		const body = callback.videoReady(finished().id);

		const answers = [await trigger.call(body), await trigger.call(body)];

		expect(answers.map(({ status }) => status)).toEqual([200, 200]);
		expect(await trigger.started()).toHaveLength(1);
	});

	it('starts the workflow once where both come at the same moment', async () => {
		const trigger = await world.publish();
		const body = callback.videoReady(finished().id);

		const answers = await Promise.all([trigger.call(body), trigger.call(body)]);

		expect(answers.map(({ status }) => status)).toEqual([200, 200]);
		expect(await trigger.started()).toHaveLength(1);
	});

	it.each([
		['one after the other', false],
		['all at once', true],
	])('starts the workflow once where the sandbox repeats it %s', async (_, callbackConcurrent) => {
		const action = { operation: 'generate', prompt: 'A red fox' };
		const trigger = await world.publish(
			{},
			{ action: { ...action, waitForResult: 'none', sendCallbackTo: 'trigger' } },
		);
		world.sandbox.configure({ callbackRepeats: 3, callbackConcurrent });

		await trigger.send();
		await world.finishTasks();

		expect(world.sandbox.callbacks[0]?.attempts.map(({ status }) => status)).toEqual([
			200, 200, 200, 200,
		]);
		expect(await trigger.started()).toHaveLength(1);
	});

	it('starts the published workflow though it has come as a test event before', async () => {
		const trigger = await world.listen();
		const body = callback.videoReady(finished().id);
		const { test } = trigger.host.url(trigger.workflow, TRIGGER);
		await trigger.call(body, { url: test });
		await trigger.host.activate(trigger.workflow, trigger.options);

		await trigger.call(body);

		expect(await trigger.started()).toHaveLength(2);
	});

	it('starts every workflow that has a trigger for it', async () => {
		const triggers = [await world.publish(), await world.publish()];
		const body = callback.videoReady(finished().id);

		for (const trigger of triggers) await trigger.call(body);

		for (const trigger of triggers) expect(await trigger.started()).toHaveLength(1);
	});

	it('asks KieAI nothing more', async () => {
		const trigger = await world.publish();
		const body = callback.videoReady(finished().id);
		await trigger.call(body);
		const asked = world.sandbox.requests.length;

		await trigger.call(body);

		expect(world.sandbox.requests).toHaveLength(asked);
	});

	it('starts the workflow once, whatever else a forger writes into it', async () => {
		const trigger = await world.publish({ verifySignature: false });
		const { id } = finished();

		await trigger.call(callback.videoReady(id, [film('one')]));
		await trigger.call(callback.videoReady(id, [film('two')]));
		await trigger.call(callback.extendReady(id, [film('two')]));

		expect(await trigger.started()).toHaveLength(1);
	});

	it('is not taken for delivered while its first delivery is still undecided', async () => {
		const trigger = await world.publish();
		const body = callback.videoReady(finished().id);
		world.sandbox.configure({ latencyMs: 50 });
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'code', code: 500, times: 'always' });

		const answers = await Promise.all([trigger.call(body), trigger.call(body)]);

		expect(answers.map(({ status }) => status)).toEqual([503, 503]);
	});
});

describe('what is no repeat', () => {
	it('is another task', async () => {
		const trigger = await world.publish();

		await trigger.call(callback.videoReady(finished().id));
		await trigger.call(callback.videoReady(finished().id));

		expect(await trigger.started()).toHaveLength(2);
	});

	it('is the 4K version under the task ID of its video', async () => {
		const trigger = await world.publish();
		const source = finished();
		const upgraded = await world.upgrade(source);

		await trigger.call(callback.videoReady(source.id, filmsOf(source)));
		await trigger.call(callback.upgradeReady(source.id, filmsOf(upgraded)));

		expect(await trigger.started()).toHaveLength(2);
	});

	it('is the 4K version of another video of the same task', async () => {
		const trigger = await world.publish();
		const source = world.sandbox.addTask({ ageSeconds: 1000, videos: 2 });
		const upgrades = [await world.upgrade(source, 0), await world.upgrade(source, 1)];

		for (const upgraded of upgrades) {
			await trigger.call(callback.upgradeReady(source.id, filmsOf(upgraded)));
		}

		expect(await trigger.started()).toHaveLength(2);
	});

	it('is a second 4K try that succeeds after the first has failed', async () => {
		const trigger = await world.publish();
		const source = finished();

		await trigger.call(callback.upgradeFailed(source.id));
		await trigger.call(callback.upgradeReady(source.id, filmsOf(await world.upgrade(source))));

		expect((await trigger.started()).map(({ status }) => status)).toEqual(['failed', 'succeeded']);
	});

	it('is a second 4K try that fails minutes after the first', async () => {
		const trigger = await world.publish({ verifySignature: false });
		const { id } = finished();
		const failAfter = async (minutes: number) => {
			const now = jest.spyOn(nodeClock(), 'now').mockReturnValue(Date.now() + minutes * 60_000);
			await trigger.call(callback.upgradeFailed(id));
			now.mockRestore();
			return (await trigger.started()).length;
		};

		expect(await failAfter(0)).toBe(1);
		expect(await failAfter(4.9)).toBe(1);
		expect(await failAfter(5.1)).toBe(2);
	});

	it('is no video that failed, however late it comes again', async () => {
		const trigger = await world.publish({ verifySignature: false });
		const { id } = world.sandbox.addTask({ state: 'failed' });
		const now = jest.spyOn(nodeClock(), 'now');

		await trigger.call(callback.videoFailed(id));
		now.mockReturnValue(Date.now() + 3_600_000);
		await trigger.call(callback.videoFailed(id));
		now.mockRestore();

		expect(await trigger.started()).toHaveLength(1);
	});

	it('is a true callback after a forged one', async () => {
		const trigger = await world.publish();
		const body = callback.videoReady(finished().id);

		await trigger.call(body, { headers: {} });
		await trigger.call(body, { query: '?kieai=forged' });
		await trigger.call(body);

		expect(await trigger.started()).toHaveLength(1);
	});

	it('is a true callback after one that KieAI did not confirm', async () => {
		const trigger = await world.publish();
		const id = 'veo_task_of_tomorrow';
		const early = await trigger.call(callback.videoReady(id));
		world.sandbox.addTask({ id, ageSeconds: 1000 });

		await trigger.call(callback.videoReady(id));

		expect(early.status).toBe(401);
		expect(await trigger.started()).toHaveLength(1);
	});

	it('is an event while a person tests the trigger', async () => {
		const trigger = await world.publish();
		const body = callback.videoReady(finished().id);
		const { test } = trigger.host.url(trigger.workflow, 'KieAI Trigger');
		const testOnce = async () => {
			await trigger.host.listenForTest(trigger.workflow, trigger.options);
			await trigger.call(body, { url: test });
		};

		await trigger.call(body);
		await testOnce();
		await testOnce();

		expect(await trigger.started()).toHaveLength(3);
	});
});

describe('Ignore Repeated Deliveries, switched off', () => {
	it('starts the workflow with every delivery', async () => {
		const trigger = await world.publish({ options: { ignoreRepeated: false } });
		const body = callback.videoReady(finished().id);

		await trigger.call(body);
		await trigger.call(body);

		expect(await trigger.started()).toHaveLength(2);
	});
});
