/** Stryker's report, as far as it is needed here. */
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';

import { z } from 'zod';

const position = z.object({ line: z.number(), column: z.number() });
const location = z.object({ start: position, end: position });
type Location = z.infer<typeof location>;

const reportSchema = z.object({
	files: z.record(
		z.object({
			source: z.string(),
			mutants: z.array(z.object({ status: z.string(), replacement: z.string(), location })),
		}),
	),
});

/** One change of the code, and what became of it. */
export interface Mutant {
	/** Below `nodes/KieAi/`. */
	file: string;
	status: string;
	/** The line, or the lines, before the change and after, on one line each. */
	code: string;
	changed: string;
}

export const isCaught = ({ status }: Mutant) => status === 'Killed' || status === 'Timeout';
export const isSurvivor = ({ status }: Mutant) => status === 'Survived' || status === 'NoCoverage';

export async function readMutants(file: string): Promise<Mutant[]> {
	const { files } = reportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
	return Object.entries(files).flatMap(([path, { source, mutants }]) =>
		mutants.map(({ status, replacement, location }) => ({
			file: relative('nodes/KieAi', path),
			status,
			...linesOf(source, location, replacement),
		})),
	);
}

function linesOf(source: string, { start, end }: Location, replacement: string) {
	const lines = source.split('\n').slice(start.line - 1, end.line);
	const before = lines[0]?.slice(0, start.column - 1) ?? '';
	const after = lines.at(-1)?.slice(end.column - 1) ?? '';
	return { code: inOneLine(lines.join('\n')), changed: inOneLine(before + replacement + after) };
}

function inOneLine(code: string): string {
	return code.trim().replace(/\s+/g, ' ');
}
