import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type N8nApi, openN8nApi } from '../../../scripts/n8n/api';

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
}

const VARIABLE = 'KIEAI_E2E_N8N';

export function shareN8n({ url, userFolder, api }: Omit<SharedN8n, 'log'>): void {
	process.env[VARIABLE] = JSON.stringify([url, userFolder, api.cookie()]);
}

export function sharedN8n(): SharedN8n {
	const shared = process.env[VARIABLE];
	if (shared === undefined) throw new Error('These tests run by: npm run test:e2e');
	const [url, userFolder, cookie] = JSON.parse(shared) as [string, string, string];
	const log = async () => await readFile(join(userFolder, 'n8n.log'), 'utf8');
	return { url, userFolder, api: openN8nApi(url, cookie), log };
}
