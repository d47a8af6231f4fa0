/** Several items in one paused execution: each task is reported once, in order, with the item that it belongs to. */
import { IS_N8N_1 } from '../../scripts/n8n/installation';
import { until } from '../../scripts/n8n/until';
import type { NodeJson } from '../engine/support/types';
import type { RecordedCallback } from '../sandbox';
import { chain, GET_4K, HELD, itemsOf, pausing, second, sent } from './support/workflow';
import { call, useWorld, webhookTrigger } from './support/world';

const world = useWorld(HELD);

/** Says which of the workflow's items it goes back to, by n8n's own pairing. */
function pairs(name: string, result: string): NodeJson {
	const jsonOutput = `={{ { of: $('Items').item.json.id, ...${result} } }}`;
	const parameters = { mode: 'raw', jsonOutput, options: {} };
	return { name, type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters };
}

/** Lets KieAI's time pass until one more callback has set out, and is through. */
async function nextCallback(seconds = 100): Promise<RecordedCallback> {
	const { callbacks } = world.sandbox;
	const count = callbacks.length + 1;
	await world.sandbox.advance(seconds);
	await until({ what: `callback ${count} to be through` }, () =>
		callbacks.length === count && callbacks.every(({ done }) => done) ? true : undefined,
	);
	return callbacks.at(-1) as RecordedCallback;
}

describe.each(['source', 'own'] as const)('4K upgrades by their %s ID', (upgrade4kTaskId) => {
	it('come out as they went in, whatever the order, the failures and the troubles of their callbacks', async () => {
		world.sandbox.configure({ upgrade4kTaskId, callbackRepeats: 1 });
		const source = (prompt: string) => ({ id: world.sandbox.addTask({ prompt }).id });
		const first = source('4k takes 100 s');
		const items = [
			source('4k takes 500 s'),
			first,
			source('fail 4k, 4k takes 200 s'),
			source('fail 4k, 4k takes 400 s'),
			source('4k takes 300 s'),
			first,
			source('4k takes 600 s'),
		];
		const node = pausing(
			'4K',
			{ ...GET_4K, taskId: '={{ $json.id }}' },
			{ onError: 'continueErrorOutput' },
		);
		const trigger = webhookTrigger();
		const workflow = second(
			chain(trigger, itemsOf('items'), node, pairs('After', '$json')),
			'4K',
			pairs('Failed', '{ text: $json.error, ...$json.details }'),
		);
		const stored = await world.publish(workflow);
		const parked = async () => await world.executions(stored, 1, ['waiting']);

		await call(world, trigger, { items });
		const [execution] = await parked();
		await nextCallback();
		await parked();
		await nextCallback();
		await parked();

		// One during a woken run, which is still confirming the one before.
		const confirming = upgrade4kTaskId === 'own' ? 'recordInfo' : 'downloadUrl';
		world.sandbox.configure({ callbackRetrySeconds: 5 });
		world.sandbox.faults.add({ endpoint: confirming, kind: 'delay', ms: 2000 });
		const asked = sent(world, confirming).length;
		await world.sandbox.advance(100);
		await until({ what: 'the woken run to ask KieAI' }, () =>
			sent(world, confirming).length > asked ? true : undefined,
		);
		const meanwhile = await nextCallback();
		await parked();

		await nextCallback();
		await parked();
		await nextCallback();
		const run = await world.ended(execution?.id ?? '');

		expect(meanwhile.attempts.map(({ status }) => status).slice(0, 2)).toEqual([409, 200]);
		expect(run.error()).toBeUndefined();
		const reported = (of: number[], status: string) =>
			of.map((at) => ({ of: items[at]?.id, videoTaskId: items[at]?.id, status }));
		expect(run.json('After')).toMatchObject(reported([0, 1, 4, 5, 6], 'succeeded'));
		// The text alone tells it in n8n 1.x.
		const failed = reported([2, 3], 'failed').map(({ of, ...details }) => ({
			of,
			text: expect.stringContaining(`${of}`) as string,
			...(!IS_N8N_1 && details),
		}));
		expect(run.json('Failed')).toMatchObject(failed);
		expect(['4K', 'After', 'Failed'].map(run.runs)).toEqual([1, 1, 1]);
		const films = world.sandbox.tasks().filter(({ kind }) => kind === 'upgrade4k');
		for (const { of, videoUrl } of run.json('After')) {
			const film = films.find(({ source }) => source?.taskId === of);
			expect(videoUrl).toBe(film?.videos[0]?.url);
		}
		expect(sent(world, 'get4k')).toHaveLength(6);
		expect(world.sandbox.ledger).toHaveLength(6);
		expect(world.sandbox.requests.length).toBeLessThanOrEqual(2 * 6);
		expect(await world.executions(stored, 1)).toHaveLength(1);
	});
});
