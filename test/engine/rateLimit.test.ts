/** KieAI's rate limit. The clock is slow enough for a busy machine to change nothing. */
import { errorText, first, GENERATE, sent, useWorld } from './support/action';

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

describe.each(['generate', 'extend'] as const)('A charged request (%s)', (operation) => {
	it.each([
		['no word on when', {}],
		['Retry-After in seconds', { retryAfter: 7 }],
	])('is sent again when KieAI rejects it (%s)', async (_name, more) => {
		const extend = () => ({ operation, prompt: 'On', taskId: world.sandbox.addTask().id });
		const request = operation === 'generate' ? GENERATE : extend();
		world.sandbox.faults.add({ endpoint: operation, kind: 'status429', times: 2, ...more });
		const run = await world.run({ ...request, waitForResult: 'none' });
		expect(run.error()).toBeUndefined();
		expect(sent(world, operation)).toHaveLength(3);
		expect(world.sandbox.ledger).toHaveLength(1);
	});
});

it('does not end a question that KieAI answers with code 429', async () => {
	const taskId = world.sandbox.addTask().id;
	world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'code', code: 429, times: 2 });
	const run = await world.run({ operation: 'get', taskId });
	expect(first(run)).toMatchObject({ status: 'succeeded' });
	expect(sent(world, 'recordInfo')).toHaveLength(3);
});
