/** Pause Until Callback, where no callback comes in time: what n8n does at the deadline, and how to go on for free. */
import type { IDataObject } from 'n8n-workflow';

import { errorText, GENERATE, items } from './support/action';
import type { Run } from './support/engine';
import { HELD, useParkingWorld } from './support/parking';
import { itBefore, itSince } from './support/since';

const world = useParkingWorld(HELD);

const OUTPUT = { ...GENERATE, onTimeout: 'output' };
const PROMPTS = { prompt: '={{ $json.prompt }}' };
/** The first is ready at once, the second never. */
const ONE_READY = items({ prompt: 'takes 0.1 s' }, { prompt: 'takes 9999 s' });

const taskIds = () => world.sandbox.tasks().map(({ id }) => id);

async function expired(...begin: Parameters<typeof world.begin>): Promise<Run> {
	const parked = await world.begin(...begin);
	expect(parked.status).toBe('waiting');
	return await (begin[1]?.at ?? world.host).expire(parked.executionId);
}

/** Two items, of which the first is ready and has called back; the execution waits for the second. */
async function halfReady(parameters: IDataObject, node = {}): Promise<Run> {
	const parked = await world.begin({ ...parameters, ...PROMPTS }, { items: ONE_READY, node });
	await world.sandbox.advance(1);
	await world.sandbox.settled();
	const again = await world.host.until(parked.executionId, 'waiting');
	expect(again.waitTill).toEqual(parked.waitTill);
	expect(again.json('KieAI').map(({ status }) => status)).toEqual(['succeeded', 'processing']);
	return again;
}

/** Newer versions of n8n fail a wait by themselves. */
const itNative = itSince('2.30');
const itElse = itBefore('2.30');

describe('On Timeout: Stop with Error', () => {
	itNative('fails natively, names the task and says how to pick it up for free', async () => {
		const run = await expired(GENERATE);
		const [id] = taskIds();
		expect(run.status).toBe('error');
		expect(run.error('KieAI')?.message).toBe(
			`The video was not ready after 15 minutes (task ${id}) [item 0]`,
		);
		expect(errorText(run)).toContain(`'Get' with 'Wait for Result' and the Task ID '${id}'`);
		expect(run.runs('After')).toBe(0);
	});

	itNative('tells how to pick up a 4K film', async () => {
		const { id } = world.sandbox.addTask();
		const run = await expired({ operation: 'get4k', taskId: id, options: { timeout: 0.5 } });
		expect(errorText(run)).toContain('not ready after 0.5 minutes');
		expect(errorText(run)).toContain(`'Get 4K' with the Task ID '${id}'`);
	});

	itNative('lists every task, those that are ready with their links', async () => {
		const { executionId } = await halfReady(GENERATE);
		const run = await world.host.expire(executionId);
		expect(run.status).toBe('error');
		for (const id of taskIds()) expect(errorText(run)).toContain(id);
		expect(errorText(run)).toContain(world.sandbox.tasks()[0]?.videos[0]?.url);
	});

	it('leaves error items where On Error says so, and what is ready as it is', async () => {
		const { executionId } = await halfReady(GENERATE, { onError: 'continueRegularOutput' });
		const run = await world.host.expire(executionId);
		const [ready, late] = taskIds();
		expect(run.status).toBe('success');
		expect(run.json('After')).toEqual([
			expect.objectContaining({ status: 'succeeded', taskId: ready }),
			{
				error: expect.stringContaining(String(late)),
				message: expect.stringContaining('not ready after 15 minutes'),
				details: expect.objectContaining({ status: 'timedOut', taskId: late }),
			},
		]);
	});

	itElse('puts out timed-out items, as n8n cannot fail by itself', async () => {
		const run = await expired(GENERATE);
		expect(run.status).toBe('success');
		expect(run.json('After')).toMatchObject([{ status: 'timedOut', taskId: taskIds()[0] }]);
	});

	it('is woken all the same before that, with On Error set to continue too', async () => {
		const { executionId } = await halfReady(GENERATE, { onError: 'continueRegularOutput' });
		await world.sandbox.advance(10_000);
		const run = await world.host.until(executionId, 'finished');
		expect(run.json('After')).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }]);
	});

	it('puts out timed-out items where n8n hides what the node needs to take the error back', async () => {
		const at = await world.engine.host({ hideRunData: true });
		const run = await expired(GENERATE, { at });
		expect(run.status).toBe('success');
		expect(run.json('After')).toMatchObject([{ status: 'timedOut', taskId: taskIds()[0] }]);
	});
});

describe('On Timeout: Output Item', () => {
	it('goes on with an item for each input item, rightly paired', async () => {
		const run = await expired(OUTPUT, { items: items({}, {}) });
		expect(run.status).toBe('success');
		expect(run.json('After')).toEqual(
			taskIds().map((taskId) =>
				expect.objectContaining({
					status: 'timedOut',
					taskId,
					videoTaskId: taskId,
					videoUrl: null,
				}),
			),
		);
		expect(run.items('KieAI').map(({ pairedItem }) => pairedItem)).toMatchObject([
			{ item: 0 },
			{ item: 1 },
		]);
	});

	it('puts out what is ready beside what is not', async () => {
		const { executionId } = await halfReady(OUTPUT);
		const run = await world.host.expire(executionId);
		expect(run.error()).toBeUndefined();
		expect(run.json('After')).toMatchObject([
			{ status: 'succeeded', videoUrl: expect.any(String) },
			{ status: 'timedOut', videoUrl: null },
		]);
	});

	itNative('fails for a task that has failed meanwhile', async () => {
		const parked = await world.begin(
			{ ...OUTPUT, ...PROMPTS },
			{ items: items({ prompt: 'fail: too dark, takes 0.1 s' }, { prompt: 'takes 9999 s' }) },
		);
		await world.sandbox.advance(1);
		await world.sandbox.settled();
		await world.host.until(parked.executionId, 'waiting');
		const run = await world.host.expire(parked.executionId);
		expect(run.status).toBe('error');
		expect(errorText(run)).toContain('too dark');
		for (const id of taskIds()) expect(errorText(run)).toContain(id);
	});

	it('counts an upgrade that calls somebody else as timed out too', async () => {
		const [theirs, ours] = [world.sandbox.addTask().id, world.sandbox.addTask().id];
		await world.run({ operation: 'get4k', taskId: theirs, waitForResult: 'none' });
		const run = await expired(
			{ operation: 'get4k', taskId: '={{ $json.id }}', onTimeout: 'output' },
			{ items: items({ id: theirs }, { id: ours }) },
		);
		expect(run.json('After')).toMatchObject([
			{ status: 'timedOut', videoTaskId: theirs },
			{ status: 'timedOut', videoTaskId: ours },
		]);
	});

	it('does not pause at all with a timeout of 0', async () => {
		const run = await world.begin({ ...OUTPUT, options: { timeout: 0 } });
		expect(run.status).toBe('success');
		expect(run.json('After')).toMatchObject([{ status: 'timedOut', taskId: taskIds()[0] }]);
	});
});

describe('What was not ready in time is picked up for free', () => {
	it('by Get, a generated video', async () => {
		const late = (await expired(OUTPUT)).json('After');
		await world.sandbox.advance(3600);
		const run = await world.run({ operation: 'get' }, { items: items(...late) });
		expect(run.json('KieAI')).toMatchObject([{ status: 'succeeded', taskId: taskIds()[0] }]);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it.each(['own', 'source', 'untold'] as const)('by Get 4K, a 4K film by its %s ID', async (id) => {
		world.sandbox.configure({ upgrade4kTaskId: id });
		const source = world.sandbox.addTask().id;
		const parameters = { operation: 'get4k', taskId: source, onTimeout: 'output' };
		const late = (await expired(parameters)).json('After');
		expect(late).toMatchObject([{ status: 'timedOut', videoTaskId: source }]);
		await world.sandbox.advance(3600);
		const run = await world.begin({ operation: 'get4k' }, { items: items(...late) });
		expect(run.status).toBe('success');
		expect(run.json('After')).toMatchObject([{ status: 'succeeded', videoTaskId: source }]);
		expect(world.sandbox.ledger).toHaveLength(1);
	});
});

it.each(['own', 'source', 'untold'] as const)(
	'A 4K upgrade that has failed meanwhile is not bought again and again by picking it up: by its %s ID',
	async (upgrade4kTaskId) => {
		world.sandbox.configure({ upgrade4kTaskId });
		for (const account of world.sandbox.accounts()) account.hmacKey = 'another key';
		const { id } = world.sandbox.addTask({ prompt: 'fail 4k' });
		const parameters = { operation: 'get4k', taskId: id, onTimeout: 'output' };
		let late = (await expired(parameters)).json('After');
		await world.sandbox.advance(3600);
		for (let turn = 0; turn < 3; turn++) {
			const pickUp = { operation: 'get4k', waitForResult: 'none' };
			const run = await world.run(pickUp, { items: items(...late) });
			if (run.error() !== undefined) break;
			late = run.json('KieAI');
			await world.sandbox.advance(3600);
		}
		// Where no ID of its own is told, one check may be taken for a new request; no second one.
		expect(world.sandbox.ledger).toHaveLength(upgrade4kTaskId === 'own' ? 1 : 2);
	},
);

itNative(
	'A person’s Retry of an execution that timed out repeats the error, and charges nothing',
	async () => {
		const failed = await expired(GENERATE);
		const run = await world.host.retry(failed.executionId).result;
		expect(run.error('KieAI')?.message).toBe(failed.error('KieAI')?.message);
		expect(world.sandbox.ledger).toHaveLength(1);
	},
);
