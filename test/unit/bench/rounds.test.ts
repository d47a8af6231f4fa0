import { takeTurns, WARM_UP_ROUNDS } from '../../bench/rounds';

const progress = { begin: jest.fn(), tell: jest.fn(), succeed: jest.fn(), fail: jest.fn() };
const size = (n: number, rounds: number) => ({ label: `${n}`, n, rounds });

it('warms up at the smallest size, and takes turns in both directions', async () => {
	const ran: string[] = [];
	const contestants = ['a', 'b'].map((name) => ({
		name,
		run: async ({ n }: { n: number }) => {
			ran.push(`${name}${n}`);
			return { ms: ran.length };
		},
	}));
	const { ms } = await takeTurns(contestants, {
		title: '',
		sizes: [size(1, 2), size(5, 1)],
		progress,
	});

	const warmUp = ['b1', 'a1'];
	expect(WARM_UP_ROUNDS).toBe(1);
	expect(ran).toEqual([...warmUp, 'a1', 'b1', 'b1', 'a1', 'a5', 'b5']);
	expect(ms).toEqual([
		{ name: 'a', every: 1, figures: [[3, 6], [7]] },
		{ name: 'b', every: 1, figures: [[4, 5], [8]] },
	]);
});

it('spreads the few rounds that one needs over all', async () => {
	let runs = 0;
	const run = async () => ({ ms: ++runs });
	const contestants = [
		{ name: 'a', run },
		{ name: 'b', run, every: 3 },
	];
	const { ms } = await takeTurns(contestants, { title: '', sizes: [size(1, 5)], progress });
	expect(ms).toEqual([
		{ name: 'a', every: 1, figures: [[3, 5, 6, 8, 9]] },
		{ name: 'b', every: 3, figures: [[4, 7]] },
	]);
});

it.each([
	{ roundSeconds: 1, taken: 12 },
	{ roundSeconds: 2.8, taken: 6 },
	{ roundSeconds: 60, taken: 4 },
])('takes $taken rounds of $roundSeconds s each in 20 s', async ({ roundSeconds, taken }) => {
	jest.useFakeTimers();
	try {
		const run = async () => {
			jest.advanceTimersByTime(roundSeconds * 1000);
			return { ms: 1 };
		};
		const { ms } = await takeTurns([{ name: 'a', run }], {
			title: '',
			sizes: [{ ...size(1, 12), mostSeconds: 20 }],
			progress,
		});
		expect(ms?.[0]?.figures[0]).toHaveLength(taken);
	} finally {
		jest.useRealTimers();
	}
});

it('keeps figures of different things apart', async () => {
	const run = async () => ({ time: 1, memory: 2 });
	const tables = await takeTurns([{ name: 'a', run }], {
		title: '',
		sizes: [size(1, 1)],
		progress,
	});
	expect(tables).toEqual({
		time: [{ name: 'a', every: 1, figures: [[1]] }],
		memory: [{ name: 'a', every: 1, figures: [[2]] }],
	});
});
