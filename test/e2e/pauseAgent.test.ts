/** The node as the tool of an AI agent: agents that can wait for a tool wait for the film, others poll. */
import { useChatModel } from './support/chat';
import { itSince2 } from './support/since';
import { GENERATE, HELD, pausing, sent, withAgent } from './support/workflow';
import { call, useWorld, webhookTrigger } from './support/world';

const world = useWorld(HELD);

const model = useChatModel({ Prompt: 'A red fox' }, (said) => `Here it is: ${said}`);

function agentWorkflow(typeVersion: number, trigger = webhookTrigger()) {
	const tool = pausing(
		'KieAI',
		{
			...GENERATE,
			prompt: "={{ $fromAI('Prompt', '', 'string') }}",
		},
		{ type: 'n8n-nodes-kieai.kieAiTool' },
	);
	const workflow = withAgent(trigger, typeVersion, model.openAiApi, tool);
	return { trigger, workflow };
}

const callBackUrls = () =>
	sent(world, 'generate').map(({ body }) => (body as { callBackUrl?: unknown }).callBackUrl);

// n8n 1.x has no agent of that version.
itSince2('an agent of version 3 pauses for the film, and goes on with it', async () => {
	const { trigger, workflow } = agentWorkflow(3.1);
	const stored = await world.publish(workflow);
	await call(world, trigger);
	const [paused] = await world.executions(stored, 1, ['waiting']);
	expect(model.told).toEqual([]);

	await world.sandbox.advance(3600);
	const run = await world.ended(paused?.id ?? '');
	const film = world.sandbox.tasks()[0]?.videos[0]?.url;

	expect(run.error()).toBeUndefined();
	expect(film).toBeDefined();
	expect(model.told).toEqual([expect.stringContaining(`${film}`)]);
	expect(run.json('After')).toMatchObject([{ output: expect.stringContaining(`${film}`) }]);
	expect(run.runs('After')).toBe(1);
	expect(callBackUrls()).toEqual([expect.any(String)]);
	expect(world.sandbox.ledger).toHaveLength(1);
});

it('an agent of version 2 cannot: the tool checks until the film is ready', async () => {
	world.sandbox.configure({ videoSeconds: 2 });
	const { trigger, workflow } = agentWorkflow(2.2);
	const stored = await world.publish(workflow);
	await call(world, trigger);
	const [ended] = await world.executions(stored, 1, ['success', 'error', 'waiting']);
	const run = await world.ended(ended?.id ?? '');
	const film = world.sandbox.tasks()[0]?.videos[0]?.url;

	expect(ended?.status).toBe('success');
	expect(model.told).toEqual([expect.stringContaining(`${film}`)]);
	expect(run.json('After')).toMatchObject([{ output: expect.stringContaining(`${film}`) }]);
	expect(callBackUrls()).toEqual([undefined]);
	expect(sent(world, 'recordInfo')).toHaveLength(1);
	expect(world.sandbox.ledger).toHaveLength(1);
});
