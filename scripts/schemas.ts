/**
 * `npm run schemas`: writes the output schema files, which n8n's editor shows as the fields of a node that has not run
 * yet. They come from one description of the contract, and a test holds them against what the nodes put out.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { format } from 'prettier';

import { outputSchemas } from './schemas/contract';

const SCHEMA_DIR = join(__dirname, '../nodes/KieAi/__schema__');

async function main(): Promise<void> {
	await rm(SCHEMA_DIR, { recursive: true, force: true });
	for (const [path, schema] of Object.entries(outputSchemas())) {
		const file = join(SCHEMA_DIR, path);
		await mkdir(dirname(file), { recursive: true });
		await writeFile(file, await format(JSON.stringify(schema, null, 2), { parser: 'json' }));
	}
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
