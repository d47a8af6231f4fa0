/** What no test notices, and why that is right: survivors.yaml. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse, stringify } from 'yaml';
import { z } from 'zod';

import { isSurvivor, type Mutant } from './report';

const FILE = join(__dirname, 'survivors.yaml');

const survivorsSchema = z.array(
	z
		.object({ why: z.string(), file: z.string(), code: z.string(), changed: z.array(z.string()) })
		.strict(),
);

/** One line of code, and the ways to change it that no test notices. */
export type Explained = z.infer<typeof survivorsSchema>[number];

type Change = Pick<Mutant, 'file' | 'code' | 'changed'>;

/** @throws where a survivor has no explanation, or an explanation no survivor */
export async function explain(mutants: Mutant[]): Promise<Explained[]> {
	const explained = survivorsSchema.parse(parse(await readFile(FILE, 'utf8')));
	const known = explained.flatMap(({ file, code, changed }) =>
		changed.map((each) => ({ file, code, changed: each })),
	);
	const survivors = mutants.filter(isSurvivor);
	const files = new Set(mutants.map(({ file }) => file));
	const open = without(survivors, known);
	const stale = without(known, survivors).filter(({ file }) => files.has(file));
	if (open.length > 0) throw new Error(`No test notices, and nothing explains:\n${listOf(open)}`);
	if (stale.length > 0) throw new Error(`Explained, and no survivor:\n${listOf(stale)}`);
	return explained;
}

function without(changes: Change[], others: Change[]): Change[] {
	const names = new Set(others.map(nameOf));
	return changes.filter((change) => !names.has(nameOf(change)));
}

function nameOf({ file, code, changed }: Change): string {
	return [file, code, changed].join('\n');
}

/** As survivors.yaml has it, but for the reason. */
function listOf(changes: Change[]): string {
	const lines = new Map<string, Explained>();
	for (const { file, code, changed } of changes) {
		const name = nameOf({ file, code, changed: '' });
		const line = lines.get(name) ?? { why: '', file, code, changed: [] };
		lines.set(name, { ...line, changed: [...line.changed, changed] });
	}
	return stringify([...lines.values()], { lineWidth: 0 });
}
