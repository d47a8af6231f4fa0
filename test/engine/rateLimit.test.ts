/** KieAI's rate limit, where it lasts. The clock is slow enough for a busy machine to change nothing. */
import { errorText, GENERATE, sent, useWorld } from './support/action';

const world = useWorld({ clockScale: 100 });

it('is told once three minutes have not helped, with an attempt every 10 to 20 seconds', async () => {
	world.sandbox.faults.add({ endpoint: 'generate', kind: 'status429', times: 'always' });
	const run = await world.run(GENERATE);
	expect(errorText(run)).toContain('Too many requests');
	expect(errorText(run)).toContain('KieAI takes 20 new tasks per 10 seconds');
	const times = sent(world, 'generate').map(({ at }) => at);
	expect(times.length).toBeGreaterThan(9);
	expect(times.length).toBeLessThan(20);
	expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(150_000);
	expect(world.sandbox.ledger).toEqual([]);
});
