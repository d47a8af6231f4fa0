import { bodies, first, GENERATE, items, sent, useWorld } from './support/action';

/** Slow enough for the time that requests take not to matter, as they take as long as they take. */
const world = useWorld({ clockScale: 40 });

const LIMIT = 20;
const WINDOW_MS = 10_000;

function mostInOneWindow(times: number[]): number {
	return Math.max(
		...times.map((start) => times.filter((at) => at >= start && at < start + WINDOW_MS).length),
	);
}

async function sandboxSeconds(run: () => Promise<unknown>): Promise<number> {
	const startedAt = world.sandbox.now();
	await run();
	return (world.sandbox.now() - startedAt) / 1000;
}

describe('100 items in one run', () => {
	it('go at the pace that KieAI allows, side by side, in order', async () => {
		const count = 100;
		const single = await sandboxSeconds(async () => await world.run(GENERATE));
		await world.sandbox.reset();

		const prompts = Array.from({ length: count }, (_, n) => `Film number ${n}`);
		let run: Awaited<ReturnType<typeof world.run>> | undefined;
		const all = await sandboxSeconds(async () => {
			run = await world.run(
				{ ...GENERATE, prompt: '={{ $json.prompt }}' },
				{ items: items(...prompts.map((prompt) => ({ prompt }))) },
			);
		});

		expect(run?.error()).toBeUndefined();
		const requests = sent(world, 'generate');
		expect(requests).toHaveLength(count);
		expect(mostInOneWindow(requests.map(({ at }) => at))).toBeLessThanOrEqual(LIMIT);
		expect(world.sandbox.requests.map(({ answer }) => answer?.code)).not.toContain(429);
		expect(world.sandbox.ledger).toHaveLength(count);

		const promptOf = new Map(world.sandbox.tasks().map(({ id, prompt }) => [id, prompt]));
		expect(run?.json('KieAI').map(({ taskId }) => promptOf.get(String(taskId)))).toEqual(prompts);
		expect(run?.json('KieAI').every(({ status }) => status === 'succeeded')).toBe(true);
		expect(run?.items('KieAI').map(({ pairedItem }) => pairedItem)).toEqual(
			prompts.map((_, item) => ({ item })),
		);

		const pacingSeconds = ((count / LIMIT - 1) * WINDOW_MS) / 1000;
		expect(all).toBeLessThanOrEqual(pacingSeconds + 1.5 * single);
	}, 60_000);
});

describe('Ten 4K upgrades', () => {
	it('take as long as one', async () => {
		world.sandbox.configure({ clockScale: 40, upgrade4kSeconds: 100 });
		const upgrade = { operation: 'get4k', options: { firstCheckAfter: 60 } };
		const alone = world.sandbox.addTask();
		const single = await sandboxSeconds(
			async () => await world.run({ ...upgrade, taskId: alone.id }),
		);
		const sources = Array.from({ length: 10 }, () => world.sandbox.addTask());
		const all = await sandboxSeconds(
			async () =>
				await world.run(
					{ ...upgrade, taskId: '={{ $json.id }}' },
					{ items: items(...sources.map(({ id }) => ({ id }))) },
				),
		);
		expect(world.sandbox.ledger).toHaveLength(11);
		expect(all).toBeLessThanOrEqual(1.5 * single);
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
		await world.run({ ...GENERATE, options: { firstCheckAfter: 30 } });
		expect(Math.min(...gaps())).toBeGreaterThanOrEqual(14_900);
		expect(Math.max(...gaps())).toBeLessThan(20_000);
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
