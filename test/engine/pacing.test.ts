import { bodies, first, GENERATE, items, nodeClock, sent, useWorld } from './support/action';

/** Slow enough for the time that requests take not to matter, as they take as long as they take. */
const world = useWorld({ clockScale: 40 });

const LIMIT = 20;
const WINDOW_MS = 10_000;

function mostInOneWindow(times: number[]): number {
	return Math.max(
		...times.map((start) => times.filter((at) => at >= start && at < start + WINDOW_MS).length),
	);
}

describe('100 items in one run', () => {
	it('go at the pace that KieAI allows, side by side, in order', async () => {
		const count = 100;
		const prompts = Array.from({ length: count }, (_, n) => `Film number ${n}`);
		const run = await world.run(
			// Seconds of real time pass before the first check: many times what the requests take.
			{ ...GENERATE, prompt: '={{ $json.prompt }}', options: { firstCheckAfter: 200 } },
			{ items: items(...prompts.map((prompt) => ({ prompt }))) },
		);

		expect(run.error()).toBeUndefined();
		const requests = sent(world, 'generate');
		expect(requests).toHaveLength(count);
		expect(mostInOneWindow(requests.map(({ at }) => at))).toBeLessThanOrEqual(LIMIT);
		expect(world.sandbox.requests.map(({ answer }) => answer?.code)).not.toContain(429);
		expect(world.sandbox.ledger).toHaveLength(count);

		const promptOf = new Map(world.sandbox.tasks().map(({ id, prompt }) => [id, prompt]));
		expect(run.json('KieAI').map(({ taskId }) => promptOf.get(String(taskId)))).toEqual(prompts);
		expect(run.json('KieAI').every(({ status }) => status === 'succeeded')).toBe(true);
		expect(run.items('KieAI').map(({ pairedItem }) => pairedItem)).toEqual(
			prompts.map((_, item) => ({ item })),
		);

		const [firstCheck] = sent(world, 'recordInfo');
		const startedBefore = requests.filter(({ at }) => at < (firstCheck?.at ?? 0));
		expect(startedBefore.length).toBeGreaterThan(2 * LIMIT);
	}, 60_000);
});

describe('Ten 4K upgrades', () => {
	it('are waited for side by side', async () => {
		world.sandbox.configure({ upgrade4kSeconds: 100 });
		const sources = Array.from({ length: 10 }, () => world.sandbox.addTask().id);
		const run = await world.run(
			{ operation: 'get4k', taskId: '={{ $json.id }}', options: { firstCheckAfter: 120 } },
			{ items: items(...sources.map((id) => ({ id }))) },
		);
		expect(run.error()).toBeUndefined();
		expect(world.sandbox.ledger).toHaveLength(10);
		// All are asked for before the first is asked for again.
		const asked = bodies(world, 'get4k').map((body) => (body as { taskId: string }).taskId);
		expect(asked.slice(0, 10).sort()).toEqual([...sources].sort());
	}, 30_000);
});

describe('25 upgrades', () => {
	it.each(['get4k', 'get1080p'] as const)(
		'go at the pace that KieAI allows: %s',
		async (operation) => {
			const sources = Array.from({ length: 25 }, () => world.sandbox.addTask());
			const run = await world.run(
				{ operation, taskId: '={{ $json.id }}', waitForResult: 'none' },
				{ items: items(...sources.map(({ id }) => ({ id }))) },
			);
			expect(run.error()).toBeUndefined();
			const times = sent(world, operation).map(({ at }) => at);
			expect(times).toHaveLength(25);
			expect(mostInOneWindow(times)).toBeLessThanOrEqual(LIMIT);
		},
		20_000,
	);
});

describe('Nine films', () => {
	it('are fetched four at a time', async () => {
		const ms = 500;
		world.sandbox.faults.add({ endpoint: 'file', kind: 'delay', ms, times: 'always' });
		const ids = Array.from({ length: 9 }, () => ({ id: world.sandbox.addTask().id }));
		const run = await world.run(
			{ operation: 'get', taskId: '={{ $json.id }}', download: true },
			{ items: items(...ids) },
		);
		expect(run.items('KieAI').every(({ binary }) => binary?.data !== undefined)).toBe(true);
		const times = sent(world, 'file').map(({ realAt }) => realAt);
		const atOnce = times.map((from) => times.filter((at) => at >= from && at < from + ms).length);
		expect(Math.max(...atOnce)).toBe(4);
	}, 20_000);
});

describe('Between two checks', () => {
	const gaps = () => {
		const times = sent(world, 'recordInfo').map(({ at }) => at);
		return times.slice(1).map((at, n) => at - (times[n] ?? 0));
	};

	it('the interval that the user chose passes', async () => {
		const run = await world.run({
			...GENERATE,
			options: { firstCheckAfter: 0, pollInterval: 40 },
		});
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(gaps()).toHaveLength(2);
		expect(Math.min(...gaps())).toBeGreaterThanOrEqual(39_900);
	}, 20_000);

	it('15 seconds pass unless the user chose others', async () => {
		const sleep = jest.spyOn(nodeClock(), 'sleep');
		await world.run({ ...GENERATE, options: { firstCheckAfter: 30 } });
		const pauses = sleep.mock.calls.map(([ms]) => ms);
		sleep.mockRestore();
		expect(Math.min(...gaps())).toBeGreaterThanOrEqual(14_900);
		expect(pauses.slice(1)).toEqual(gaps().map(() => 15_000));
	}, 20_000);

	it('15 seconds pass for Get too, whose first look is at once', async () => {
		const { id } = world.sandbox.addTask({ state: 'running' });
		await world.run({ operation: 'get', taskId: id });
		expect(Math.min(...gaps())).toBeGreaterThanOrEqual(14_900);
	}, 20_000);

	it('and before the first, as long as such a video usually takes', async () => {
		await world.run(GENERATE);
		const [started] = sent(world, 'generate');
		const [checked] = sent(world, 'recordInfo');
		expect((checked?.at ?? 0) - (started?.at ?? 0)).toBeGreaterThanOrEqual(29_900);
		expect(bodies(world, 'generate')).toHaveLength(1);
	}, 20_000);
});
