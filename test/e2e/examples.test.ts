import { readExample } from '../../scripts/n8n/examples';
import { readFilmOf } from './support/film';
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
