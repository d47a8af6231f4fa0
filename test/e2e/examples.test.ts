import { readExample } from '../../scripts/n8n/examples';
import { until } from '../../scripts/n8n/until';
import { readFilmOf } from './support/film';
import { HELD, sent } from './support/workflow';
import { AT_ONCE, useWorld } from './support/world';

const world = useWorld();

const GET_4K = 'Veo get 4K video';

it('generate-to-4k makes a 4K film of a prompt, and pays once for each step', async () => {
	const example = await readExample('generate-to-4k.json');
	for (const node of example.nodes) {
		if (node.type === 'n8n-nodes-kieai.kieAi') {
			node.parameters = { ...node.parameters, options: AT_ONCE };
		}
	}

	const run = await world.runWorkflow(example);

	expect(run.error()).toBeUndefined();
	expect(run.json(GET_4K)).toMatchObject([{ status: 'succeeded', kind: 'upgrade4k' }]);
	expect(await readFilmOf(world, run.items(GET_4K)[0])).toMatchObject({
		width: 3840,
		height: 2160,
	});
	expect(world.sandbox.ledger.map(({ operation }) => operation)).toEqual(['generate', 'upgrade4k']);
});

it('4k-on-callback pauses twice, and ends with the 4K film', async () => {
	const stored = await world.create(await readExample('4k-on-callback.json'));
	world.sandbox.configure({ ...HELD });
	const id = await world.n8n.api.workflows.run(stored.id, 'Start');
	for (const operation of ['generate', 'get4k'] as const) {
		await until({ what: `a request to ${operation}` }, () => sent(world, operation)[0]);
		await world.executions(stored, 1, ['waiting']);
		await world.sandbox.advance(3600);
	}
	const run = await world.ended(id);

	expect(run.error()).toBeUndefined();
	expect(run.json(GET_4K)).toMatchObject([{ status: 'succeeded', kind: 'upgrade4k' }]);
	expect(await readFilmOf(world, run.items(GET_4K)[0])).toMatchObject({ width: 3840 });
	expect(world.sandbox.ledger.map(({ operation }) => operation)).toEqual(['generate', 'upgrade4k']);
});

it("durable-poll lets n8n's Wait node wait, and looks until the 4K film is there", async () => {
	const example = await readExample('durable-poll.json');
	for (const node of example.nodes) {
		if (node.type === 'n8n-nodes-base.wait') node.parameters = { amount: 1, unit: 'seconds' };
	}
	world.sandbox.configure({ clockScale: 1, videoSeconds: 2, upgrade4kSeconds: 2 });

	const run = await world.runWorkflow(example);

	expect(run.error()).toBeUndefined();
	expect(run.runs('Veo get video')).toBeGreaterThan(1);
	expect(run.runs(GET_4K)).toBeGreaterThan(1);
	expect(run.json(GET_4K)).toMatchObject([{ status: 'succeeded', kind: 'upgrade4k' }]);
	expect(await readFilmOf(world, run.items('Download file')[0])).toMatchObject({ width: 3840 });
	expect(world.sandbox.callbacks).toEqual([]);
	expect(world.sandbox.ledger.map(({ operation }) => operation)).toEqual(['generate', 'upgrade4k']);
});
