/** Who signs in: the owner of the shared n8n, told to the tests through the environment, as n8n itself is. */
import type { Owner } from '../../../scripts/n8n/api';

const VARIABLE = 'KIEAI_BROWSER_OWNER';

export function shareOwner(owner: Owner): void {
	process.env[VARIABLE] = JSON.stringify(owner);
}

export function sharedOwner(): Owner {
	const shared = process.env[VARIABLE];
	if (shared === undefined) throw new Error('These tests run by: npm run test:browser');
	return JSON.parse(shared) as Owner;
}
