import {
	errorText,
	eventually,
	first,
	FOREVER_SECONDS,
	items,
	sent,
	useWorld,
} from './support/action';

const world = useWorld();

const GET = { operation: 'get' };
const DAY_SECONDS = 24 * 3600;

describe('Veo get video', () => {
	it('outputs a finished video after one look', async () => {
		const task = world.sandbox.addTask();
		const run = await world.run({ ...GET, taskId: task.id });
		expect(first(run)).toMatchObject({
			status: 'succeeded',
			taskId: task.id,
			videoTaskId: task.id,
			videoUrl: task.videos[0]?.url,
			kind: 'video',
		});
		expect(sent(world, 'recordInfo')).toHaveLength(1);
		expect(world.sandbox.ledger).toEqual([]);
	});

	it('waits for a video that is under way', async () => {
		world.sandbox.configure({ videoSeconds: DAY_SECONDS });
		const task = world.sandbox.addTask({ state: 'running' });
		const started = world.start({ ...GET, taskId: task.id, options: { timeout: 1_440 } });
		await eventually(() => sent(world, 'recordInfo')[0]?.answer);
		await world.sandbox.advance(DAY_SECONDS);
		const run = await started.result;
		expect(first(run)).toMatchObject({ status: 'succeeded', videoUrl: task.videos[0]?.url });
		expect(sent(world, 'recordInfo').length).toBeGreaterThan(1);
	});

	it('looks once with Do Not Wait', async () => {
		world.sandbox.configure({ videoSeconds: FOREVER_SECONDS });
		const task = world.sandbox.addTask({ state: 'running' });
		const run = await world.run({ ...GET, taskId: task.id, waitForResult: 'none' });
		expect(first(run)).toMatchObject({ status: 'processing', taskId: task.id, videoUrl: null });
		expect(sent(world, 'recordInfo')).toHaveLength(1);
	});

	it('tells whoever only looks that a video has failed, as an item', async () => {
		const task = world.sandbox.addTask({ state: 'failed' });
		const run = await world.run({
			...GET,
			taskId: task.id,
			waitForResult: 'none',
			simplify: false,
		});
		expect(run.error()).toBeUndefined();
		expect(first(run)).toMatchObject({
			status: 'failed',
			errorMessage: 'Placed as failed',
			errorCode: '400',
		});
	});

	it('fails for whoever waits for a video that has failed', async () => {
		const task = world.sandbox.addTask({ state: 'failedUpstream' });
		const run = await world.run({ ...GET, taskId: task.id });
		expect(run.error()?.message).toBe(`Placed as failed (task ${task.id}) [item 0]`);
	});

	it('keeps the kind that the input item tells', async () => {
		const task = world.sandbox.addTask();
		const item = { taskId: task.id, videoTaskId: task.id, kind: 'generate', status: 'timedOut' };
		const run = await world.run(GET, { items: items(item) });
		expect(first(run)).toMatchObject({ kind: 'generate', status: 'succeeded' });
	});

	it.each([
		['a simplified item', {}, 1],
		['an item that has lost its index', { index: null }, null],
	])('gives a 4K task by its own ID as what it is: %s', async (_name, more, index) => {
		world.sandbox.configure({ upgrade4kTaskId: 'own' });
		const source = world.sandbox.addTask({ videos: 2 });
		const started = await world.run({
			operation: 'get4k',
			taskId: source.id,
			index: 1,
			waitForResult: 'none',
		});
		const { taskId } = first(started);
		const input = items({ ...first(started), ...more });
		const run = await world.run(
			{ ...GET, taskId: '={{ $json.taskId }}', simplify: false },
			{ items: input },
		);
		expect(taskId).not.toBe(source.id);
		expect(first(run)).toMatchObject({
			status: 'succeeded',
			kind: 'upgrade4k',
			resolution: '4K',
			taskId,
			videoTaskId: source.id,
			sourceTaskId: source.id,
			index,
		});
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('takes 501 for the end of a task that failed', async () => {
		world.sandbox.configure({ videoSeconds: FOREVER_SECONDS });
		const { id } = world.sandbox.addTask({ state: 'running' });
		const msg = 'The model returned nothing';
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'code', code: 501, msg, after: 1 });
		const run = await world.run({ ...GET, taskId: id });
		expect(run.error()?.message).toBe(`${msg} (task ${id}) [item 0]`);
		expect(sent(world, 'recordInfo')).toHaveLength(2);
	});

	it('tells whoever only looks of a 501, as an item', async () => {
		world.sandbox.faults.add({
			endpoint: 'recordInfo',
			kind: 'code',
			code: 501,
			msg: 'The model returned nothing',
		});
		const taskId = 'veo_task_1';
		const run = await world.run({ ...GET, taskId, waitForResult: 'none', simplify: false });
		expect(first(run)).toMatchObject({
			status: 'failed',
			taskId,
			errorMessage: 'The model returned nothing',
			errorCode: '501',
		});
	});

	it.each(['succeeded', 'failed'])('takes the source of an upgrade that has %s', async (status) => {
		const { id } = world.sandbox.addTask();
		const upgrade = { taskId: id, videoTaskId: id, kind: 'upgrade4k', status };
		const run = await world.run(GET, { items: items(upgrade) });
		expect(first(run)).toMatchObject({ taskId: id, kind: 'video', status: 'succeeded' });
	});

	it('takes an ID given by hand, whatever the item says of an upgrade', async () => {
		const { id } = world.sandbox.addTask();
		const upgrade = { taskId: id, kind: 'upgrade4k' };
		const item = { ...upgrade, videoTaskId: 'veo_task_of_another', status: 'processing' };
		const byHand = await world.run({ ...GET, taskId: id }, { items: items(item) });
		expect(first(byHand)).toMatchObject({ taskId: id, status: 'succeeded' });
	});

	it('says that a task is not known', async () => {
		const run = await world.run({ ...GET, taskId: 'veo_task_of_nobody' });
		expect(errorText(run)).toContain('record is null');
		expect(errorText(run)).toContain("Check the 'Task ID'");
	});

	it('says that KieAI keeps videos for 14 days', async () => {
		const task = world.sandbox.addTask({ ageSeconds: 15 * DAY_SECONDS });
		const run = await world.run({ ...GET, taskId: task.id });
		expect(errorText(run)).toContain('Temporarily supports records within 14 days');
		expect(errorText(run)).toContain('Generate the video again.');
	});

	it.each(['array', 'json', 'text'] as const)(
		'reads lists that KieAI writes as %s',
		async (arrayShape) => {
			world.sandbox.configure({ arrayShape });
			const task = world.sandbox.addTask({ videos: 2, aspectRatio: '9:16' });
			const run = await world.run({ ...GET, taskId: task.id, simplify: false });
			expect(first(run)).toMatchObject({
				resultUrls: task.videos.map(({ url }) => url),
				originUrls: task.videos.map(({ originUrl }) => originUrl),
			});
		},
	);

	it.each(['number', 'text'] as const)('reads times that KieAI writes as %s', async (timeShape) => {
		world.sandbox.configure({ timeShape });
		const task = world.sandbox.addTask({ ageSeconds: 100 });
		const run = await world.run({ ...GET, taskId: task.id, simplify: false });
		const iso = (ms = 0) =>
			timeShape === 'number'
				? new Date(ms).toISOString()
				: new Date(Math.floor(ms / 1000) * 1000).toISOString();
		expect(first(run)).toMatchObject({
			createdAt: iso(task.createdAt),
			completedAt: iso(task.completedAt),
		});
	});
});
