/** Who is measured takes turns, so that what the machine does meanwhile falls on all alike. */
import type { Progress } from '../../scripts/demo/progress';
import type { Size, Subject } from './table';

export interface Contestant<S extends Size = Size> {
	name: string;
	/** Takes part in one of so many rounds, the first among them. Odd: else it always comes in the same direction. */
	every?: number;
	/** One round at that size. @returns the figures, by what they are of */
	run(size: S): Promise<Record<string, number>>;
}

export interface Turns<S extends Size = Size> {
	title: string;
	sizes: Array<S & Rounds>;
	progress: Progress;
}

/** At one size. */
export interface Rounds {
	/** How many count, at most. */
	rounds: number;
	/** No more pairs of rounds than fit into it, but a few at least. */
	mostSeconds?: number;
}

/** Before those that count, at the smallest size. */
export const WARM_UP_ROUNDS = 1;

/** However long they take. */
export const LEAST_ROUNDS = 4;
/** Then as many have begun with the first as with the last. */
const PAIR = 2;

/** @returns the subjects of each table, by what its figures are of */
export async function takeTurns<S extends Size>(
	contestants: Array<Contestant<S>>,
	{ title, sizes, progress }: Turns<S>,
): Promise<Record<string, Subject[]>> {
	progress.begin(title);
	const tables: Record<string, Subject[]> = {};
	for (const [column, size] of sizes.entries()) {
		const { rounds, mostSeconds = Infinity } = size;
		let begun = performance.now();
		/** At the pace of those taken, among them the first, in which all take part. */
		const fitsAnotherPair = (taken: number) =>
			((performance.now() - begun) / 1000) * (1 + PAIR / taken) <= mostSeconds;
		for (let round = column === 0 ? -WARM_UP_ROUNDS : 0; round < rounds; round++) {
			if (round === 0) begun = performance.now();
			if (round >= LEAST_ROUNDS && round % PAIR === 0 && !fitsAnotherPair(round)) break;
			const turns = [...contestants.entries()];
			// Nobody always comes after the same one, and finds what that one has left.
			if (round % PAIR !== 0) turns.reverse();
			for (const [row, { name, run, every = 1 }] of turns) {
				if (round > 0 && round % every !== 0) continue;
				progress.tell(`${size.label}, round ${Math.max(0, round + 1)} of ${rounds}, ${name}`);
				const figures = Object.entries(await run(size));
				if (round < 0) continue;
				for (const [of, figure] of figures) {
					const subjects = (tables[of] ??= contestants.map((each) => ({
						name: each.name,
						every: each.every ?? 1,
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
