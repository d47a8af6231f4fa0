import { openWorld, type World } from './support/world';

let world: World;

beforeAll(async () => {
	world = await openWorld();
});
afterAll(async () => await world.close());

describe('Veo generate video', () => {
	it('outputs the finished video', async () => {
		const run = await world.run({ operation: 'generate', prompt: 'A red fox' });

		expect(run.error()).toBeUndefined();
		expect(run.json('KieAI')).toEqual([
			expect.objectContaining({ status: 'succeeded', kind: 'generate' }),
		]);
		expect(world.sandbox.violations).toEqual([]);
	});

	it('downloads', async () => {
		const source = world.sandbox.addTask();
		const run = await world.run({ operation: 'get4k', taskId: source.id, download: true });
		expect(run.error()).toBeUndefined();
		console.log(JSON.stringify(run.items('KieAI'), null, 1), run.log, run.hints('KieAI'));
	});
});
