/** Of raw figures, what a table shows: the middle, and how far they spread. */
export interface Spread {
	median: number;
	/** A tenth of the figures lies below this one, another tenth above the other. */
	low: number;
	high: number;
}

export function spreadOf(figures: number[]): Spread {
	const at = (share: number) => quantile(figures, share);
	return { median: at(0.5), low: at(0.1), high: at(0.9) };
}

/** Between two figures, in proportion to where the quantile lies between them. */
export function quantile(figures: number[], share: number): number {
	const sorted = [...figures].sort((a, b) => a - b);
	const at = (sorted.length - 1) * share;
	const below = sorted[Math.floor(at)] ?? Number.NaN;
	const above = sorted[Math.ceil(at)] ?? below;
	return below + (above - below) * (at - Math.floor(at));
}
