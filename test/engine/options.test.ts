import type { IDataObject } from 'n8n-workflow';

import {
	bodies,
	errorText,
	first,
	GENERATE,
	items,
	RETRY_ON_FAIL,
	sent,
	useWorld,
} from './support/action';

const world = useWorld();

const WITHOUT_WAITING = { ...GENERATE, waitForResult: 'none' };
const BY_ID = { operation: 'get4k', taskId: '={{ $json.id }}', waitForResult: 'none' };

const many = (count: number) => items(...Array.from({ length: count }, () => ({})));

describe('A switch from an expression', () => {
	it.each([
		['false', false],
		['FALSE', false],
		['true', true],
		['', true],
	])("that says '%s' is understood", async (word, translates) => {
		await world.run({ ...WITHOUT_WAITING, options: { translatePrompt: word } });
		expect(bodies(world, 'generate')).toEqual([
			{ prompt: GENERATE.prompt, ...(!translates && { enableTranslation: false }) },
		]);
	});

	it('that says anything else is refused by its name, and nothing is charged', async () => {
		const run = await world.run({ ...GENERATE, download: 'maybe' });
		expect(errorText(run)).toContain("'Download Video' is 'maybe'");
		expect(world.sandbox.ledger).toEqual([]);
	});
});

describe('Only what the user set is sent', () => {
	it('to Generate', async () => {
		await world.run(WITHOUT_WAITING);
		expect(bodies(world, 'generate')).toEqual([{ prompt: GENERATE.prompt }]);
	});

	it('to Extend', async () => {
		const { id } = world.sandbox.addTask();
		await world.run({ operation: 'extend', taskId: id, prompt: 'On', waitForResult: 'none' });
		expect(bodies(world, 'extend')).toEqual([{ taskId: id, prompt: 'On' }]);
	});

	it('to Get 4K', async () => {
		const { id } = world.sandbox.addTask();
		await world.run({ operation: 'get4k', taskId: id, waitForResult: 'none' });
		expect(bodies(world, 'get4k')).toEqual([{ taskId: id }]);
	});

	it('to Get 1080p', async () => {
		const { id } = world.sandbox.addTask();
		await world.run({ operation: 'get1080p', taskId: id, waitForResult: 'none' });
		expect(sent(world, 'get1080p').map(({ query }) => query)).toEqual([{ taskId: id }]);
	});

	it('where options stand at their defaults', async () => {
		await world.run({
			...WITHOUT_WAITING,
			model: 'fast',
			generationType: 'TEXT_2_VIDEO',
			aspectRatio: '16:9',
			options: { watermark: '', translatePrompt: true, maxNewTasks: 100, timeout: 15 },
		});
		expect(bodies(world, 'generate')).toEqual([{ prompt: GENERATE.prompt }]);
	});

	it('and all that the user set', async () => {
		await world.run({
			...WITHOUT_WAITING,
			model: 'lite',
			aspectRatio: '9:16',
			options: { seed: 12_345, watermark: 'My Brand', translatePrompt: false },
		});
		expect(bodies(world, 'generate')).toEqual([
			{
				prompt: GENERATE.prompt,
				model: 'veo3_lite',
				aspect_ratio: '9:16',
				seeds: 12_345,
				watermark: 'My Brand',
				enableTranslation: false,
			},
		]);
	});

	it('and all that the user set, to Extend', async () => {
		const { id } = world.sandbox.addTask();
		await world.run({
			operation: 'extend',
			taskId: id,
			prompt: 'On',
			model: 'lite',
			waitForResult: 'none',
			options: { seed: 99_999, watermark: 'My Brand' },
		});
		expect(bodies(world, 'extend')).toEqual([
			{ taskId: id, prompt: 'On', model: 'lite', seeds: 99_999, watermark: 'My Brand' },
		]);
	});
});

describe('Minimum Credit Balance', () => {
	const setCredits = (credits: number) =>
		world.sandbox.accounts().forEach((account) => (account.credits = credits));
	const withMinimum = (parameters: IDataObject, minimumCreditBalance: number) => ({
		...parameters,
		options: { minimumCreditBalance },
	});

	it('stops the run before anything is charged', async () => {
		setCredits(499);
		const run = await world.run(withMinimum(GENERATE, 500), { items: many(3) });
		expect(errorText(run)).toContain(
			"The account has 499 credits, and 'Minimum Credit Balance' is 500",
		);
		expect(world.sandbox.requests.map(({ endpoint }) => endpoint)).toEqual(['credit']);
	});

	it('is asked for once in a run', async () => {
		setCredits(500);
		const run = await world.run(withMinimum(WITHOUT_WAITING, 500), { items: many(3) });
		expect(run.error()).toBeUndefined();
		expect(sent(world, 'credit')).toHaveLength(1);
		expect(world.sandbox.ledger).toHaveLength(3);
	});

	it('is not asked for unless the user set it', async () => {
		await world.run(WITHOUT_WAITING);
		expect(sent(world, 'credit')).toEqual([]);
	});

	it('does not refuse what was paid for before, and is not asked for then', async () => {
		setCredits(100);
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'code', code: 401 });
		const run = await world.run(withMinimum(GENERATE, 100), { node: RETRY_ON_FAIL });
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(sent(world, 'credit')).toHaveLength(1);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('stops the run where the balance cannot be told', async () => {
		world.sandbox.faults.add({ endpoint: 'credit', kind: 'code', code: 401, msg: 'No access' });
		const run = await world.run(withMinimum(GENERATE, 500));
		expect(errorText(run)).toContain('No access');
		expect(world.sandbox.ledger).toEqual([]);
	});
});

describe('Maximum New Tasks per Run', () => {
	it('refuses a longer list before the first is sent', async () => {
		const run = await world.run(
			{ ...WITHOUT_WAITING, options: { maxNewTasks: 2 } },
			{ items: many(3) },
		);
		expect(errorText(run)).toContain(
			"This run would start 3 tasks that cost credits, and 'Maximum New Tasks per Run' is 2",
		);
		expect(errorText(run)).toContain('Nothing was sent.');
		expect(world.sandbox.requests).toEqual([]);
	});

	it('is 100 unless told', async () => {
		const run = await world.run(WITHOUT_WAITING, { items: many(101) });
		expect(errorText(run)).toContain("'Maximum New Tasks per Run' is 100");
		expect(world.sandbox.requests).toEqual([]);
	});

	it('counts a video that several items name once', async () => {
		const { id } = world.sandbox.addTask();
		const run = await world.run(
			{ ...BY_ID, options: { maxNewTasks: 1 } },
			{ items: items({ id }, { id }) },
		);
		expect(run.error()).toBeUndefined();
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('does not count what a Retry picks up', async () => {
		const limited = (maxNewTasks: number) => ({ ...GENERATE, options: { maxNewTasks } });
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'code', code: 401, times: 2 });
		const failed = await world.run(limited(2), { items: many(2) });
		const run = await world.run(limited(1), { items: many(2), resumeFrom: failed });
		expect(run.json('KieAI')).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }]);
		expect(world.sandbox.ledger).toHaveLength(2);
	});

	it('does not limit what is free', async () => {
		const tasks = Array.from({ length: 101 }, () => world.sandbox.addTask());
		const run = await world.run(
			{ operation: 'get', taskId: '={{ $json.id }}', waitForResult: 'none' },
			{ items: items(...tasks.map(({ id }) => ({ id }))) },
		);
		expect(run.json('KieAI')).toHaveLength(101);
	});

	it('becomes an error item for each item where the user chose to go on', async () => {
		const run = await world.run(
			{ ...WITHOUT_WAITING, options: { maxNewTasks: 1 } },
			{ items: many(2), node: { onError: 'continueRegularOutput' } },
		);
		expect(run.json('KieAI').map((json) => Object.keys(json))).toEqual(
			Array(2).fill(['error', 'message', 'details']),
		);
		expect(world.sandbox.ledger).toEqual([]);
	});
});

describe('The output pane', () => {
	const hints = async (parameters: IDataObject) =>
		(await world.run(parameters)).hints('KieAI').map(({ message }) => message);

	it('warns of an interval below what KieAI asks for', async () => {
		expect(await hints({ ...GENERATE, options: { pollInterval: 5 } })).toContain(
			"KieAI asks for at least 15 seconds between two checks; 'Poll Interval (Seconds)' is 5.",
		);
	});

	it('does not warn of one that KieAI likes', async () => {
		expect(await hints({ ...GENERATE, options: { pollInterval: 15 } })).not.toContainEqual(
			expect.stringContaining('between two checks'),
		);
	});

	it('says how long KieAI keeps a 4K film that was not downloaded', async () => {
		const get4k = { operation: 'get4k', taskId: world.sandbox.addTask().id };
		expect(await hints(get4k)).toContainEqual(expect.stringContaining('for 14 days'));
		expect(await hints({ ...get4k, download: true })).toEqual([]);
	});

	it('says nothing of it after a new video, which is more often upgraded than kept', async () => {
		expect(await hints(GENERATE)).toEqual([]);
	});
});
