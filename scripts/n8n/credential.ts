import type { Sandbox } from '../../test/sandbox';
import type { CredentialData } from './api';

/** The sandbox's default account, as a person would enter it in n8n. */
export function sandboxCredential(sandbox: Sandbox, name = 'KieAI sandbox'): CredentialData {
	return {
		name,
		type: 'kieAiApi',
		data: {
			apiKey: sandbox.apiKey,
			webhookHmacSecret: sandbox.hmacKey,
			baseUrl: sandbox.apiUrl,
			uploadBaseUrl: sandbox.uploadUrl,
		},
	};
}
