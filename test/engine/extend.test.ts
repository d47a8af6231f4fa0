import { bodies, errorText, first, items, sent, useWorld } from './support/action';

const world = useWorld();

const EXTEND = { operation: 'extend', prompt: 'The fox jumps' };

describe('Veo extend video', () => {
	it('outputs the full film of the new task', async () => {
		const source = world.sandbox.addTask();
		const run = await world.run({ ...EXTEND, taskId: source.id, simplify: false });

		const task = world.sandbox.tasks().find(({ kind }) => kind === 'extend');
		expect(first(run)).toMatchObject({
			status: 'succeeded',
			kind: 'extend',
			videoUrl: task?.videos[0]?.fullUrl,
			fullResultUrls: [task?.videos[0]?.fullUrl],
			resultUrls: [task?.videos[0]?.url],
			sourceTaskId: source.id,
		});
		expect(world.sandbox.ledger).toMatchObject([{ operation: 'extend', credits: 60 }]);
	});

	it('names the new task as the one to go on with', async () => {
		const source = world.sandbox.addTask();
		const run = await world.run({ ...EXTEND, taskId: source.id, waitForResult: 'none' });
		const taskId = world.sandbox.ledger[0]?.taskId;
		expect(taskId).not.toBe(source.id);
		expect(first(run)).toMatchObject({ status: 'processing', taskId, videoTaskId: taskId });
		expect(sent(world, 'recordInfo')).toEqual([]);
	});

	it('takes the video of the input item unless told', async () => {
		const source = world.sandbox.addTask();
		await world.run(
			{ ...EXTEND, waitForResult: 'none' },
			{ items: items({ videoTaskId: source.id, status: 'succeeded' }) },
		);
		expect(bodies(world, 'extend')).toEqual([expect.objectContaining({ taskId: source.id })]);
	});

	it('sends the model as KieAI calls it', async () => {
		const source = world.sandbox.addTask();
		await world.run({ ...EXTEND, taskId: source.id, model: 'quality', waitForResult: 'none' });
		expect(bodies(world, 'extend')).toEqual([expect.objectContaining({ model: 'quality' })]);
	});

	it("says in KieAI's words that a video taken to 1080p cannot be extended", async () => {
		const source = world.sandbox.addTask();
		await world.run({ operation: 'get1080p', taskId: source.id });
		const run = await world.run({ ...EXTEND, taskId: source.id });
		expect(errorText(run)).toContain('Videos that were upgraded to 1080P cannot be extended');
		expect(world.sandbox.ledger).toEqual([]);
	});

	it('fails in KieAI’s words when the task fails', async () => {
		const source = world.sandbox.addTask();
		const run = await world.run({ ...EXTEND, taskId: source.id, prompt: 'fail: unsafe' });
		expect(run.error()?.message).toMatch(/^unsafe \(task veo_task_\w+\) \[item 0\]$/);
	});
});
