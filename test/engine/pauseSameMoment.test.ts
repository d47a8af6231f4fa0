/** Callbacks in the same moment for one paused execution: n8n reads it for all of them before it calls the node. */
import { join } from 'node:path';
import type * as SameMoment from '../../nodes/KieAi/waiting/sameMoment';
import { items, nodeClock, sent } from './support/action';
import type { Run } from './support/engine';
import { HELD, useParkingWorld } from './support/parking';

const UPGRADES = { operation: 'get4k', taskId: '={{ $json.id }}' };

/** How many callbacks n8n reads before the first of them reaches the node. */
let together: number;
let allRead: Gate;
/** Until when the others wait, once one has reached it. */
let after: (executionId: string) => Promise<unknown>;

const world = useParkingWorld(HELD, { preparing });

let turn: Promise<unknown>;
let reads: number;

async function preparing(executionId: string): Promise<void> {
	const isFirst = ++reads === 1;
	if (reads === together) allRead.open();
	turn = Promise.all([turn, allRead.passed]).then(async () => {
		if (!isFirst) await after(executionId).catch(() => undefined); // it may have ended
	});
	await turn;
}

interface Gate {
	passed: Promise<void>;
	open(): void;
}

function gate(): Gate {
	let open = () => {};
	const passed = new Promise<void>((resolve) => (open = resolve));
	return { passed, open };
}

const statuses = () =>
	world.sandbox.callbacks.map(({ attempts }) => attempts.map(({ status }) => status));

const isUnanswered = () =>
	world.host.deliveries.some(({ status, hung }) => status === undefined && !hung);

/** Upgrades that are ready at once. */
async function upgrade(count: number): Promise<Run> {
	[together, reads, turn, allRead] = [count, 0, Promise.resolve(), gate()];
	const sources = Array.from({ length: count }, () => ({ id: world.sandbox.addTask({}).id }));
	const parked = await world.begin(UPGRADES, { items: items(...sources) });
	await world.sandbox.advance(3600);
	const run = await world.host.until(parked.executionId, 'finished');
	expect(run.error()).toBeUndefined();
	expect(run.json('After')).toMatchObject(
		sources.map(({ id }) => ({ videoTaskId: id, status: 'succeeded' })),
	);
	expect(run.runs('After')).toBe(1);
	expect(sent(world, 'get4k')).toHaveLength(count);
	return run;
}

describe.each(['own', 'source'] as const)('4K upgrades by their %s ID', (upgrade4kTaskId) => {
	beforeEach(() => world.sandbox.configure({ upgrade4kTaskId }));
	afterEach(() => jest.restoreAllMocks());

	it('are all reported, though n8n would go on from what it was before the others', async () => {
		after = async (id) => await world.host.until(id, 'waiting');
		await upgrade(6);
		expect(
			statuses()
				.map(([first]) => first)
				.sort(),
		).toEqual([200, ...Array(5).fill(503)]);
	});

	it('are all reported where several processes take the callbacks', async () => {
		forgetAtOnce();
		const asleep = gate();
		after = async () => await asleep.passed;
		const sleep = jest.spyOn(nodeClock(), 'sleep').mockImplementation(async () => {
			asleep.open();
			while (isUnanswered()) await new Promise(setImmediate);
		});
		await upgrade(3);
		expect(sleep).toHaveBeenCalledWith(2_000, expect.anything());
		expect(statuses().flat()).toContain(500);
	});
});

/** What one process remembers of callbacks, another does not know. */
function forgetAtOnce(): void {
	const path = join(__dirname, '../../dist/nodes/KieAi/waiting/sameMoment.js');
	const sameMoment = require(path) as typeof SameMoment;
	jest.spyOn(sameMoment, 'admit').mockImplementation((_run, callback) => [callback]);
	jest.spyOn(sameMoment, 'wasWokenHere').mockReturnValue(false);
}
