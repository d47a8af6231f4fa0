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
		{ name: 'a', figures: [[3, 6], [7]] },
		{ name: 'b', figures: [[4, 5], [8]] },
	]);
});

it('lets whoever needs no more take part in the first rounds only', async () => {
	let runs = 0;
	const run = async () => ({ ms: ++runs });
	const contestants = [
		{ name: 'a', run },
		{ name: 'b', run, mostRounds: 1 },
	];
	const { ms } = await takeTurns(contestants, { title: '', sizes: [size(1, 3)], progress });
	expect(ms).toEqual([
		{ name: 'a', figures: [[3, 5, 6]] },
		{ name: 'b', figures: [[4]] },
	]);
});

it.each([
	{ roundSeconds: 1, taken: 8 },
	{ roundSeconds: 4, taken: 6 },
	{ roundSeconds: 60, taken: 5 },
])('takes $taken rounds of $roundSeconds s each in some 20 s', async ({ roundSeconds, taken }) => {
	jest.useFakeTimers();
	try {
		const run = async () => {
			jest.advanceTimersByTime(roundSeconds * 1000);
			return { ms: 1 };
		};
		const { ms } = await takeTurns([{ name: 'a', run }], {
			title: '',
			sizes: [size(1, 8)],
			// The warm-up takes a round's time too.
			mostSeconds: 20 + roundSeconds,
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
		time: [{ name: 'a', figures: [[1]] }],
		memory: [{ name: 'a', figures: [[2]] }],
	});
});
