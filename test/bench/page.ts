/** `docs/benchmarks.md`, of what the measures have found. */
import { cpus, totalmem } from 'node:os';

import { format } from 'prettier';

import { N8N_VERSION } from '../../scripts/n8n/installation';
import { inFigures } from './chart';
import { LEAST_ROUNDS, WARM_UP_ROUNDS } from './rounds';
import { type Spread, spreadOf } from './stats';
import { VERSIONS } from './workflows';
import { growthOf, type Reach, reachesOf, type Table } from './table';

/** Beside the page. */
export const CHARTS = 'images/benchmarks';

export async function pageOf(tables: Table[], minutes: number): Promise<string> {
	const [cpu] = cpus();
	const machine = `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 1024 ** 3)} GB, Node ${process.version} for the sandbox and the callers`;
	const versions = Object.entries(VERSIONS)
		.map(([name, version]) => `${name} ${version}`)
		.join(', ');
	const text = `# Benchmarks

This page is the output of \`npm run bench\`: one run of ${minutes} minutes on one machine, ${machine}, with n8n ${N8N_VERSION} on SQLite and this package's sandbox in place of KieAI. Absolute figures are the machine's; ratios travel better. n8n's own nodes are ${versions}. Where they take turns, each figure is the median of its rounds, every other round in reverse, after ${WARM_UP_ROUNDS} at the smallest size to warm up; who is far from ours, a bound, or only shown may be in fewer of them, and is compared in these; what takes long has as many as fit into a set time, ${LEAST_ROUNDS} at least; in parentheses, a tenth of the rounds lies below the first number and a tenth above the second, in proportion between two rounds where there are few. All raw figures are below each table. A KB is 1,024 bytes, a MB 1,024 KB. Where it says _n8n's bound_, the cheapest way that n8n has, which the section names, falls short of what is wanted too, with the figure given, and ours is within a tenth of it in the rounds that the two share.

${summaryOf(tables)}

${tables.map(section).join('\n\n')}
`;
	return await format(text, { parser: 'markdown' });
}

export function summaryOf(tables: Table[]): string {
	const rows = tables.flatMap((table) =>
		reachesOf(table).flatMap((reach) =>
			wanted(reach) === NOTHING
				? []
				: `| [${table.title}](#${anchor(table.title)}), ${reach.size.label} | ${reach.goal.ours} | ${reach.goal.other ?? '–'} | ${inFigures(reach.found)} | ${wanted(reach)} | ${howFar(reach)} |`,
		),
	);
	return `| Measure | Ours | Against | Found | Wanted | Reached |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function howFar({ reached, bound = Number.NaN }: Reach): string {
	if (reached === 'bounded') return `n8n's bound, ${inFigures(bound)}`;
	return reached === 'yes' ? 'yes' : '**no**';
}

const NOTHING = '–';

/** What a goal asks for, in words. */
function wanted({ goal: { other, atMost, atLeast, within } }: Pick<Reach, 'goal'>): string {
	const limit = within ?? atMost ?? atLeast;
	if (limit === undefined) return NOTHING;
	const what = within === undefined ? (other === undefined ? '' : 'ratio') : 'difference';
	return `${what} ${limit === atLeast ? '≥' : '≤'} ${inFigures(limit)}`.trim();
}

function section(table: Table): string {
	const { id, title, how, unit, sizes, subjects } = table;
	const head = `| ${unit} | ${sizes.map(({ label }) => label).join(' | ')} | grows |\n| --- | ${sizes.map(() => '--- |').join(' ')} --- |`;
	const rows = subjects.map((subject) => {
		const cells = sizes.map((_, column) => inWords(spreadOf(subject.figures[column] ?? [])));
		return `| ${subject.name} | ${cells.join(' | ')} | ${growthOf(table, subject)} |`;
	});
	const raw = subjects.flatMap(({ name, figures }) =>
		sizes.map(
			({ label }, column) =>
				`- ${name}, ${label}: ${(figures[column] ?? []).map(inFigures).join(', ')}`,
		),
	);
	return `## ${title}

${how}

![${title}](${CHARTS}/${id}.svg)

${head}
${rows.join('\n')}

${ratios(table)}

<details><summary>Raw figures (${unit})</summary>

${raw.join('\n')}

</details>`;
}

function ratios(table: Table): string {
	const reaches = reachesOf(table);
	if (reaches.length === 0) return '';
	const rows = reaches.map((reach) => {
		const { ours, other, within } = reach.goal;
		const against = other === undefined ? '' : ` ${within === undefined ? '÷' : '−'} ${other}`;
		return `| ${ours}${against}, ${reach.size.label} | ${inFigures(reach.ofMedians)} | ${inWords(reach.spread)} | ${wanted(reach)} |`;
	});
	return `| | of the medians | round by round | wanted |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function inWords({ median, low, high }: Spread): string {
	const isOne = low === median && high === median;
	return isOne
		? inFigures(median)
		: `${inFigures(median)} (${inFigures(low)} – ${inFigures(high)})`;
}

/** As GitHub names a heading. */
function anchor(title: string): string {
	return title
		.toLowerCase()
		.replace(/[^\w\- ]/g, '')
		.replace(/ /g, '-');
}
