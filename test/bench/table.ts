/** What a measure finds: raw figures by subject and size, and what they must reach. */
import { type Spread, spreadOf } from './stats';

export interface Table {
	/** Names its chart. */
	id: string;
	title: string;
	/** What is measured, and how: a paragraph for the page. */
	how: string;
	unit: string;
	/** Whatever lies between sizes by no more than this, in the unit, is no growth. */
	noise?: number;
	/** What grows from column to column, the smallest first. */
	sizes: Size[];
	/** Ours first. */
	subjects: Subject[];
	goals: Goal[];
}

export interface Size {
	label: string;
	/** For how cost grows with it. */
	n: number;
}

export interface Subject {
	name: string;
	/** Has a figure of one in so many rounds, the first among them; of each unless told. */
	every?: number;
	/** One list for each size, round by round. */
	figures: number[][];
}

/**
 * The medians of one subject, against those of another in the same rounds, if there is one, at each size unless told.
 * Without a limit it is only shown.
 */
export interface Goal {
	ours: string;
	other?: string;
	/** Labels of the sizes that it is for. */
	sizes?: string[];
	/** Ratio, or figure, that must not be exceeded, or must be. */
	atMost?: number;
	atLeast?: number;
	/** Difference, in the table's unit, that must not be exceeded. */
	within?: number;
	/** Who does the same in the cheapest way that n8n has: where that one falls short of the goal, n8n does. */
	bound?: string;
	/** Judged by the median of the rounds' ratios: rounds are far from each other, the same for all who take them. */
	byRound?: true;
}

export interface Reach {
	goal: Goal;
	size: Size;
	/** Of the medians: ours, divided by the other, or minus it where the goal is a difference. */
	ofMedians: number;
	/** The same round by round. */
	spread: Spread;
	/** The one that the goal is judged by. */
	found: number;
	/** What n8n lets anybody reach, by the goal's bound. */
	bound: number | undefined;
	/** `bounded`: short of the goal, and at the bound, which is short of it too. */
	reached: 'yes' | 'bounded' | 'no';
}

/** How far from the bound still counts as at it. */
const BOUND_SHARE = 0.1;

export function reachesOf({ sizes, subjects, goals }: Table): Reach[] {
	const subjectOf = (name: string) => {
		const subject = subjects.find((each) => each.name === name);
		if (subject === undefined) throw new Error(`Nobody is called ${name}`);
		return subject;
	};
	return goals.flatMap((goal) =>
		sizes.flatMap((size, column) => {
			if (goal.sizes?.includes(size.label) === false) return [];
			const compare = (a: number, b: number) => (goal.within === undefined ? a / b : a - b);
			const against = (name: string, otherName: string | undefined) => {
				const other = otherName === undefined ? undefined : subjectOf(otherName);
				const pairs = pairsOf(subjectOf(name), other, column);
				return {
					ofMedians: compare(
						spreadOf(pairs.map(([figure]) => figure)).median,
						spreadOf(pairs.map(([, figure]) => figure)).median,
					),
					spread: spreadOf(pairs.map((pair) => compare(...pair))),
				};
			};
			const { ofMedians, spread } = against(goal.ours, goal.other);
			const found = goal.byRound ? spread.median : ofMedians;
			const [bound, toBound] =
				goal.bound === undefined
					? []
					: [against(goal.bound, goal.other).ofMedians, against(goal.ours, goal.bound).ofMedians];
			const reached = howFar(goal, found, bound, toBound);
			return { goal, size, ofMedians, spread, found, bound, reached };
		}),
	);
}

/** Figures of the same round: what the machine did in another one fell on one of them alone. */
function pairsOf(ours: Subject, other: Subject | undefined, column: number): [number, number][] {
	const others = other && roundsOf(other, column);
	return [...roundsOf(ours, column)].flatMap(([round, figure]): [number, number][] => {
		const against = others === undefined ? 1 : others.get(round);
		return against === undefined ? [] : [[figure, against]];
	});
}

function roundsOf({ every = 1, figures }: Subject, column: number): Map<number, number> {
	return new Map((figures[column] ?? []).map((figure, at) => [at * every, figure]));
}

/** @param toBound ours, divided by the bound: they share more rounds than with others */
function howFar(goal: Goal, found: number, bound = NaN, toBound = NaN): Reach['reached'] {
	if (holds(goal, found)) return 'yes';
	if (holds(goal, bound)) return 'no';
	const atBound =
		goal.atLeast === undefined ? { atMost: 1 + BOUND_SHARE } : { atLeast: 1 - BOUND_SHARE };
	return holds(atBound, toBound) ? 'bounded' : 'no';
}

function holds({ atMost, atLeast, within }: Omit<Goal, 'ours'>, found: number): boolean {
	return found <= (atMost ?? within ?? Infinity) && found >= (atLeast ?? -Infinity);
}

/** A change by less than this share counts as none. */
const CONSTANT_SHARE = 0.15;
/** How far the cost of one more may differ between small and large, where cost grows in proportion. */
const LINEAR_SHARE = 0.25;

/** How a subject's cost grows, from what one more costs between the first two sizes and between the last two. */
export function growthOf({ sizes, noise = 0 }: Table, { figures }: Subject): string {
	const [small, middle, large] = sizes.map(({ n }, column) => ({
		n,
		cost: spreadOf(figures[column] ?? []).median,
	}));
	if (small === undefined || middle === undefined || large === undefined) return '–';
	const change = large.cost - small.cost;
	const noChange = Math.max(noise, CONSTANT_SHARE * Math.max(small.cost, large.cost));
	if (Math.abs(change) <= noChange) return 'constant';
	if (change < 0) return 'falls';
	const perMore = (from: typeof small, to: typeof small) => (to.cost - from.cost) / (to.n - from.n);
	const [before, after] = [perMore(small, middle), perMore(middle, large)];
	if (after < before * (1 - LINEAR_SHARE)) return 'less than linear';
	return after <= before * (1 + LINEAR_SHARE) ? 'linear' : 'worse than linear';
}
