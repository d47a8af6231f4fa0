import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { WorkflowJson } from '../../test/engine/support/types';
import type { CredentialRef } from './api';

const EXAMPLES = resolve(__dirname, '../../examples');
const OUR_NODES = 'n8n-nodes-kieai.';

/** An example by its file name, as it stands in `examples/`. */
export async function readExample(file: string): Promise<WorkflowJson> {
	return JSON.parse(await readFile(join(EXAMPLES, file), 'utf8')) as WorkflowJson; // our own file
}

export async function readExamples(): Promise<WorkflowJson[]> {
	const files = (await readdir(EXAMPLES)).filter((file) => file.endsWith('.json'));
	return await Promise.all(files.sort().map(readExample));
}

/** What a person does after importing a workflow: chooses the credential in every KieAI node that has none. */
export function withCredential(workflow: WorkflowJson, kieAiApi: CredentialRef): WorkflowJson {
	const nodes = workflow.nodes.map((node) =>
		node.type.startsWith(OUR_NODES) ? { credentials: { kieAiApi }, ...node } : node,
	);
	return { ...workflow, nodes };
}
