/** Who is measured takes turns, so that what the machine does meanwhile falls on all alike. */
import type { Progress } from '../../scripts/demo/progress';
import type { Size, Subject } from './table';

export interface Contestant<S extends Size = Size> {
	name: string;
	/** At each size: what is far from ours needs few rounds to tell. All of them unless told. */
	mostRounds?: number;
	/** One round at that size. @returns the figures, by what they are of */
	run(size: S): Promise<Record<string, number>>;
}

export interface Turns<S extends Size = Size> {
	title: string;
	/** How many rounds count at each. */
	sizes: Array<S & { rounds: number }>;
	/** At each size: after these no more begins, once a few have been taken. Slow machines have less time for each. */
	mostSeconds?: number;
	progress: Progress;
}

/** Before those that count, at the smallest size. */
export const WARM_UP_ROUNDS = 1;

/** However long they take. */
const LEAST_ROUNDS = 5;

/** @returns the subjects of each table, by what its figures are of */
export async function takeTurns<S extends Size>(
	contestants: Array<Contestant<S>>,
	{ title, sizes, mostSeconds = Infinity, progress }: Turns<S>,
): Promise<Record<string, Subject[]>> {
	progress.begin(title);
	const tables: Record<string, Subject[]> = {};
	for (const [column, size] of sizes.entries()) {
		const begun = performance.now();
		const isOver = () => performance.now() - begun > mostSeconds * 1000;
		for (let round = column === 0 ? -WARM_UP_ROUNDS : 0; round < size.rounds; round++) {
			if (round >= LEAST_ROUNDS && isOver()) break;
			const turns = [...contestants.entries()];
			// Nobody always comes after the same one, and finds what that one has left.
			if (round % 2 !== 0) turns.reverse();
			for (const [row, { name, run, mostRounds = Infinity }] of turns) {
				if (round >= mostRounds) continue;
				progress.tell(`${size.label}, round ${Math.max(0, round + 1)} of ${size.rounds}, ${name}`);
				const figures = Object.entries(await run(size));
				if (round < 0) continue;
				for (const [of, figure] of figures) {
					const subjects = (tables[of] ??= contestants.map((each) => ({
						name: each.name,
						figures: sizes.map(() => []),
					})));
					subjects[row]?.figures[column]?.push(figure);
				}
			}
		}
	}
	progress.succeed('done');
	return tables;
}
