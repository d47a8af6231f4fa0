import { errorText, first, items, sent, useWorld } from './support/action';

const world = useWorld();

const GET_1080P = { operation: 'get1080p' };

describe('Veo get 1080p video', () => {
	it('waits for the 1080p film', async () => {
		const source = world.sandbox.addTask();
		const run = await world.run({ ...GET_1080P, taskId: source.id, simplify: false });

		const url = expect.stringContaining(`${source.id}_0_1080p.mp4`);
		expect(first(run)).toMatchObject({
			status: 'succeeded',
			kind: 'upgrade1080p',
			resolution: '1080p',
			videoUrl: url,
			resultUrls: [url],
			taskId: source.id,
			videoTaskId: source.id,
			sourceTaskId: source.id,
			index: 0,
		});
	});

	it("reads 'processing' under code 400 as the wait that it is", async () => {
		const source = world.sandbox.addTask();
		await world.run({ ...GET_1080P, taskId: source.id });
		const codes = sent(world, 'get1080p').map(({ answer }) => answer?.code);
		expect(codes).toContain(400);
		expect(codes.at(-1)).toBe(200);
	});

	it('is free', async () => {
		const source = world.sandbox.addTask();
		await world.run({ ...GET_1080P, taskId: source.id });
		expect(world.sandbox.ledger).toEqual([]);
	});

	it('takes another video of the task by its index', async () => {
		const source = world.sandbox.addTask({ videos: 2 });
		const run = await world.run({ ...GET_1080P, taskId: source.id, index: 1 });
		expect(first(run).videoUrl).toContain(`${source.id}_1_1080p.mp4`);
	});

	it('looks once with Do Not Wait, which starts the upgrade', async () => {
		const source = world.sandbox.addTask();
		const run = await world.run({ ...GET_1080P, taskId: source.id, waitForResult: 'none' });
		expect(first(run)).toMatchObject({ status: 'processing', videoUrl: null });
		expect(sent(world, 'get1080p')).toHaveLength(1);
	});

	it.each([0, 1])(
		'picks up the upgrade of video %i that the input item says is under way',
		async (index) => {
			const source = world.sandbox.addTask({ videos: 2 });
			const parameters = { ...GET_1080P, taskId: source.id, index, waitForResult: 'none' };
			const started = await world.run(parameters);
			const run = await world.run(GET_1080P, { items: items(first(started)) });
			expect(first(run)).toMatchObject({ status: 'succeeded' });
			expect(first(run).videoUrl).toContain(`${source.id}_${index}_1080p.mp4`);
		},
	);

	it('refuses more of them than the user allows before the first is sent', async () => {
		const ids = [world.sandbox.addTask().id, world.sandbox.addTask().id];
		const run = await world.run(
			{ ...GET_1080P, taskId: '={{ $json.id }}', options: { maxNewTasks: 1 } },
			{ items: items(...ids.map((id) => ({ id }))) },
		);
		expect(errorText(run)).toContain("'Maximum New Tasks per Run' is 1");
		expect(world.sandbox.requests).toEqual([]);
	});

	it('is not asked for by an account that has less than the user wants', async () => {
		world.sandbox.accounts().forEach((account) => (account.credits = 9));
		const { id } = world.sandbox.addTask();
		const options = { minimumCreditBalance: 10 };
		const run = await world.run({ ...GET_1080P, taskId: id, options });
		expect(errorText(run)).toContain("The account has 9 credits, and 'Minimum Credit Balance'");
		expect(world.sandbox.requests.map(({ endpoint }) => endpoint)).toEqual(['credit']);
	});

	it('is remembered: what a person’s Retry picks up is no new task', async () => {
		const { id } = world.sandbox.addTask();
		const parameters = { ...GET_1080P, taskId: id, options: { minimumCreditBalance: 10 } };
		world.sandbox.faults.add({ endpoint: 'get1080p', kind: 'code', code: 401, after: 1 });
		const failed = await world.run(parameters);
		const run = await world.run(parameters, { resumeFrom: failed });
		expect(failed.error()).toBeDefined();
		expect(first(run)).toMatchObject({ status: 'succeeded', videoTaskId: id });
		expect(sent(world, 'credit')).toHaveLength(1);
	});

	it("ends with KieAI's words where 400 is not the wait", async () => {
		const source = world.sandbox.addTask();
		world.sandbox.faults.add({
			endpoint: 'get1080p',
			kind: 'code',
			code: 400,
			msg: 'Unsafe image',
		});
		const run = await world.run({ ...GET_1080P, taskId: source.id });
		expect(errorText(run)).toContain('Unsafe image');
		expect(sent(world, 'get1080p')).toHaveLength(1);
	});
});
