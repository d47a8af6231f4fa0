import { useWorld } from './support/world';

const world = useWorld();

it('n8n knows both nodes under the name of the package', async () => {
	const types = await world.n8n.api.nodeTypes();

	expect(types).toContain('n8n-nodes-kieai.kieAi');
	expect(types).toContain('n8n-nodes-kieai.kieAiTrigger');
});

it('n8n offers the action node to AI agents too', async () => {
	expect(await world.n8n.api.nodeTypes()).toContain('n8n-nodes-kieai.kieAiTool');
});

it('n8n knows the credential type', async () => {
	expect(await world.n8n.api.credentialTypes()).toContain('kieAiApi');
});
