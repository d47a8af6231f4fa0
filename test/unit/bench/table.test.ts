import { growthOf, reachesOf, type Goal, type Table } from '../../bench/table';

const SIZES = [
	{ label: '1', n: 1 },
	{ label: '10', n: 10 },
	{ label: '100', n: 100 },
];

function table(figures: Record<string, number[][]>, ...goals: Goal[]): Table {
	const subjects = Object.entries(figures).map(([name, each]) => ({ name, figures: each }));
	return { id: 't', title: 'T', how: '', unit: 'ms', sizes: SIZES, subjects, goals };
}

describe('reachesOf', () => {
	const of = (goal: Omit<Goal, 'ours' | 'other'>) =>
		reachesOf(
			table(
				{ we: [[10, 20, 90], [5], [1]], they: [[20, 10, 30], [5], [4]] },
				{ ours: 'we', other: 'they', ...goal },
			),
		);

	it('divides the medians, and the figures round by round', () => {
		const [first] = of({ atMost: 1 });
		expect(first).toMatchObject({ found: 1, reached: 'yes', spread: { median: 2 } });
	});

	it('pairs the figures of one round with each other', () => {
		const subjects = [
			{ name: 'we', figures: [[1, 2, 3, 4, 5, 6]] },
			{ name: 'they', every: 2, figures: [[1, 3, 5]] },
		];
		const sizes = SIZES.slice(0, 1);
		const [reach] = reachesOf({
			...table({}, { ours: 'we', other: 'they', atMost: 1 }),
			sizes,
			subjects,
		});
		const spread = { median: 1, low: 1, high: 1 };
		expect(reach).toMatchObject({ spread, ofMedians: 1, reached: 'yes' });
	});

	it('compares with the bound in all rounds that both have', () => {
		const goal = { ours: 'we', other: 'they', bound: 'n8n', atLeast: 0.9 };
		const subjects = [
			{ name: 'we', figures: [[8, 12, 12, 8]] },
			{ name: 'n8n', figures: [[10, 12, 12, 10]] },
			{ name: 'they', every: 3, figures: [[20, 20]] },
		];
		const [reach] = reachesOf({ ...table({}, goal), sizes: SIZES.slice(0, 1), subjects });
		expect(reach).toMatchObject({ found: 0.4, bound: 0.5, reached: 'bounded' });
	});

	it('judges round by round where told', () => {
		const [first] = of({ atMost: 1, byRound: true });
		expect(first).toMatchObject({ ofMedians: 1, found: 2, reached: 'no' });
	});

	it('subtracts them where the goal is a difference', () => {
		const [first] = of({ within: 5 });
		expect(first).toMatchObject({ found: 0, reached: 'yes', spread: { median: 10 } });
	});

	it.each([
		[{ atMost: 1 }, ['yes', 'yes', 'yes']],
		[{ atMost: 0.9 }, ['no', 'no', 'yes']],
		[{ atLeast: 1 }, ['yes', 'yes', 'no']],
		[{ within: 0 }, ['yes', 'yes', 'yes']],
		[{ within: -1 }, ['no', 'no', 'yes']],
	])('is reached or not at each size: %j', (goal, expected) => {
		expect(of(goal).map(({ reached }) => reached)).toEqual(expected);
	});

	it.each([
		['at least', { atLeast: 0.9 }, [0.45, 0.44, 0.9], 0.5, ['bounded', 'no', 'yes']],
		['at most', { atMost: 1 }, [1.65, 1.66, 1], 1.5, ['bounded', 'no', 'yes']],
		['at least', { atLeast: 0.9 }, [0.85, 0.9, 1], 0.9, ['no', 'yes', 'yes']],
	])('lets a bound excuse only what is at it: %s', (_, goal, ours, bound, expected) => {
		const figures = {
			we: ours.map((each) => [each]),
			they: [[1], [1], [1]],
			n8n: [[bound], [bound], [bound]],
		};
		const reaches = reachesOf(table(figures, { ours: 'we', other: 'they', bound: 'n8n', ...goal }));
		expect(reaches.map(({ reached }) => reached)).toEqual(expected);
		expect(reaches[0]?.bound).toBe(bound);
	});

	it('asks only for the sizes that a goal is for', () => {
		expect(of({ atMost: 1, sizes: ['10'] }).map(({ size }) => size.label)).toEqual(['10']);
	});

	it('takes the figure itself where nobody is compared', () => {
		const [reach] = reachesOf(table({ we: [[3], [2], [2]] }, { ours: 'we', atMost: 2 }));
		expect(reach).toMatchObject({ found: 3, reached: 'no', bound: undefined });
	});

	it('refuses a name that nobody has', () => {
		expect(() => reachesOf(table({ we: [] }, { ours: 'they', atMost: 1 }))).toThrow('they');
	});

	it('takes nothing for not reached', () => {
		const [reach] = reachesOf(table({ we: [[], [], []] }, { ours: 'we', atMost: 2 }));
		expect(reach?.reached).toBe('no');
	});
});

it.each([
	['constant', [100, 105, 95]],
	['falls', [100, 60, 20]],
	['linear', [2, 20, 200]],
	['linear', [102, 120, 300]],
	['less than linear', [2, 20, 100]],
	['worse than linear', [1, 10, 1000]],
])('calls it %s', (growth, [small = 0, middle = 0, large = 0]) => {
	const measured = table({ we: [[small], [middle], [large]] });
	expect(growthOf(measured, { name: 'we', figures: [[small], [middle], [large]] })).toBe(growth);
});

it('takes no difference within the noise for growth', () => {
	const small = { ...table({}), noise: 2 };
	expect(growthOf(small, { name: 'we', figures: [[0.4], [0.4], [2.4]] })).toBe('constant');
	expect(growthOf(small, { name: 'we', figures: [[0.4], [0.4], [2.5]] })).toBe('worse than linear');
});

it('knows no growth of fewer than three sizes', () => {
	const two = { ...table({}), sizes: SIZES.slice(0, 2) };
	expect(growthOf(two, { name: 'we', figures: [[1], [2]] })).toBe('–');
});
