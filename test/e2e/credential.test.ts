import { sandboxCredential } from '../../scripts/n8n/credential';
import type { NodeJson } from '../engine/support/types';
import { itSince2 } from './support/since';
import { useWorld } from './support/world';

const world = useWorld();

describe('the test that n8n runs when the credential is saved', () => {
	it('is green with a good key', async () => {
		const result = await world.n8n.api.credentials.test(sandboxCredential(world.sandbox));

		expect(result).toMatchObject({ status: 'OK' });
	});

	it('is red with a bad key, and says what to do', async () => {
		const { data, ...credential } = sandboxCredential(world.sandbox);

		const result = await world.n8n.api.credentials.test({
			...credential,
			data: { ...data, apiKey: 'sk-wrong' },
		});

		expect(result).toEqual({
			status: 'Error',
			message: 'KieAI does not accept this API key. Copy it again from kie.ai/api-key.',
		});
	});
});

describe("n8n's HTTP Request node", () => {
	const start: NodeJson = { name: 'Start', type: 'n8n-nodes-base.manualTrigger' };

	async function request(node: Partial<NodeJson> = {}) {
		return await world.runWorkflow({
			nodes: [
				start,
				{
					name: 'HTTP Request',
					type: 'n8n-nodes-base.httpRequest',
					typeVersion: 4.2,
					...node,
					parameters: { url: world.sandbox.otherHost.url, ...node.parameters },
				},
			],
			connections: { Start: { main: [[{ node: 'HTTP Request', type: 'main', index: 0 }]] } },
		});
	}

	it('reaches another host without the credential', async () => {
		await request();

		expect(world.sandbox.otherHost.requests).toHaveLength(1);
	});

	// n8n 1.123 lets it through, as README says.
	itSince2('is refused another host with the credential', async () => {
		const run = await request({
			parameters: {
				authentication: 'predefinedCredentialType',
				nodeCredentialType: 'kieAiApi',
			},
			credentials: { kieAiApi: world.credential },
		});

		expect(run.status).toBe('error');
		expect(run.error()?.message).toContain('domain');
		expect(world.sandbox.otherHost.requests).toEqual([]);
	});
});
