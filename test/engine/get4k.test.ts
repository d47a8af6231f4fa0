import { bodies, errorText, first, FOREVER_SECONDS, items, sent, useWorld } from './support/action';

const world = useWorld();

const GET_4K = { operation: 'get4k' };

describe.each(['source', 'own'] as const)(
	"Veo get 4K video, where KieAI answers with the %s's task ID",
	(upgrade4kTaskId) => {
		beforeEach(() => world.sandbox.configure({ upgrade4kTaskId }));

		it('waits for the 4K film and is charged once', async () => {
			const source = world.sandbox.addTask();
			const run = await world.run({ ...GET_4K, taskId: source.id, simplify: false });

			const upgrade = world.sandbox.tasks().find(({ kind }) => kind === 'upgrade4k');
			expect(first(run)).toMatchObject({
				status: 'succeeded',
				kind: 'upgrade4k',
				resolution: '4K',
				videoUrl: upgrade?.videos[0]?.url,
				resultUrls: [upgrade?.videos[0]?.url],
				taskId: upgrade?.id,
				videoTaskId: source.id,
				sourceTaskId: source.id,
				index: 0,
			});
			expect(world.sandbox.ledger).toMatchObject([{ operation: 'upgrade4k', credits: 120 }]);
		});

		it('leaves at once with Do Not Wait', async () => {
			const source = world.sandbox.addTask();
			const run = await world.run({ ...GET_4K, taskId: source.id, waitForResult: 'none' });
			expect(first(run)).toMatchObject({
				status: 'processing',
				taskId: world.sandbox.ledger[0]?.taskId,
				videoTaskId: source.id,
				videoUrl: null,
			});
			expect(sent(world, 'get4k')).toHaveLength(1);
		});

		it('reads 422 with a result as the success that it is', async () => {
			const source = world.sandbox.addTask();
			await world.run({ ...GET_4K, taskId: source.id });
			const run = await world.run({ ...GET_4K, taskId: source.id });

			expect(sent(world, 'get4k').at(-1)?.answer?.code).toBe(422);
			expect(first(run)).toMatchObject({ status: 'succeeded', videoTaskId: source.id });
			expect(first(run).imageUrls).toHaveLength(1);
			expect(world.sandbox.ledger).toHaveLength(1);
		});

		it('picks up an upgrade that is under way without paying again', async () => {
			const source = world.sandbox.addTask();
			const started = await world.run({ ...GET_4K, taskId: source.id, waitForResult: 'none' });
			const run = await world.run(GET_4K, { items: items(first(started)) });
			expect(first(run)).toMatchObject({ status: 'succeeded', videoTaskId: source.id });
			expect(world.sandbox.ledger).toHaveLength(1);
		});

		it("fails in KieAI's words when the upgrade fails", async () => {
			world.sandbox.configure({ repeatAfterFailed4k: 'refuse' });
			const source = world.sandbox.addTask({ prompt: 'fail 4k' });
			const run = await world.run({ ...GET_4K, taskId: source.id });

			expect(errorText(run)).toContain(
				'The 4K version of this video is unavailable. Please try a different video.',
			);
			expect(errorText(run)).toContain('may be charged again');
			expect(errorText(run)).toContain(source.id);
			expect(world.sandbox.ledger).toHaveLength(1);
		});
	},
);

describe('Veo get 4K video', () => {
	it('looks without side effects where the upgrade has an ID of its own', async () => {
		world.sandbox.configure({ upgrade4kTaskId: 'own' });
		const source = world.sandbox.addTask({ prompt: 'fail 4k' });
		await world.run({ ...GET_4K, taskId: source.id });
		expect(sent(world, 'get4k')).toHaveLength(1);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('ends at once when KieAI took a check for a new request', async () => {
		const source = world.sandbox.addTask({ prompt: 'fail 4k' });
		const run = await world.run({ ...GET_4K, taskId: source.id });
		expect(errorText(run)).toContain('the first upgrade has failed');
		expect(errorText(run)).toContain(`'Get 4K' with the Task ID '${source.id}' again`);
		expect(errorText(run)).not.toContain('may be charged again');
		expect(world.sandbox.ledger).toHaveLength(2);
		expect(sent(world, 'get4k').at(-1)?.answer?.code).toBe(200);
	});

	it.each(['source', 'own'] as const)(
		'tells, and logs, the task that KieAI made of a check (%s task ID)',
		async (upgrade4kTaskId) => {
			world.sandbox.configure({ upgrade4kTaskId });
			const unknown = { code: 422, msg: 'record is null', times: 'always' } as const;
			world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'code', ...unknown });
			const source = world.sandbox.addTask({ prompt: 'fail 4k' });
			const run = await world.run({ ...GET_4K, taskId: source.id });

			const made = world.sandbox.ledger[1]?.taskId;
			expect(world.sandbox.ledger).toHaveLength(2);
			expect(errorText(run)).toContain(
				upgrade4kTaskId === 'own'
					? `and the new one (${made}) may have been charged`
					: `and the new one may have been charged (task ${source.id})`,
			);
			const accepted = run.log.filter(({ message }) => message.startsWith('KieAI accepted task'));
			expect(accepted.map(({ meta }) => meta)).toEqual(
				world.sandbox.ledger.map(({ taskId }) =>
					expect.objectContaining({ taskId, videoTaskId: source.id, itemIndex: 0 }),
				),
			);
		},
	);

	it.each(['own', 'source'] as const)(
		'picks up both upgrades of one task (%s task ID)',
		async (id) => {
			world.sandbox.configure({ upgrade4kTaskId: id });
			const source = world.sandbox.addTask({ videos: 2 });
			const byIndex = { ...GET_4K, taskId: source.id, index: '={{ $json.index }}' };
			const started = await world.run(
				{ ...byIndex, waitForResult: 'none' },
				{ items: items({ index: 0 }, { index: 1 }) },
			);
			const run = await world.run(
				{ ...GET_4K, taskId: '={{ $json.videoTaskId }}' },
				{ items: started.items('KieAI') },
			);
			const films = run.json('KieAI').map(({ taskId, videoUrl }) => [taskId, videoUrl]);
			const made = world.sandbox.tasks().filter(({ kind }) => kind === 'upgrade4k');
			expect(films).toEqual(made.map(({ id, videos }) => [id, videos[0]?.url]));
			expect(world.sandbox.ledger).toHaveLength(2);
		},
	);

	it('says with which index an upgrade is picked up that has timed out, and an item tells it', async () => {
		world.sandbox.configure({ upgrade4kSeconds: 100_000 });
		const { id } = world.sandbox.addTask({ videos: 2 });
		const parameters = { ...GET_4K, taskId: id, index: 1 };
		const stopped = await world.run(parameters);
		expect(errorText(stopped)).toContain(`'Get 4K' with the Task ID '${id}' and the Video Index 1`);
		const late = await world.run({ ...parameters, onTimeout: 'output' });
		expect(first(late)).toMatchObject({ status: 'timedOut', index: 1 });
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it.each([
		['own', 0, 1],
		['source', 0, 1],
		['own', 1, 2],
		['source', 1, 2],
	] as const)(
		'upgrades another video of a task than the item’s where the index says so (%s task ID, %i and %i)',
		async (upgrade4kTaskId, index, other) => {
			world.sandbox.configure({ upgrade4kTaskId });
			const { id } = world.sandbox.addTask({ videos: 3 });
			const parameters = { ...GET_4K, taskId: id };
			const started = await world.run({ ...parameters, index, waitForResult: 'none' });
			const run = await world.run(
				{ ...parameters, index: other },
				{ items: items(first(started)) },
			);
			const made = world.sandbox.tasks().filter(({ source }) => source?.index === other);
			expect(first(run)).toMatchObject({ index: other, videoUrl: made[0]?.videos[0]?.url });
			expect(world.sandbox.ledger).toHaveLength(2);
		},
	);

	it.each([-1, 1.5, 1_000, 'row 7'])(
		'takes an index that is none for another node’s: %p',
		async (index) => {
			const { id } = world.sandbox.addTask();
			const started = await world.run({ ...GET_4K, taskId: id, waitForResult: 'none' });
			const run = await world.run(GET_4K, { items: items({ ...first(started), index }) });
			expect(first(run)).toMatchObject({ status: 'succeeded', videoTaskId: id });
			expect(world.sandbox.ledger).toHaveLength(1);
		},
	);

	it.each([400, 422, 501])(
		'goes on waiting through a page of a proxy with HTTP %i',
		async (status) => {
			const page = { kind: 'http', status, body: '<html>' } as const;
			world.sandbox.faults.add({ endpoint: 'get4k', after: 1, ...page });
			const run = await world.run({ ...GET_4K, taskId: world.sandbox.addTask().id });
			expect(first(run)).toMatchObject({ status: 'succeeded' });
			expect(world.sandbox.ledger).toHaveLength(1);
		},
	);

	it('asks the call itself where record-info does not know the ID of the upgrade', async () => {
		world.sandbox.configure({ upgrade4kTaskId: 'own' });
		world.sandbox.faults.add({
			endpoint: 'recordInfo',
			kind: 'code',
			code: 422,
			msg: 'record is null',
			times: 'always',
		});
		const source = world.sandbox.addTask();
		const run = await world.run({ ...GET_4K, taskId: source.id });
		expect(first(run)).toMatchObject({ status: 'succeeded', videoTaskId: source.id });
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it("keeps the upgrade's own ID where a later answer names the source's", async () => {
		world.sandbox.configure({ upgrade4kTaskId: 'own', upgrade4kSeconds: 100_000 });
		world.sandbox.faults.add({
			endpoint: 'recordInfo',
			kind: 'code',
			code: 422,
			msg: 'record is null',
			times: 3,
		});
		const source = world.sandbox.addTask();
		const answer = { endpoint: 'get4k', kind: 'code', code: 422 } as const;
		const data = { taskId: source.id, resultUrls: null };
		const msg = '4k is processing. It should be ready in 5-10 minutes.';
		world.sandbox.faults.add({ ...answer, msg, data, after: 1, times: 2 });
		const resultUrls = ['https://tempfile.example/v/4k.mp4'];
		world.sandbox.faults.add({ ...answer, data: { ...data, resultUrls }, after: 3 });
		const run = await world.run({ ...GET_4K, taskId: source.id });

		const ownId = world.sandbox.ledger[0]?.taskId;
		expect(ownId).not.toBe(source.id);
		expect(first(run)).toMatchObject({
			status: 'succeeded',
			videoUrl: resultUrls[0],
			taskId: ownId,
			videoTaskId: source.id,
		});
		// It goes on to be asked for by its own ID first.
		expect(sent(world, 'recordInfo').map(({ query }) => query.taskId)).toEqual(
			Array(3).fill(ownId),
		);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it.each(['16:9', '9:16'] as const)('upgrades %s', async (aspectRatio) => {
		const source = world.sandbox.addTask({ aspectRatio });
		const run = await world.run({ ...GET_4K, taskId: source.id });
		expect(first(run)).toMatchObject({ status: 'succeeded', resolution: '4K' });
	});

	it('takes another video of the task by its index', async () => {
		const source = world.sandbox.addTask({ videos: 2 });
		const run = await world.run({ ...GET_4K, taskId: source.id, index: 1 });
		expect(bodies(world, 'get4k')[0]).toEqual({ taskId: source.id, index: 1 });
		expect(first(run).videoUrl).toContain(`${source.id}_1_`);
	});

	it('says that a source video is not finished', async () => {
		world.sandbox.configure({ videoSeconds: FOREVER_SECONDS });
		const source = world.sandbox.addTask({ state: 'running' });
		const run = await world.run({ ...GET_4K, taskId: source.id });
		expect(errorText(run)).toContain('record status is not success');
		expect(errorText(run)).toContain('The source video is not finished');
		expect(world.sandbox.ledger).toEqual([]);
	});

	it("repeats KieAI's words for a video that cannot be upgraded", async () => {
		const source = world.sandbox.addTask({ fallback: true });
		const run = await world.run({ ...GET_4K, taskId: source.id });
		expect(errorText(run)).toContain('Videos of the legacy fallback path cannot be upgraded');
	});

	it('ends with the final word that KieAI may send under code 500', async () => {
		const msg = 'The 4K version of this video is unavailable. Please try a different video.';
		world.sandbox.faults.add({ endpoint: 'get4k', kind: 'code', code: 500, msg, after: 1 });
		const source = world.sandbox.addTask();
		const run = await world.run({ ...GET_4K, taskId: source.id });
		expect(errorText(run)).toContain(msg);
		expect(sent(world, 'get4k')).toHaveLength(2);
	});
});
