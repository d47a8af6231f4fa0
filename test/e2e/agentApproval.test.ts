/** The example in which a person approves what an agent spends. */
import { randomUUID } from 'node:crypto';

import { readExample } from '../../scripts/n8n/examples';
import { until } from '../../scripts/n8n/until';
import type { NodeJson } from '../engine/support/types';
import { PERSONS_BROWSER, useChatModel } from './support/chat';
import { itSince2 } from './support/since';
import { HELD, sent } from './support/workflow';
import { useWorld } from './support/world';

const world = useWorld(HELD);

/** Apart from what the approval is told, as n8n asks models to. */
const ARGUMENTS = { toolParameters: { Prompt: 'A red fox' }, hitlParameters: {} };
const model = useChatModel(ARGUMENTS, (said) => `The tool said: ${said}`);

/** Writes into the chat; ends when the execution waits for approval. */
async function askForFilm() {
	const example = await readExample('agent-with-approval.json');
	const webhookId = randomUUID();
	const changes: Record<string, Partial<NodeJson> & { webhookId?: string }> = {
		Chat: {
			webhookId,
			parameters: { public: true, options: { responseMode: 'responseNodes' } },
		},
		Model: {
			parameters: { model: { __rl: true, mode: 'id', value: 'stub' }, options: {} },
			credentials: { openAiApi: model.openAiApi },
		},
	};
	const nodes = example.nodes.map((node) => ({ ...node, ...changes[node.name] }));
	const stored = await world.publish({ ...example, nodes });
	const response = await fetch(`${world.n8n.url}/webhook/${webhookId}/chat`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({
			action: 'sendMessage',
			sessionId: stored.id,
			chatInput: 'A film of a red fox',
		}),
	});
	expect(response.ok).toBe(true);
	const [paused] = await world.executions(stored, 1, ['waiting']);
	return { stored, id: paused?.id ?? '' };
}

/** What the button in the chat does. */
async function answer(id: string, approved: boolean): Promise<void> {
	const { data } = await world.n8n.api.executions.get(id);
	const links = JSON.stringify(data).match(/http[^"\\\s]+approved=(true|false)[^"\\\s]*/g) ?? [];
	const link = links.find((each) => each.includes(`approved=${approved}`));
	expect(link).toBeDefined();
	const headers = { 'user-agent': PERSONS_BROWSER };
	expect((await fetch(`${link}`, { headers })).ok).toBe(true);
}

// In n8n 1.x nothing stands between an agent and its tools.
itSince2('nothing is spent before the approval, and the film is made after it', async () => {
	const { stored, id } = await askForFilm();
	expect(world.sandbox.ledger).toEqual([]);

	await answer(id, true);
	await until({ what: 'the request to generate' }, () => sent(world, 'generate')[0]);
	await world.executions(stored, 1, ['waiting']);
	await world.sandbox.advance(3600);
	await until({ what: 'the model to be told' }, () => model.told[0]);

	const film = world.sandbox.tasks()[0]?.videos[0]?.url;
	expect(film).toBeDefined();
	expect(model.told).toEqual([expect.stringContaining(`${film}`)]);
	expect(world.sandbox.ledger.map(({ operation }) => operation)).toEqual(['generate']);
});

itSince2('what is declined costs nothing, and the agent is told', async () => {
	const { id } = await askForFilm();
	await answer(id, false);
	await until({ what: 'the model to be told' }, () => model.told[0]);

	expect(model.told).toEqual([expect.stringContaining('rejected')]);
	expect(world.sandbox.requests).toEqual([]);
});
