import {
	errorText,
	eventually,
	first,
	FOREVER_SECONDS,
	GENERATE,
	items,
	nodeClock,
	sent,
	useWorld,
} from './support/action';

const world = useWorld();

const BY_ID = { taskId: '={{ $json.id }}' };

describe('A wait that times out', () => {
	it('stops with an error that says how to pick the video up', async () => {
		world.sandbox.configure({ videoSeconds: FOREVER_SECONDS });
		const run = await world.run({ ...GENERATE, options: { timeout: 0.5 } });
		const taskId = world.sandbox.ledger[0]?.taskId;
		expect(run.error()).toMatchObject({ name: 'NodeOperationError' });
		expect(errorText(run)).toContain('The video was not ready after 0.5 minutes');
		expect(errorText(run)).toContain(`'Get' with 'Wait for Result' and the Task ID '${taskId}'`);
	});

	it('says of an upgrade that its own operation picks it up', async () => {
		world.sandbox.configure({ upgrade4kSeconds: FOREVER_SECONDS });
		const { id } = world.sandbox.addTask();
		const run = await world.run({ operation: 'get4k', taskId: id, options: { timeout: 1 } });
		expect(errorText(run)).toContain('The video was not ready after 1 minute ');
		expect(errorText(run)).toContain(`'Get 4K' with the Task ID '${id}'`);
	});

	it('outputs an item that has the task where the user chose so', async () => {
		world.sandbox.configure({ videoSeconds: FOREVER_SECONDS });
		const run = await world.run({ ...GENERATE, onTimeout: 'output', options: { timeout: 0.5 } });
		expect(run.error()).toBeUndefined();
		expect(first(run)).toMatchObject({
			status: 'timedOut',
			taskId: world.sandbox.ledger[0]?.taskId,
			videoUrl: null,
			errorMessage: null,
		});
	});

	it('ends when the time is up, not later', async () => {
		// Only sleeping takes time: what a busy machine takes does not count.
		const clock = nodeClock();
		const startedAt = clock.now();
		let now = startedAt;
		const mocks = [
			jest.spyOn(clock, 'now').mockImplementation(() => now),
			jest.spyOn(clock, 'sleep').mockImplementation(async (ms) => void (now += ms)),
		];
		world.sandbox.configure({ videoSeconds: FOREVER_SECONDS });
		const ready = world.sandbox.addTask();
		const endless = world.sandbox.addTask({ state: 'running' });
		const run = await world.run(
			{ operation: 'get', ...BY_ID, onTimeout: 'output', options: { timeout: 5 } },
			{ items: items({ id: ready.id }, { id: endless.id }) },
		);
		mocks.forEach((mock) => mock.mockRestore());
		expect(run.json('KieAI').map(({ status }) => status)).toEqual(['succeeded', 'timedOut']);
		expect(now - startedAt).toBe(300_000);
	});

	it('looks once more at the deadline', async () => {
		const run = await world.run({
			...GENERATE,
			options: { firstCheckAfter: 80_000, timeout: 10 },
		});
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(sent(world, 'recordInfo')).toHaveLength(1);
	});

	it('is picked up with Get for nothing', async () => {
		world.sandbox.configure({ videoSeconds: 600 });
		const timedOut = await world.run({
			...GENERATE,
			onTimeout: 'output',
			options: { timeout: 0.5 },
		});
		const run = await world.run({ operation: 'get' }, { items: items(first(timedOut)) });
		expect(first(timedOut)).toMatchObject({ status: 'timedOut' });
		expect(first(run)).toMatchObject({ status: 'succeeded', taskId: first(timedOut).taskId });
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it.each(['source', 'own', 'untold'] as const)(
		'is picked up with Get 4K for nothing (%s task ID)',
		async (upgrade4kTaskId) => {
			world.sandbox.configure({ upgrade4kTaskId });
			const { id } = world.sandbox.addTask();
			const timedOut = await world.run({
				operation: 'get4k',
				taskId: id,
				onTimeout: 'output',
				options: { timeout: 0.5 },
			});
			const run = await world.run({ operation: 'get4k' }, { items: items(first(timedOut)) });
			expect(first(timedOut)).toMatchObject({ status: 'timedOut' });
			expect(first(run)).toMatchObject({ status: 'succeeded', videoTaskId: id });
			expect(world.sandbox.ledger).toHaveLength(1);
		},
	);
});

describe('Trouble in the middle of a wait', () => {
	it('does not end it', async () => {
		for (const fault of [
			{ kind: 'html' },
			{ kind: 'resetBefore' },
			{ kind: 'truncated' },
			{ kind: 'status429' },
			{ kind: 'code', code: 455 },
			{ kind: 'code', code: 500 },
			{ kind: 'resetMidway', afterBytes: 5 },
		] as const) {
			world.sandbox.faults.add({ endpoint: 'recordInfo', times: 2, ...fault });
		}
		const run = await world.run(GENERATE);
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(world.sandbox.faults.pending()).toEqual([]);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('does not end a wait for 4K, nor is it paid twice', async () => {
		world.sandbox.faults.add({ endpoint: 'get4k', kind: 'html', after: 1, times: 8 });
		const { id } = world.sandbox.addTask();
		const run = await world.run({ operation: 'get4k', taskId: id });
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('is waited out where Retry-After is longer than the interval, and no longer', async () => {
		world.sandbox.configure({ videoSeconds: 400 });
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'status429', retryAfter: 200 });
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'code', code: 500 });
		const { sleep } = nodeClock();
		const pauses = jest
			.spyOn(nodeClock(), 'sleep')
			.mockImplementation(async (...pause) => await sleep(...pause));
		const run = await world.run({
			...GENERATE,
			options: { firstCheckAfter: 0, pollInterval: 20 },
		});
		const asked = pauses.mock.calls.map(([ms]) => ms);
		pauses.mockRestore();
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(asked.slice(1, 3)).toEqual([200_000, 20_000]);
	});

	it('keeps to the interval where Retry-After is shorter', async () => {
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'status429', retryAfter: 1 });
		await world.run({ ...GENERATE, options: { firstCheckAfter: 0, pollInterval: 60 } });
		const [refused = 0, next = 0] = sent(world, 'recordInfo').map(({ at }) => at);
		expect(next - refused).toBeGreaterThanOrEqual(60_000);
	});

	it('does not put off the last look, whatever Retry-After says', async () => {
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'status429', retryAfter: 100_000 });
		const run = await world.run({ ...GENERATE, options: { firstCheckAfter: 0, timeout: 3 } });
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(sent(world, 'recordInfo')).toHaveLength(2);
	});

	it('is told when it lasted until the time was up', async () => {
		world.sandbox.faults.add({
			endpoint: 'recordInfo',
			kind: 'code',
			code: 455,
			msg: 'Maintenance until noon',
			times: 'always',
		});
		const run = await world.run({ ...GENERATE, options: { timeout: 1 } });
		expect(errorText(run)).toContain('was not ready after 1 minute');
		expect(errorText(run)).toContain('The last check said: Maintenance until noon.');
		expect(errorText(run)).toContain(world.sandbox.ledger[0]?.taskId);
	});

	it('ends it where asking again cannot help, with the task ID', async () => {
		world.sandbox.faults.add({
			endpoint: 'recordInfo',
			kind: 'code',
			code: 401,
			msg: 'Key revoked',
			times: 'always',
		});
		const run = await world.run(GENERATE);
		expect(run.error()?.message).toBe(
			`Key revoked (task ${world.sandbox.ledger[0]?.taskId}) [item 0]`,
		);
		expect(sent(world, 'recordInfo')).toHaveLength(1);
	});
});

describe('Stop', () => {
	it('ends the wait at once, and nothing is asked for any more', async () => {
		world.sandbox.configure({ videoSeconds: FOREVER_SECONDS });
		const started = world.start({
			...GENERATE,
			options: { firstCheckAfter: 0, pollInterval: 1, timeout: 1_440 },
		});
		await new Promise<void>((resolve) => {
			world.sandbox.on('request', ({ endpoint }) => endpoint === 'recordInfo' && resolve());
		});
		const stoppedAt = Date.now();
		started.cancel();
		const run = await started.result;
		const took = Date.now() - stoppedAt;
		const before = sent(world, 'recordInfo').length;
		// Another run takes many times as long as the stopped one's interval.
		await world.run({ operation: 'get4k', taskId: world.sandbox.addTask().id });

		expect(run.status).not.toBe('success');
		expect(took).toBeLessThan(2_000);
		expect(sent(world, 'recordInfo').length - before).toBeLessThanOrEqual(1);
	});

	it.each([
		['generate', 'before', GENERATE],
		['generate', 'after', GENERATE],
		['extend', 'after', { operation: 'extend', prompt: 'On', taskId: 'source' }],
		['get4k', 'before', { operation: 'get4k', taskId: 'source' }],
		['get4k', 'after', { operation: 'get4k', taskId: 'source' }],
	] as const)(
		'ends the run, not a charged request that is under way (%s, slow %s the work)',
		async (endpoint, when, parameters) => {
			const slowMs = 800;
			world.sandbox.addTask({ id: 'source' });
			world.sandbox.faults.add({ endpoint, kind: 'delay', ms: slowMs, when });
			const from = world.engine.log.length;
			const started = world.start(parameters);
			const request = await eventually(() => sent(world, endpoint)[0]);
			started.cancel();
			const run = await started.result;
			const answerCame = request.answer !== undefined;
			const stoppedAfter = Date.now() - request.realAt;
			const line = await eventually(() =>
				world.engine.log.slice(from).find(({ message }) => message.startsWith('KieAI accepted')),
			);

			expect(run.status).toBe('canceled');
			expect(answerCame).toBe(false);
			expect(stoppedAfter).toBeLessThan(slowMs);
			expect(request.answer).toMatchObject({ code: 200 });
			expect(sent(world, endpoint)).toHaveLength(1);
			expect(world.sandbox.ledger).toHaveLength(1);
			expect(line).toMatchObject({
				level: 'info',
				meta: { taskId: world.sandbox.ledger[0]?.taskId, executionId: started.executionId },
			});
		},
	);

	it('starts no further task', async () => {
		const started = world.start(GENERATE, {
			items: items(...Array.from({ length: 60 }, () => ({}))),
		});
		await new Promise<void>((resolve) => {
			world.sandbox.on('request', ({ endpoint }) => endpoint === 'generate' && resolve());
		});
		started.cancel();
		await started.result;
		await world.run({ operation: 'get4k', taskId: world.sandbox.addTask().id });
		// The first twenty are sent side by side; nothing takes back what is on its way.
		expect(sent(world, 'generate').length).toBeLessThanOrEqual(20);
	});

	it('leaves the execution as cancelled, not as failed', async () => {
		world.sandbox.configure({ videoSeconds: FOREVER_SECONDS });
		const started = world.start({ ...GENERATE, options: { timeout: 1_440 } });
		await new Promise<void>((resolve) => {
			world.sandbox.on('request', ({ endpoint }) => endpoint === 'recordInfo' && resolve());
		});
		started.cancel();
		expect((await started.result).status).toBe('canceled');
	});
});

describe('Several items', () => {
	it('come out in the order of the input, whichever is ready first', async () => {
		world.sandbox.configure({ videoSeconds: 200 });
		const tasks = [0, 60, 120, 180].map((ageSeconds) =>
			world.sandbox.addTask({ state: 'running', ageSeconds }),
		);
		const run = await world.run(
			{ operation: 'get', ...BY_ID },
			{ items: items(...tasks.map(({ id }) => ({ id }))) },
		);
		expect(run.json('KieAI').map(({ taskId }) => taskId)).toEqual(tasks.map(({ id }) => id));
		expect(run.items('KieAI').map(({ pairedItem }) => pairedItem)).toEqual(
			tasks.map((_, item) => ({ item })),
		);
	});

	it.each([
		['get4k', 'get4k', 1],
		['get1080p', 'get1080p', 0],
		['get', 'recordInfo', 0],
	] as const)('that name one video are one request: %s', async (operation, endpoint, charges) => {
		const { id } = world.sandbox.addTask();
		const run = await world.run(
			{ operation, ...BY_ID, waitForResult: 'none' },
			{ items: items({ id }, { id }, { id }) },
		);
		expect(sent(world, endpoint)).toHaveLength(1);
		expect(run.json('KieAI').map(({ videoTaskId }) => videoTaskId)).toEqual([id, id, id]);
		expect(run.items('KieAI').map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		expect(world.sandbox.ledger).toHaveLength(charges);
	});

	it('that name one video each get the finished film', async () => {
		const { id } = world.sandbox.addTask();
		const run = await world.run(
			{ operation: 'get4k', ...BY_ID, download: true },
			{ items: items({ id }, { id }) },
		);
		expect(run.items('KieAI').map(({ binary }) => binary?.data?.fileName)).toEqual([
			`${id}-4K.mp4`,
			`${id}-4K.mp4`,
		]);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('that name different videos of one task are different requests', async () => {
		const { id } = world.sandbox.addTask({ videos: 2 });
		const run = await world.run(
			{ operation: 'get4k', ...BY_ID, index: '={{ $json.index }}' },
			{ items: items({ id, index: 1 }, { id, index: 0 }) },
		);
		expect(run.json('KieAI').map(({ videoUrl }) => videoUrl)).toEqual([
			expect.stringContaining(`${id}_1_`),
			expect.stringContaining(`${id}_0_`),
		]);
		expect(world.sandbox.ledger).toHaveLength(2);
	});
});
