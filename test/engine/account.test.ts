import { errorText, items, sent, useWorld } from './support/action';

const world = useWorld();

const BALANCE = { resource: 'account', operation: 'getCreditBalance' };

describe('Get credit balance', () => {
	it('outputs the credits that are left', async () => {
		world.sandbox.accounts().forEach((account) => (account.credits = 123.5));
		const run = await world.run(BALANCE);
		expect(run.json('KieAI')).toEqual([{ creditBalance: 123.5 }]);
	});

	it('outputs an empty account as 0', async () => {
		world.sandbox.accounts().forEach((account) => (account.credits = 0));
		expect((await world.run(BALANCE)).json('KieAI')).toEqual([{ creditBalance: 0 }]);
	});

	it('runs for every item and pairs them', async () => {
		const run = await world.run(BALANCE, { items: items({}, {}) });
		expect(run.items('KieAI').map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
		]);
	});

	it('says that KieAI sent no balance', async () => {
		world.sandbox.faults.add({ endpoint: 'credit', kind: 'code', code: 200, data: null });
		expect(errorText(await world.run(BALANCE))).toContain('KieAI sent no credit balance');
	});

	it('asks again after trouble', async () => {
		world.sandbox.faults.add({ endpoint: 'credit', kind: 'html' });
		const run = await world.run(BALANCE);
		expect(run.error()).toBeUndefined();
		expect(sent(world, 'credit')).toHaveLength(2);
	});
});
