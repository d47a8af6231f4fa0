/** What n8n loads of the built package when it starts. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { n8n } from '../../package.json';

const ROOT = join(__dirname, '../..');

/** In a process of its own, which has loaded nothing else. */
function loadedBy(files: string[]): string[] {
	const script = `
		${JSON.stringify(files)}.forEach((file) => require('./' + file));
		process.stdout.write(JSON.stringify(Object.keys(require.cache)));
	`;
	const paths = JSON.parse(
		execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' }),
	) as string[]; // of the script above
	const dist = join(ROOT, 'dist/');
	return paths.filter((path) => path.startsWith(dist)).map((path) => path.slice(dist.length));
}

it('is what shows the nodes, and nothing of what they do', () => {
	const loaded = loadedBy([...n8n.nodes, ...n8n.credentials]);
	expect(loaded).toContain('nodes/KieAi/actions/video/description.js');
	expect(loaded.filter((file) => file.endsWith('.operation.js'))).toEqual([]);
	expect(loaded).not.toContain('nodes/KieAi/actions/execute.js');
	expect(loaded).not.toContain('nodes/KieAi/connection.js');
	expect(loaded).not.toContain('nodes/KieAi/protocol/client.js');
});
