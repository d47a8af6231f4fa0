/** A table as a picture: bars in groups, one group for each size. */
import { spreadOf } from './stats';
import type { Table } from './table';

/** Read on white and on black alike. */
const TEXT = '#7a828e';
const COLORS = ['#ff6d5a', '#5b8def', '#3aa981', '#a67ce0', '#c9922e'];
const WIDTH = 720;
/** At most, in the fonts that readers have. */
const CHARACTER_WIDTH = 8;
const VALUES_WIDTH = 110;
const BAR = 16;
const LINE = 22;
const GROUP_GAP = 26;

/** An SVG document. Each group has its own scale: its longest bar is as wide as there is room. */
export function chartOf({ title, unit, sizes, subjects }: Table): string {
	const names = Math.max(...subjects.map(({ name }) => name.length)) * CHARACTER_WIDTH + 8;
	const room = WIDTH - names - VALUES_WIDTH;
	const parts: string[] = [text(0, 16, `${title} (${unit})`, 'font-weight="600"')];
	let y = 30;
	sizes.forEach(({ label }, column) => {
		const medians = subjects.map(({ figures }) => spreadOf(figures[column] ?? []).median);
		const longest = Math.max(...medians.filter(Number.isFinite));
		parts.push(text(0, y + 14, label, 'font-style="italic"'));
		y += LINE;
		subjects.forEach(({ name }, row) => {
			const median = medians[row] ?? Number.NaN;
			if (!Number.isFinite(median)) return;
			const width = longest > 0 ? Math.max(1, (median / longest) * room) : 1;
			const color = COLORS[row % COLORS.length];
			parts.push(
				text(names - 8, y + 13, name, 'text-anchor="end"'),
				`<rect x="${names}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${color}"/>`,
				text(names + width + 6, y + 13, inFigures(median)),
			);
			y += LINE;
		});
		y += GROUP_GAP - LINE / 2;
	});
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="13" fill="${TEXT}">
<title>${escaped(title)}</title>
${parts.join('\n')}
</svg>
`;
}

/** Three figures that count, more where they stand before the point. */
export function inFigures(figure: number): string {
	if (!Number.isFinite(figure)) return '–';
	const digits = figure === 0 ? 0 : 2 - Math.floor(Math.log10(Math.abs(figure)));
	return figure.toLocaleString('en-US', {
		maximumFractionDigits: Math.min(3, Math.max(0, digits)),
	});
}

function text(x: number, y: number, words: string, more = ''): string {
	return `<text x="${x.toFixed(1)}" y="${y}" ${more}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
	return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
