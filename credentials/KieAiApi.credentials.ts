import type { Icon, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { API_BASE_URL, UPLOAD_BASE_URL } from '../nodes/KieAi/protocol/limits';

type Authenticate = Extract<ICredentialType['authenticate'], (...given: never[]) => unknown>;
type Rule = NonNullable<ICredentialTestRequest['rules']>[number];

/** KieAI's hosts; hidden, so that whoever may only use the credential cannot send its key anywhere else. */
const KIEAI_HOSTS = [API_BASE_URL, UPLOAD_BASE_URL].map((url) => new URL(url).hostname).join(',');

/**
 * Where the test sends the key: as with the nodes, to the default where the field is empty, and over https only, but
 * for this machine; to no host that a user name hides.
 */
const SAFE_BASE_URL = `={{ (($credentials.baseUrl || "").trim() || "${API_BASE_URL}").match(/^(https:\\/\\/[^\\/@]+|http:\\/\\/(localhost|127(\\.\\d{1,3}){3}|\\[::1\\])(:\\d+)?)(\\/.*)?$/i)?.[0] ?? "https://base-url-must-begin-with-https.invalid" }}`;

export class KieAiApi implements ICredentialType {
	name = 'kieAiApi';

	displayName = 'KieAI API';

	icon: Icon = {
		light: 'file:../nodes/KieAi/kieAi.svg',
		dark: 'file:../nodes/KieAi/kieAi.dark.svg',
	};

	documentationUrl = 'https://docs.kie.ai/';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			hint: 'From kie.ai/api-key',
			description:
				'Key of your KieAI account. Create one at <a href="https://kie.ai/api-key" target="_blank">kie.ai/api-key</a>.',
		},
		{
			displayName: 'Webhook HMAC Key',
			name: 'webhookHmacSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			hint: 'Optional, from kie.ai/settings: lets n8n check that it is KieAI who calls',
			description:
				'Key that KieAI signs its callbacks with. Create it at <a href="https://kie.ai/settings" target="_blank">kie.ai/settings</a>; leave empty if your account has none.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: API_BASE_URL,
			description: 'Where KieAI answers. Change it only for a proxy or a test server of yours.',
		},
		{
			displayName: 'Upload Base URL',
			name: 'uploadBaseUrl',
			type: 'string',
			default: UPLOAD_BASE_URL,
			description: 'Where KieAI takes files. Change it only for a proxy or a test server of yours.',
		},
		{
			displayName: 'Allowed HTTP Request Domains',
			name: 'allowedHttpRequestDomains',
			type: 'hidden',
			default: 'domains',
		},
		{
			displayName: 'Allowed Domains',
			name: 'allowedDomains',
			type: 'hidden',
			default: KIEAI_HOSTS,
		},
	];

	/** A function, where the usual expression would take n8n's engine for expressions with every request. */
	authenticate: Authenticate = async ({ apiKey }, request) => ({
		...request,
		headers: { ...request.headers, Authorization: `Bearer ${String(apiKey)}` },
	});

	/** KieAI answers HTTP 200 to a bad key too, so the rules look into the body. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: SAFE_BASE_URL,
			url: '/api/v1/chat/credit',
			disableFollowRedirect: true,
		},
		rules: [
			failsWhen(
				'code',
				401,
				'KieAI does not accept this API key. Copy it again from kie.ai/api-key.',
			),
			failsWhen('data', null, 'KieAI sent no credit balance. Check the API key and the Base URL.'),
			failsWhen('data', undefined, 'This is not how KieAI answers. Check the Base URL.'),
		],
	};
}

function failsWhen(
	key: string,
	value: unknown,
	message: string,
): Extract<Rule, { type: 'responseSuccessBody' }> {
	return { type: 'responseSuccessBody', properties: { key, value, message } };
}
