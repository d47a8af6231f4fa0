import type { Fault } from '../sandbox';
import { callback, filmsOf, openTriggerWorld, TRIGGER, type TriggerWorld } from './support/trigger';

let world: TriggerWorld;

beforeAll(async () => {
	world = await openTriggerWorld();
});
afterEach(() => {
	world.sandbox.faults.clear();
	expect(world.leftovers()).toEqual([]);
});
afterAll(async () => await world.close());

function finished(options: Parameters<TriggerWorld['sandbox']['addTask']>[0] = {}) {
	return world.sandbox.addTask({ ageSeconds: 1000, ...options });
}

describe('the test URL, opened with the ID of a finished task', () => {
	it('starts the workflow with that task', async () => {
		const trigger = await world.listen();
		const task = finished();

		const { status } = await trigger.open(`?taskId=${task.id}`);

		expect(status).toBe(200);
		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				status: 'succeeded',
				kind: 'video',
				taskId: task.id,
				videoUrl: filmsOf(task)[0],
				confirmed: true,
			}),
		]);
	});

	it('starts it as a test', async () => {
		const trigger = await world.listen();

		await trigger.open(`?taskId=${finished().id}`);

		expect((await trigger.host.execution()).data.mode).toBe('manual');
	});

	it('starts the workflow with a failed task too', async () => {
		const trigger = await world.listen();

		await trigger.open(`?taskId=${finished({ prompt: 'fail: content policy' }).id}`);

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ status: 'failed', errorMessage: 'content policy' }),
		]);
	});

	it('works without Confirm and without a signature', async () => {
		const trigger = await world.listen({ confirm: false });

		expect((await trigger.open(`?taskId=${finished().id}`)).status).toBe(200);
	});

	it('works as often as a person listens', async () => {
		const trigger = await world.listen();
		const { id } = finished();

		await trigger.open(`?taskId=${id}`);
		await trigger.host.listenForTest(trigger.workflow, trigger.options);
		await trigger.open(`?taskId=${id}`);

		expect(await trigger.started()).toHaveLength(2);
	});

	it('costs no credits', async () => {
		const trigger = await world.listen();

		await trigger.open(`?taskId=${finished().id}`);

		expect(world.sandbox.ledger).toEqual([]);
	});

	it('adds KieAI’s record where the raw data is wanted', async () => {
		const trigger = await world.listen({ options: { includeRaw: true } });
		const { id } = finished();

		await trigger.open(`?taskId=${id}`);

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				raw: expect.objectContaining({ taskId: id, successFlag: 1 }) as object,
			}),
		]);
	});
});

describe('the test URL, opened with anything else', () => {
	it.each([
		['no query', '', /\?taskId=/],
		['an empty task ID', '?taskId=', /\?taskId=/],
		['two task IDs', '?taskId=a&taskId=b', /\?taskId=/],
		['a task that KieAI does not know', '?taskId=unknown', /record is null/],
	])('says what is wrong with %s', async (_, query, message) => {
		const trigger = await world.listen();

		const { status, body } = await trigger.open(query);

		expect(status).toBe(400);
		expect(body).toEqual({ message: expect.stringMatching(message) as string });
		expect(await trigger.started()).toEqual([]);
	});

	it('says that the task is not finished', async () => {
		const trigger = await world.listen();
		const { id } = finished({ state: 'running', ageSeconds: 0 });

		const { status, body } = await trigger.open(`?taskId=${id}`);

		expect(status).toBe(400);
		expect(body).toEqual({ message: expect.stringContaining('not finished') as string });
	});

	it.each<[string, Fault]>([
		['does not answer', { endpoint: 'recordInfo', kind: 'refuse' }],
		['answers with HTML', { endpoint: 'recordInfo', kind: 'html' }],
		['answers with a redirect', { endpoint: 'recordInfo', kind: 'redirect', redirectTo: '/' }],
	])('says that KieAI %s', async (_, fault) => {
		const trigger = await world.listen();
		const { id } = finished();
		world.sandbox.faults.add(fault);

		const { status, body } = await trigger.open(`?taskId=${id}`);

		expect(status).toBe(400);
		expect(body).toEqual({ message: expect.stringContaining('KieAI') as string });
	});

	it('does not show the API key', async () => {
		const trigger = await world.listen({}, { credential: { apiKey: 'sk-wrong' } });

		const { status, body } = await trigger.open('?taskId=any');

		expect(status).toBe(400);
		expect(JSON.stringify(body)).not.toContain('sk-wrong');
	});

	it('goes on listening', async () => {
		const trigger = await world.listen();

		await trigger.open('?taskId=unknown');

		expect((await trigger.open(`?taskId=${finished().id}`)).status).toBe(200);
	});
});

describe('the test URL', () => {
	it('takes a callback as the production URL does', async () => {
		const trigger = await world.listen();
		const { test } = trigger.host.url(trigger.workflow, TRIGGER);
		const { id } = finished();

		const forged = await trigger.call(callback.videoReady(id), { url: test, headers: {} });
		const genuine = await trigger.call(callback.videoReady(id), { url: test });

		expect([forged.status, genuine.status]).toEqual([401, 200]);
		expect(await trigger.started()).toHaveLength(1);
	});
});

describe('the production URL, opened like the test URL', () => {
	it('answers 404, starts nothing and asks KieAI nothing', async () => {
		const trigger = await world.publish();
		const { production } = trigger.host.url(trigger.workflow, TRIGGER);
		const { id } = finished();
		const asked = world.sandbox.requests.length;

		const { status } = await trigger.open(`?taskId=${id}`, production);

		expect(status).toBe(404);
		expect(await trigger.started()).toEqual([]);
		expect(world.sandbox.requests).toHaveLength(asked);
	});
});
