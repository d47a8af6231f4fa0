import startSharedN8n from '../../e2e/support/globalSetup';
import { findChromium } from './chromium';

/** The n8n of the end-to-end tests. */
export default async function globalSetup(): Promise<void> {
	findChromium(); // before minutes are spent on n8n
	await startSharedN8n();
}
