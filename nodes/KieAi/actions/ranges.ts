import type { INodePropertyTypeOptions } from 'n8n-workflow';

import { INDEX_MAX, SEED_MAX, SEED_MIN } from '../protocol/limits';

export interface Range {
	min: number;
	max: number;
	whole?: boolean;
}

const A_DAY_IN_SECONDS = 86_400;
const A_DAY_IN_MINUTES = 1_440;

/** What each number may be: the field keeps to it, its description says it, and what an expression gives is checked. */
export const RANGES = {
	firstCheckAfter: { min: 0, max: A_DAY_IN_SECONDS },
	index: { min: 0, max: INDEX_MAX, whole: true },
	maxFileSize: { min: 1, max: 1_000_000 },
	maxNewTasks: { min: 1, max: 100_000, whole: true },
	minimumCreditBalance: { min: 0, max: 1_000_000 },
	pollInterval: { min: 1, max: A_DAY_IN_SECONDS },
	seed: { min: SEED_MIN, max: SEED_MAX, whole: true },
	timeout: { min: 0, max: A_DAY_IN_MINUTES },
} satisfies Record<string, Range>;

/** As in "from 1 to 86,400". */
export function inWords({ min, max }: Range): string {
	return `from ${asWritten(min)} to ${asWritten(max)}`;
}

export function typeOptionsOf({ min, max, whole }: Range): INodePropertyTypeOptions {
	return { minValue: min, maxValue: max, ...(whole && { numberPrecision: 0 }) };
}

/** By hand: `toLocaleString` would load 7 MB of languages into n8n as soon as it starts. */
function asWritten(number: number): string {
	return `${number}`.replace(/\B(?=(\d{3})+$)/g, ',');
}
