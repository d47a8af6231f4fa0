import { type N8nApi, openN8nApi } from '../../../scripts/n8n/api';

/**
 * The n8n that all test files share. globalSetup.ts starts it in a world of its own, from which
 * Jest lets nothing but the environment through to the tests.
 */
export interface SharedN8n {
	url: string;
	userFolder: string;
	api: N8nApi;
}

const VARIABLE = 'KIEAI_E2E_N8N';

export function shareN8n({ url, userFolder, api }: SharedN8n): void {
	process.env[VARIABLE] = JSON.stringify([url, userFolder, api.cookie()]);
}

export function sharedN8n(): SharedN8n {
	const shared = process.env[VARIABLE];
	if (shared === undefined) throw new Error('These tests run by: npm run test:e2e');
	const [url, userFolder, cookie] = JSON.parse(shared) as [string, string, string];
	return { url, userFolder, api: openN8nApi(url, cookie) };
}
