/** The ways in which n8n runs a workflow that pauses, and ends one. */
import { until } from '../../scripts/n8n/until';
import { itSince2 } from './support/since';
import {
	callWorkflow,
	chain,
	GENERATE,
	GET_4K,
	HELD,
	itemsOf,
	manualTrigger,
	noOp,
	pausing,
	SUB_WORKFLOW_TRIGGER,
} from './support/workflow';
import { call, useWorld, webhookTrigger } from './support/world';

const world = useWorld(HELD);

it('a run from the editor pauses and goes on', async () => {
	const stored = await world.create(chain(manualTrigger(), pausing('Generate', GENERATE), noOp()));
	const id = await world.n8n.api.workflows.run(stored.id, 'Start');

	const [paused] = await world.executions(stored, 1, ['waiting']);
	await world.sandbox.advance(3600);
	const run = await world.ended(id);

	expect(paused).toMatchObject({ id, mode: 'manual' });
	expect(run.status).toBe('success');
	expect(run.json('After')).toMatchObject([{ status: 'succeeded', kind: 'generate' }]);
	expect(run.runs('After')).toBe(1);
});

// n8n 1.x wakes the parent with the child, also where the child pauses again.
itSince2('a parent waits for its paused child, called once with all items', async () => {
	const upgrade = pausing('4K', { ...GET_4K, taskId: '={{ $json.id }}' });
	const child = await world.publish(chain(SUB_WORKFLOW_TRIGGER, upgrade));
	const trigger = webhookTrigger();
	const parent = await world.publish(chain(trigger, itemsOf('items'), callWorkflow(child), noOp()));
	const items = [200, 100].map((seconds) => ({
		id: world.sandbox.addTask({ prompt: `4k takes ${seconds} s` }).id,
	}));

	await call(world, trigger, { items });
	for (const seconds of [100, 100]) {
		await world.executions(child, 1, ['waiting']);
		await world.executions(parent, 1, ['waiting']);
		await world.sandbox.advance(seconds);
		await world.sandbox.settled();
	}
	const [execution] = await world.executions(parent, 1, ['success']);
	const run = await world.ended(execution?.id ?? '');

	expect(run.error()).toBeUndefined();
	expect(run.json('After')).toMatchObject(
		items.map(({ id }) => ({ status: 'succeeded', videoTaskId: id })),
	);
	expect(run.runs('After')).toBe(1);
	expect(await world.executions(child, 1)).toMatchObject([{ status: 'success' }]);
});

describe('Stop of a paused execution', () => {
	async function stopped() {
		const trigger = webhookTrigger();
		const stored = await world.publish(chain(trigger, pausing('Generate', GENERATE), noOp()));
		await call(world, trigger);
		const [execution] = await world.executions(stored, 1, ['waiting']);
		const id = execution?.id ?? '';
		await world.n8n.api.executions.stop(id);
		await world.ended(id);
		return { id, stored };
	}

	async function calledBack() {
		world.sandbox.configure({ callbackRetrySeconds: 0.1 });
		await world.sandbox.advance(3600);
		const [callback] = await until({ what: 'KieAI to give up' }, () =>
			world.sandbox.callbacks.every(({ done }) => done) ? world.sandbox.callbacks : undefined,
		);
		return callback?.attempts.map(({ status }) => status);
	}

	it('ends it, and KieAI is refused later', async () => {
		const { id, stored } = await stopped();

		expect(await calledBack()).toEqual([409, 409, 409, 409]);
		const run = await world.ended(id);
		expect(run.status).toBe('canceled');
		expect(run.runs('After')).toBe(0);
		expect(await world.executions(stored, 1)).toHaveLength(1);
		expect(await world.n8n.log()).toContain(
			`KieAI accepted task ${world.sandbox.ledger[0]?.taskId}`,
		);
	});

	it('and its deletion leave nothing that KieAI could wake', async () => {
		const { id, stored } = await stopped();
		await world.n8n.api.executions.delete(id);

		expect(await calledBack()).toEqual([404, 404, 404, 404]);
		expect(await world.n8n.api.executions.list(stored.id)).toEqual([]);
	});
});
