import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type N8nApi, openN8nApi } from '../../../scripts/n8n/api';
import type { N8n } from '../../../scripts/n8n/instance';
import { readMemory } from '../../../scripts/n8n/process';

/**
 * The n8n that all test files share. globalSetup.ts starts it in a world of its own, from which
 * Jest lets nothing but the environment through to the tests.
 */
export interface SharedN8n {
	url: string;
	userFolder: string;
	api: N8nApi;
	/** Everything n8n has logged. */
	log(): Promise<string>;
	/** Of its main process, in bytes. */
	memory(): Promise<{ now: number }>;
}

const VARIABLE = 'KIEAI_E2E_N8N';

export function shareN8n({ url, userFolder, api, pid }: N8n): void {
	process.env[VARIABLE] = JSON.stringify([url, userFolder, api.cookie(), pid()]);
}

export function sharedN8n(): SharedN8n {
	const shared = process.env[VARIABLE];
	if (shared === undefined) throw new Error('These tests run by: npm run test:e2e');
	const [url, userFolder, cookie, pid] = JSON.parse(shared) as [string, string, string, number];
	const log = async () => await readFile(join(userFolder, 'n8n.log'), 'utf8');
	const memory = async () => await readMemory(pid);
	return { url, userFolder, api: openN8nApi(url, cookie), log, memory };
}
