import { NodeOperationError } from 'n8n-workflow';

import {
	audienceOf,
	forgetParking,
	isAwaited,
	park,
	parkedRun,
	readAwaited,
	readParkedItems,
	readPlace,
	readResumeUrl,
	recallParking,
	type Parking,
} from '../../../nodes/KieAi/waiting/park';
import { NOON_MS } from '../support/clock';
import { EXECUTION_ID, nodeInExecution, type Surroundings } from '../support/parkedNode';

const here = { executionId: EXECUTION_ID, runIndex: 1 };
const awaited = [{ item: 3, taskIds: ['veo_1'] }];
const parking: Parking<string> = {
	...here,
	deadline: NOON_MS,
	awaited,
	input: [{ json: { prompt: 'A fox' } }],
	state: 'started',
	times: 1,
};
const items = [{ json: { status: 'timedOut', taskId: 'veo_1' } }];

async function parked(surroundings: Surroundings = {}, fails = false) {
	const world = nodeInExecution(surroundings);
	const error = fails ? new NodeOperationError(world.node, 'Too late') : undefined;
	await park(world.executing, parking, { items, error });
	return { ...world, error };
}

it.each<[string, number, string, boolean]>([
	['its own ID', 0, 'veo_0', true],
	['its source’s', 0, 'source_0', true],
	['an ID that KieAI’s answer did not tell, where it told none', 1, 'veo_new', true],
	['one that it did not tell, where it told one', 0, 'veo_new', false],
	['another item’s', 1, 'veo_0', false],
	['its own, at an item that waits for nothing', 2, 'veo_0', false],
])('a callback names a task by %s', (_what, item, taskId, isAbout) => {
	const all = [
		{ item: 0, taskIds: ['veo_0', 'source_0'], mayHaveAnother: false },
		{ item: 1, taskIds: ['source_1', 'source_1'], mayHaveAnother: true },
	];
	expect(isAwaited(all, item, taskId)).toBe(isAbout);
});

describe('a node that parks', () => {
	it('waits until its deadline, at which its items are passed on', async () => {
		const { parkedUntil, entry } = await parked();
		expect(parkedUntil).toEqual([new Date(NOON_MS)]);
		expect(entry).toMatchObject({ data: { main: [items] } });
		expect(entry.metadata).toBeUndefined();
	});

	it('leaves the error of a deadline that is to fail', async () => {
		const { entry, error } = await parked({}, true);
		expect(entry.metadata).toEqual({ resumeError: error });
	});

	it('leaves no error where it could not take it away again', async () => {
		const { entry } = await parked({ isOpen: false }, true);
		expect(entry.metadata).toBeUndefined();
	});

	it('finds its state again, in the same run of the same execution', async () => {
		const { executing } = await parked();
		expect(recallParking(executing, here)).toEqual(parking);
		expect(recallParking(executing, { ...here, executionId: '43' })).toBeUndefined();
		expect(recallParking(executing, { ...here, runIndex: 2 })).toBeUndefined();
	});

	it('finds none before it has parked, and none that it has forgotten', async () => {
		expect(recallParking(nodeInExecution().executing, here)).toBeUndefined();
		const { executing } = await parked();
		forgetParking(executing);
		expect(recallParking(executing, here)).toBeUndefined();
		expect(executing.getContext('node')).toEqual({});
	});
});

it('The place of a run is its execution, and its number as n8n counts', () => {
	expect(readPlace(nodeInExecution({ runIndex: '1' }).executing)).toEqual(here);
});

it('Each run of each node of each execution has a name of its own, however often it parks', () => {
	const world = nodeInExecution();
	const other = nodeInExecution();
	other.node.id = 'another';
	const names = [
		parkedRun(world.executing, parking),
		parkedRun(world.executing, { ...parking, runIndex: 2 }),
		parkedRun(world.executing, { ...parking, executionId: '43' }),
		parkedRun(other.executing, parking),
	].map(({ run }) => run);
	expect(new Set(names).size).toBe(4);
	expect(parkedRun(world.executing, { ...parking, times: 2 })).toEqual({ run: names[0], times: 2 });
});

it('What is signed for one node of one execution is for no other', () => {
	const audiences = [audienceOf('1', 'a'), audienceOf('1', 'b'), audienceOf('2', 'a')];
	expect(new Set(audiences).size).toBe(3);
});

describe('What is waited for', () => {
	it('is what the run that waits has left', async () => {
		const world = await parked();
		expect(readAwaited(world.called(), 1)).toEqual(awaited);
	});

	it('is nothing for a callback to another run, or to none', async () => {
		const world = await parked();
		expect(readAwaited(world.called(), 0)).toEqual([]);
		expect(readAwaited(world.called(), undefined)).toEqual([]);
	});

	it.each([{ isOpen: false }, {}])(
		'is told by the parked items where nothing else tells it: %p',
		(surroundings) => {
			const world = nodeInExecution(surroundings);
			world.parkedItems(
				{ json: { status: 'succeeded', taskId: 'veo_0', videoTaskId: 'veo_0' } },
				{ json: { status: 'timedOut', taskId: 'veo_1', videoTaskId: 'veo_source' } },
				{
					json: {
						error: 'Too late',
						details: { status: 'timedOut', taskId: 'veo_2', videoTaskId: 'veo_2' },
					},
				},
				{
					json: {
						status: 'timedOut',
						kind: 'upgrade4k',
						taskId: 'veo_source',
						videoTaskId: 'veo_source',
					},
				},
				{ json: { error: 'No prompt' } },
			);
			expect(readAwaited(world.called(), 0)).toEqual([
				{ item: 1, taskIds: ['veo_1', 'veo_source'], mayHaveAnother: false },
				{ item: 2, taskIds: ['veo_2', 'veo_2'], mayHaveAnother: false },
				{ item: 3, taskIds: ['veo_source', 'veo_source'], mayHaveAnother: true },
			]);
		},
	);
});

it('Of items that n8n does not give, there are none', () => {
	const world = nodeInExecution();
	world.entry.data = {};
	expect(readParkedItems(world.called())).toEqual([]);
});

describe('The URL for callbacks', () => {
	const urlWith = (resumeUrl: unknown) => readResumeUrl(nodeInExecution({ resumeUrl }).executing);

	it('is n8n’s, token and all, with the path of the node', () => {
		expect(urlWith('https://n8n.example.com/webhook-waiting/42?signature=a%2Fb')).toBe(
			'https://n8n.example.com/webhook-waiting/42/node%20id?signature=a%2Fb',
		);
	});

	it.each([
		['n8n/42', 'n8n/42'],
		[null, ''],
	])('is what n8n gives where that is no URL: %p', (given, url) => {
		expect(urlWith(given)).toBe(url);
	});
});
