/** docs/mutation.md */
import { format } from 'prettier';

import { isCaught, isSurvivor, type Mutant } from './report';
import type { Explained } from './survivors';

interface Run {
	minutes: number;
	cores: number;
}

export async function pageOf(
	mutants: Mutant[],
	explained: Explained[],
	{ minutes, cores }: Run,
): Promise<string> {
	const folders = [...new Set(mutants.map(folderOf))].sort();
	const scores = folders.map((folder) => [
		`\`${folder}/\``,
		...scoreOf(mutants.filter((mutant) => folderOf(mutant) === folder)),
	]);
	const page = `
# Mutation testing

[Stryker](https://stryker-mutator.io/) changes the code of \`protocol/\`, \`waiting/\` and \`delivery/\` in one place at a time, and runs the unit tests of these folders that reach the place. A change that turns one of them red, or lets it run without end, is caught. What is not caught is one of the survivors below, each with the reason why no test should notice it.

\`npm run test:mutation\` does it again; it fails where the score is below 90 %, where a survivor has no explanation in [survivors.yaml](../scripts/mutation/survivors.yaml), and where an explanation has no survivor. With \`-- --write\` it writes this page, numbers and all. It took ${minutes} minutes with ${cores} cores.

${tableOf(['', 'Changes', 'Caught', 'Survivors', 'Score'], [...scores, ['all', ...scoreOf(mutants)]])}

## Survivors

${explained.map(sectionOf).join('\n\n')}
`;
	return await format(page, { parser: 'markdown' });
}

function folderOf({ file }: Mutant): string {
	return file.split('/').slice(0, -1).join('/');
}

function scoreOf(mutants: Mutant[]): string[] {
	const caught = mutants.filter(isCaught).length;
	const survivors = mutants.filter(isSurvivor).length;
	const all = caught + survivors;
	return [...[all, caught, survivors].map(String), `${((100 * caught) / all).toFixed(1)} %`];
}

function sectionOf({ why, file, code, changed }: Explained): string {
	const lines = [`- ${code}`, ...changed.map((line) => `+ ${line}`)].join('\n');
	return `\`${file}\`: ${why}\n\n\`\`\`diff\n${lines}\n\`\`\``;
}

function tableOf(head: string[], rows: string[][]): string {
	const lines = [head, head.map((_, at) => (at === 0 ? '---' : '--:')), ...rows];
	return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
