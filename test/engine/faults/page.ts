/** docs/reliability.md: what the runs of the tests have counted, a section for each operation and kind of forgery. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Observed } from './cell';
import { OUTCOMES, type Cell } from './rules';

export interface Seen {
	cell: Cell;
	observed: Observed;
}

const PAGE = join(__dirname, '../../../docs/reliability.md');

/** The page says what has been counted; `npm run docs:reliability` makes it do so. */
export function expectOnPage(update: (page: string) => string): void {
	const shown = readFileSync(PAGE, 'utf8');
	const updated = update(shown);
	if (process.env['KIEAI_RELIABILITY'] === 'write') writeFileSync(PAGE, updated);
	else expect(shown).toBe(updated);
}

/** The page with the sections of the operations that have been seen; the others stay, and all are counted. */
export function withSections(page: string, seen: Seen[]): string {
	const operations = [...new Set(seen.map(({ cell }) => cell.way.operation))];
	const updated = operations.reduce((text, operation) => {
		const ofIt = seen.filter(({ cell }) => cell.way.operation === operation);
		return between(text, operation, `${countOf(ofIt)}\n\n${tableOf(ofIt)}`);
	}, page);
	return between(withTotal(updated), 'outcomes', legend());
}

/** The page with what somebody who is not KieAI has achieved. */
export function withForgeries(page: string, where: string, counts: Forgeries): string {
	const told = FORGERIES.map((name) => `${name}: ${counts[name]}`).join(', ');
	return withTotal(between(page, where, `${capital(told)}.`));
}

function withTotal(page: string): string {
	return between(page, 'total', totalOf(page));
}

/** @throws where the page has no place for it */
function between(page: string, name: string, content: string): string {
	const begin = `<!-- ${name} -->`;
	const from = page.indexOf(begin);
	const to = page.indexOf('<!-- end -->', from);
	if (from < 0 || to < 0) throw new Error(`docs/reliability.md has no "${begin}"`);
	return `${page.slice(0, from)}${begin}\n\n${content}\n\n${page.slice(to)}`;
}

const COUNTS = {
	Cells: () => 1,
	'faults injected': ({ struck }) => Math.min(struck, 1),
	'credits charged': ({ creditsCharged }) => creditsCharged,
	'credits charged twice': ({ creditsChargedTwice }) => creditsChargedTwice,
	'tasks and links lost': ({ lost }) => lost.length,
	'keys leaked': ({ leaks, strayed }) => leaks.length + strayed,
} satisfies Record<string, (observed: Observed) => number>;

const FORGERIES = [
	'forged callbacks sent',
	'executions started by a stranger',
	'executions ended by a stranger',
] as const;

export type Forgeries = Record<(typeof FORGERIES)[number], number>;

function countOf(seen: Seen[]): string {
	const counts = Object.entries(COUNTS).map(([name, count]) => {
		const sum = seen.reduce((total, { observed }) => total + count(observed), 0);
		return `${name}: ${sum}`;
	});
	return `${counts.join(', ')}.`;
}

function totalOf(page: string): string {
	const sections = page.slice(page.indexOf('<!-- outcomes -->'));
	const rows = [...Object.keys(COUNTS), ...FORGERIES].map((name) => {
		const found = sections.matchAll(new RegExp(`(?:^|, )${name}: (\\d+)`, 'gim'));
		const sum = [...found].reduce((total, [, count]) => total + Number(count), 0);
		return [capital(name), String(sum)];
	});
	return markdownTable([['', 'Total'], ...rows]);
}

function capital(text: string): string {
	return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}

function legend(): string {
	const rows = Object.entries(OUTCOMES).map(([name, meaning]) => [`_${name}_`, meaning]);
	return markdownTable([['Outcome', 'What happens'], ...rows]);
}

/** A row for each fault, a column for each moment and way of waiting; those that are the same are one. */
function tableOf(seen: Seen[]): string {
	const faults = [...new Set(seen.map(({ cell }) => cell.fault.name))];
	const columns = new Map<string, string[]>();
	for (const name of new Set(seen.map(columnOf))) {
		const ofIt = seen.filter((one) => columnOf(one) === name);
		const cells = faults.map((fault) =>
			textOf(ofIt.filter(({ cell }) => cell.fault.name === fault)),
		);
		const key = cells.join('|');
		columns.set(key, [...(columns.get(key) ?? []), name]);
	}
	const head = ['Fault', ...[...columns.values()].map((names) => names.join('; '))];
	const body = faults.map((fault, row) => [
		fault,
		...[...columns.keys()].map((key) => key.split('|')[row] ?? ''),
	]);
	return markdownTable([head, ...body]);
}

function columnOf({ cell: { moment, way } }: Seen): string {
	const what = { request: 'The request', check: 'A check', film: 'The film' }[moment];
	return way.wait === undefined ? what : `${what}, ${way.wait}`;
}

/** The outcome where it is the same, however long the fault lasts. */
function textOf(seen: Seen[]): string {
	const outcomes = seen.map(({ observed }) => observed.outcome);
	if (new Set(outcomes).size <= 1) return outcomes[0] ?? '–';
	return seen.map(({ cell, observed }) => `${cell.extent}: ${observed.outcome}`).join('; ');
}

/** As Prettier writes it. */
function markdownTable(rows: string[][]): string {
	const widths = (rows[0] ?? []).map((_, at) =>
		Math.max(3, ...rows.map((row) => (row[at] ?? '').length)),
	);
	const line = (row: string[]) =>
		`| ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`;
	const [head = [], ...body] = rows;
	return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
