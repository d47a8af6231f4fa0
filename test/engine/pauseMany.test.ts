/** Pause Until Callback with several items in one execution: each task is reported once, in order, rightly paired. */
import { GENERATE, items, nodeClock, sent, SIMPLE_KEYS } from './support/action';
import type { Run } from './support/engine';
import { useParkingWorld } from './support/parking';

const world = useParkingWorld();

const PROMPTS = { ...GENERATE, prompt: '={{ $json.prompt }}' };
const UPGRADES = { operation: 'get4k', taskId: '={{ $json.id }}' };
const CONTINUE = { onError: 'continueRegularOutput' as const };

const finished = async (run: Run) => await world.host.until(run.executionId, 'finished');
const deliveries = () => world.sandbox.callbacks.flatMap(({ attempts }) => attempts);
const pairs = (run: Run) => run.items('KieAI').map(({ pairedItem }) => pairedItem);
const inOrder = (count: number) => Array.from({ length: count }, (_, item) => ({ item }));

/** Sources whose 4K takes as long as told, in seconds; a minus makes it fail. */
function sources(...seconds: number[]) {
	return seconds.map((each, n) => {
		const prompt = `4k takes ${Math.abs(each)} s${each < 0 ? ', fail 4k' : ''}`;
		return { id: world.sandbox.addTask({ id: `source_${n}`, prompt }).id };
	});
}

/** What is minutes at KieAI is moments here, and so is what the node waits for other callbacks. */
beforeEach(() => {
	const { sleep } = nodeClock();
	jest
		.spyOn(nodeClock(), 'sleep')
		.mockImplementation(async (ms, signal) => await sleep(ms / 30, signal));
});
afterEach(() => jest.restoreAllMocks());

/** To the node, what takes moments here has taken long enough for a look to make sense. */
function laterOn(): void {
	jest.spyOn(nodeClock(), 'now').mockImplementation(() => Date.now() + 60_000);
}

function expectReported(run: Run, statuses: string[]): void {
	expect(run.error()).toBeUndefined();
	expect(run.runs('After')).toBe(1);
	const reported = run.json('After').map(({ details, ...json }) => details ?? json);
	expect(reported).toEqual(statuses.map((status) => expect.objectContaining({ status })));
	expect(pairs(run)).toEqual(inOrder(statuses.length));
}

describe.each(['own', 'source', 'untold'] as const)(
	'4K upgrades by their %s ID',
	(upgrade4kTaskId) => {
		beforeEach(() => world.sandbox.configure({ upgrade4kTaskId }));

		it.each<[string, number[]]>([
			['in the order of the items', [0.05, 0.1, 0.15]],
			['in the contrary order', [0.15, 0.1, 0.05]],
			['in no order', [0.1, 0.15, 0.05, 0.2]],
			['two at the same moment', [0.1, 0.1]],
			['all at the same moment', [0.1, 0.1, 0.1]],
			['with failures among them', [0.1, -0.05, 0.15, -0.1]],
			['all failing', [-0.1, -0.05]],
		])('are each reported once: %s', async (_how, seconds) => {
			const upgrades = sources(...seconds);
			const parked = await world.begin(UPGRADES, { items: items(...upgrades), node: CONTINUE });
			const run = await finished(parked);

			expectReported(
				run,
				seconds.map((each) => (each < 0 ? 'failed' : 'succeeded')),
			);
			expect(
				run
					.json('After')
					.map(({ details, ...json }) => (details as typeof json | undefined) ?? json),
			).toMatchObject(upgrades.map(({ id }) => ({ videoTaskId: id })));
			expect(sent(world, 'get4k')).toHaveLength(seconds.length);
			expect(world.sandbox.ledger).toHaveLength(seconds.length);
			expect(world.sandbox.requests.length).toBeLessThanOrEqual(3 * seconds.length);
		});

		it('are each reported once, however often KieAI calls back', async () => {
			world.sandbox.configure({ callbackRepeats: 2, callbackConcurrent: true });
			const parked = await world.begin(UPGRADES, {
				items: items(...sources(0.1, 0.05, -0.1)),
				node: CONTINUE,
			});
			expectReported(await finished(parked), ['succeeded', 'succeeded', 'failed']);
			expect(sent(world, 'get4k')).toHaveLength(3);
			await world.sandbox.settled();
		});

		it('are one request for items that ask for the same video, and each item gets the film', async () => {
			const [source = {}] = sources(0.1);
			const parked = await world.begin(UPGRADES, { items: items(source, source, source) });
			expectReported(await finished(parked), Array<string>(3).fill('succeeded'));
			expect(world.sandbox.ledger).toHaveLength(1);
		});

		it('are told apart by index, where they are of one task', async () => {
			const { id } = world.sandbox.addTask({ videos: 2, prompt: '4k takes 0.1 s' });
			const parked = await world.begin(
				{ ...UPGRADES, index: '={{ $json.index }}', simplify: false },
				{ items: items({ id, index: 1 }, { id, index: 0 }) },
			);
			const run = await finished(parked);
			expectReported(run, ['succeeded', 'succeeded']);
			const films = world.sandbox
				.tasks()
				.flatMap(({ source, videos }) =>
					source === undefined ? [] : [{ index: source.index, videoUrl: videos[0]?.url }],
				);
			expect(run.json('After').map(({ index, videoUrl }) => ({ index, videoUrl }))).toEqual(
				films.sort((a, b) => b.index - a.index),
			);
		});
	},
);

describe('A callback that comes while the execution is awake for another', () => {
	/** KieAI takes its time with the first confirmation, so that the second callback meets a running execution: on a busy machine, too. */
	beforeEach(() => world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'delay', ms: 3000 }));

	it('is refused by n8n, comes again, and counts then', async () => {
		world.sandbox.configure({ callbackRetrySeconds: 2 });
		const parked = await world.begin(PROMPTS, {
			items: items({ prompt: 'takes 0.05 s' }, { prompt: 'takes 1.5 s' }),
		});
		expectReported(await finished(parked), ['succeeded', 'succeeded']);
		expect(deliveries().map(({ status }) => status)).toContain(409);
		expect(sent(world, 'recordInfo')).toHaveLength(2);
	});

	it('and is lost for good is caught up with by the next one', async () => {
		world.sandbox.configure({ callbackRetrySeconds: 0.01 });
		const parked = await world.begin(PROMPTS, {
			items: items(
				{ prompt: 'takes 0.05 s' },
				{ prompt: 'takes 1.5 s, lost' },
				{ prompt: 'takes 5 s' },
			),
		});
		laterOn();
		const run = await finished(parked);
		expectReported(run, ['succeeded', 'succeeded', 'succeeded']);
		const lost = world.sandbox.callbacks.map(({ attempts }) =>
			attempts.map(({ status }) => status),
		);
		expect(lost).toContainEqual([409, 409, 409, 409]);
	});
});

it('Twenty items, ready in a burst, take no more than three calls each', async () => {
	world.sandbox.configure({ callbackRetrySeconds: 0.3 });
	const twenty = Array.from({ length: 20 }, (_, n) => ({
		prompt: `takes ${0.1 + (n % 7) / 50} s`,
	}));
	const parked = await world.begin(PROMPTS, { items: items(...twenty) });
	laterOn();
	expectReported(await finished(parked), Array<string>(20).fill('succeeded'));
	expect(world.sandbox.ledger).toHaveLength(20);
	expect(world.sandbox.requests.length).toBeLessThanOrEqual(3 * 20);
});

describe('Where n8n hides its own data, so that the node cannot be run again', () => {
	const begin = async (prompts: object[]) => {
		const at = await world.engine.host({ hideRunData: true });
		const parked = await world.begin(PROMPTS, { at, items: items(...(prompts as [])) });
		return await at.until(parked.executionId, 'finished');
	};

	it('the first callback ends the wait, and its film goes on', async () => {
		const run = await begin([{ prompt: 'takes 0.05 s' }]);
		expect(run.error()).toBeUndefined();
		expect(run.json('After')).toMatchObject([
			{ status: 'succeeded', videoUrl: expect.any(String) },
		]);
		expect(Object.keys(run.json('After')[0] ?? {})).toEqual(SIMPLE_KEYS);
	});

	it('others go on as they are, to be looked at later', async () => {
		const run = await begin([{ prompt: 'takes 9 s' }, { prompt: 'takes 0.05 s' }]);
		expect(run.json('After')).toMatchObject([
			{ status: 'processing', videoUrl: null },
			{ status: 'succeeded' },
		]);
		expect(pairs(run)).toMatchObject([{ item: 0 }, { item: 1 }]);
	});

	it('a failure goes on as an item', async () => {
		const run = await begin([{ prompt: 'fail: too dark, takes 0.05 s' }]);
		expect(run.json('After')).toMatchObject([{ status: 'failed', videoUrl: null }]);
	});
});
