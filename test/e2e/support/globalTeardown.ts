import { kept } from './globalSetup';

export default async function globalTeardown(): Promise<void> {
	await kept.kieAiN8n?.close();
}
