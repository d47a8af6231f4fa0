/** Items of one paused execution whose videos are ready in the same moment: KieAI calls back for all of them at once. */
import { chain, GET_4K, itemsOf, noOp, pausing, second } from './support/workflow';
import { call, useWorld, webhookTrigger } from './support/world';

const ROUNDS = 3;
const ITEMS = 20;

/** Unscaled, so that KieAI calls again as late as n8n needs to come to rest, on a busy machine too. */
const world = useWorld({ clockScale: 1, upgrade4kSeconds: 2, callbackRetrySeconds: 15 });

it.each(['source', 'own'] as const)(
	'4K upgrades by their %s ID all come out, each once',
	async (upgrade4kTaskId) => {
		world.sandbox.configure({ upgrade4kTaskId });
		const trigger = webhookTrigger();
		const node = pausing(
			'4K',
			{ ...GET_4K, taskId: '={{ $json.id }}' },
			{ onError: 'continueErrorOutput' },
		);
		const workflow = chain(trigger, itemsOf('items'), node, noOp());
		const stored = await world.publish(second(workflow, '4K', noOp('Failed')));

		for (let round = 1; round <= ROUNDS; round++) {
			const items = Array.from({ length: ITEMS }, () => ({ id: world.sandbox.addTask({}).id }));
			await call(world, trigger, { items });
			const [execution] = await world.executions(stored, round);
			const run = await world.ended(execution?.id ?? '');

			expect(run.error()).toBeUndefined();
			expect(run.json('After')).toMatchObject(
				items.map(({ id }) => ({ videoTaskId: id, status: 'succeeded' })),
			);
			expect(run.runs('After')).toBe(1);
		}
		expect(world.sandbox.ledger).toHaveLength(ROUNDS * ITEMS);
		await world.sandbox.settled();
	},
);
