import startSharedN8n, { kept } from '../../e2e/support/globalSetup';
import { findChromium } from './chromium';
import { shareOwner } from './owner';

/** The n8n of the end-to-end tests, and who may sign in to it. */
export default async function globalSetup(): Promise<void> {
	findChromium(); // before minutes are spent on n8n
	await startSharedN8n();
	if (kept.kieAiN8n) shareOwner(kept.kieAiN8n.owner);
}
