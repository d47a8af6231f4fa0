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
		expect(first).toMatchObject({ found: 1, isReached: true, spread: { median: 2 } });
	});

	it('subtracts them where the goal is a difference', () => {
		const [first] = of({ within: 5 });
		expect(first).toMatchObject({ found: 0, isReached: true, spread: { median: 10 } });
	});

	it.each([
		[{ atMost: 1 }, [true, true, true]],
		[{ atMost: 0.9 }, [false, false, true]],
		[{ atLeast: 1 }, [true, true, false]],
		[{ within: 0 }, [true, true, true]],
		[{ within: -1 }, [false, false, true]],
	])('is reached or not at each size: %j', (goal, reached) => {
		expect(of(goal).map(({ isReached }) => isReached)).toEqual(reached);
	});

	it('asks only for the sizes that a goal is for', () => {
		expect(of({ atMost: 1, sizes: ['10'] }).map(({ size }) => size.label)).toEqual(['10']);
	});

	it('takes the figure itself where nobody is compared', () => {
		const [reach] = reachesOf(table({ we: [[3], [2], [2]] }, { ours: 'we', atMost: 2 }));
		expect(reach).toMatchObject({ found: 3, isReached: false });
	});

	it('refuses a name that nobody has', () => {
		expect(() => reachesOf(table({ we: [] }, { ours: 'they', atMost: 1 }))).toThrow('they');
	});

	it('takes nothing for not reached', () => {
		const [reach] = reachesOf(table({ we: [[], [], []] }, { ours: 'we', atMost: 2 }));
		expect(reach?.isReached).toBe(false);
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

it('knows no growth of fewer than three sizes', () => {
	const two = { ...table({}), sizes: SIZES.slice(0, 2) };
	expect(growthOf(two, { name: 'we', figures: [[1], [2]] })).toBe('–');
});
