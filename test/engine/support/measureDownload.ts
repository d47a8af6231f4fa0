/**
 * Downloads one file with File → Download in a process of its own and prints, as JSON, how large it is and by how
 * much the process has grown at most. A test runner's own memory moves too much to be measured.
 */
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { chain, startEngine } from './engine';
import { KIEAI_NODE } from './world';

interface Settings {
	credential: ICredentialDataDecryptedObject;
	fileUrl: string;
}

async function main(): Promise<void> {
	const { credential, fileUrl } = JSON.parse(process.argv[2] ?? '{}') as Settings; // of the test
	const engine = await startEngine();
	const download = async (url: string) =>
		await engine.run(
			chain(
				{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
				{
					name: 'KieAI',
					type: KIEAI_NODE,
					parameters: { resource: 'file', operation: 'download', fileUrl: url },
				},
			),
			{ credentials: { kieAiApi: credential } },
		);
	// Whatever is loaded and compiled once is not the film's: a picture goes the same way.
	await download(fileUrl.replace(/mp4$/, 'jpg'));

	const before = process.memoryUsage.rss();
	let most = before;
	const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
	const run = await download(fileUrl);
	clearInterval(timer);
	const error = run.error();
	if (error) throw new Error(error.message);
	const { bytes } = await engine.binaryFile(run.items('KieAI')[0]?.binary?.data);
	await engine.close();
	process.stdout.write(JSON.stringify({ bytes, grownBytes: most - before }));
}

void main();
