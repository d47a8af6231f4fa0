/** README's table of what needs a newer n8n: a line for each feature, a column for each n8n that was looked at. */
import { readFile } from 'node:fs/promises';

import { format } from 'prettier';
import { z } from 'zod';

const seenSchema = z.object({ name: z.string(), instead: z.string(), isThere: z.boolean() });

/** As test/engine/compatibility.test.ts leaves it, for one n8n. */
export type Seen = z.infer<typeof seenSchema>;

export interface Column {
	n8n: string;
	/** The same features in the same order in every column. */
	seen: Seen[];
}

const [BEGIN, END] = ['<!-- npm run test:compat -->', '<!-- end -->'];

/** @returns nothing where the tests have not come to their end */
export async function readSeen(file: string): Promise<Seen[]> {
	const text = await readFile(file, 'utf8').catch(() => '[]');
	return z.array(seenSchema).parse(JSON.parse(text));
}

export async function tableOf(columns: Column[]): Promise<string> {
	const features = columns[0]?.seen ?? [];
	const lines = [
		['', ...columns.map(({ n8n }) => n8n), 'Where it is missing'],
		['---', ...columns.map(() => ':-:'), '---'],
		...features.map(({ name, instead }) => [name, ...columns.map(markFor(name)), instead]),
	];
	const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
	return await format(table, { parser: 'markdown' });
}

function markFor(feature: string) {
	return ({ seen }: Column) => (seen.find(({ name }) => name === feature)?.isThere ? '✓' : '–');
}

/** @throws where the text has no place for it */
export function withTable(text: string, table: string): string {
	const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
	if (begin < 0 || end < begin) throw new Error(`README has no "${BEGIN}" and "${END}"`);
	return `${text.slice(0, begin)}${BEGIN}\n\n${table}\n${text.slice(end)}`;
}
