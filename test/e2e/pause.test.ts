/** Pause Until Callback from the first request to the film, in many executions at once. */
import type { StoredWorkflow } from '../../scripts/n8n/api';
import { until } from '../../scripts/n8n/until';
import { complaints } from './support/log';
import { chain, GENERATE, GET_4K, HELD, noOp, pausing, sent } from './support/workflow';
import { call, useWorld, webhookTrigger } from './support/world';

const world = useWorld(HELD);

const AT_ONCE = 20;
const AN_HOUR = 3600;

/** Webhook → Generate → Get 4K → After. */
function filmWorkflow(trigger = webhookTrigger()) {
	const generate = pausing('Generate', { ...GENERATE, prompt: '={{ $json.body.prompt }}' });
	return { trigger, workflow: chain(trigger, generate, pausing('4K', GET_4K), noOp()) };
}

/** Once KieAI has taken that many requests and all executions wait. */
async function allParked(stored: StoredWorkflow, endpoint: 'generate' | 'get4k', count: number) {
	await until({ what: `${count} requests to ${endpoint}` }, () =>
		sent(world, endpoint).length >= count ? true : undefined,
	);
	return await world.executions(stored, count, ['waiting']);
}

function countBy<T>(things: T[], keyOf: (thing: T) => unknown): number[] {
	const counts = new Map<unknown, number>();
	for (const thing of things) counts.set(keyOf(thing), (counts.get(keyOf(thing)) ?? 0) + 1);
	return [...counts.values()];
}

describe.each(['source', 'own'] as const)('4K upgrades by their %s ID', (upgrade4kTaskId) => {
	it('20 executions at once make 20 films, each charged once, with two calls to KieAI per task', async () => {
		world.sandbox.configure({ upgrade4kTaskId });
		const logged = (await world.n8n.log()).length;
		const { trigger, workflow } = filmWorkflow();
		const stored = await world.publish(workflow);
		const prompts = Array.from({ length: AT_ONCE }, (_, n) => `Film number ${n}`);

		await Promise.all(prompts.map(async (prompt) => await call(world, trigger, { prompt })));
		await allParked(stored, 'generate', AT_ONCE);
		await world.sandbox.advance(AN_HOUR);
		await allParked(stored, 'get4k', AT_ONCE);
		await world.sandbox.advance(AN_HOUR);
		const finished = await world.executions(stored, AT_ONCE, ['success']);
		const all = await world.executions(stored, AT_ONCE);
		const runs = await Promise.all(finished.map(async ({ id }) => await world.ended(id)));

		expect(all).toHaveLength(AT_ONCE);
		const tasks = world.sandbox.tasks();
		for (const run of runs) {
			const [made] = run.json('Generate');
			const [film] = run.json('After');
			const upgrade = tasks.find(({ source }) => source?.taskId === made?.['taskId']);
			expect(film).toMatchObject({ kind: 'upgrade4k', status: 'succeeded', resolution: '4K' });
			expect(film?.['videoTaskId']).toBe(made?.['taskId']);
			expect(film?.['videoUrl']).toBe(upgrade?.videos[0]?.url);
			expect({ prompt: upgrade?.prompt }).toEqual(run.json('Webhook')[0]?.['body']);
			expect(['Generate', '4K', 'After'].map(run.runs)).toEqual([1, 1, 1]);
		}
		expect(new Set(runs.map((run) => run.json('After')[0]?.['videoUrl'])).size).toBe(AT_ONCE);

		const { ledger, callbacks, requests } = world.sandbox;
		for (const operation of ['generate', 'upgrade4k']) {
			const charged = ledger.filter((entry) => entry.operation === operation);
			expect(countBy(charged, ({ taskId }) => taskId)).toEqual(Array(AT_ONCE).fill(1));
		}
		// One request for each task, and one that confirms its callback.
		expect(sent(world, 'generate')).toHaveLength(AT_ONCE);
		expect(sent(world, 'get4k')).toHaveLength(AT_ONCE);
		const confirming = upgrade4kTaskId === 'own' ? 'recordInfo' : 'downloadUrl';
		const askedFor = ({ query, body }: (typeof requests)[number]) => JSON.stringify([query, body]);
		expect(countBy(sent(world, 'recordInfo'), askedFor).every((times) => times === 1)).toBe(true);
		expect(countBy(sent(world, confirming), askedFor).every((times) => times === 1)).toBe(true);
		expect(requests).toHaveLength(4 * AT_ONCE);
		expect(callbacks).toHaveLength(2 * AT_ONCE);
		expect(complaints((await world.n8n.log()).slice(logged))).toEqual([]);
	});
});

it('a callback that comes before its execution is parked, or twice, does no harm', async () => {
	world.sandbox.configure({
		videoSeconds: 0,
		upgrade4kSeconds: 0,
		callbackRepeats: 2,
		callbackConcurrent: true,
	});
	// KieAI answers when it has called already.
	for (const endpoint of ['generate', 'get4k'] as const) {
		world.sandbox.faults.add({ endpoint, kind: 'delay', ms: 700, when: 'after' });
	}
	const { trigger, workflow } = filmWorkflow();
	const stored = await world.publish(workflow);

	await call(world, trigger, { prompt: 'Fast' });
	const [execution] = await world.executions(stored, 1, ['success', 'error']);
	const run = await world.ended(execution?.id ?? '');

	expect(run.error()).toBeUndefined();
	expect(run.json('After')).toMatchObject([{ status: 'succeeded', kind: 'upgrade4k' }]);
	expect(run.runs('After')).toBe(1);
	await until({ what: 'KieAI to be through with its callbacks' }, () =>
		world.sandbox.callbacks.every(({ done }) => done) ? true : undefined,
	);
	const answers = world.sandbox.callbacks.map(({ attempts }) =>
		attempts.map(({ status }) => status),
	);
	expect(answers.map(([first]) => first)).toEqual([409, 409]);
	expect(answers.map((statuses) => statuses.includes(200))).toEqual([true, true]);
	expect(world.sandbox.ledger).toHaveLength(2);
	expect(await world.executions(stored, 1)).toHaveLength(1);
});
