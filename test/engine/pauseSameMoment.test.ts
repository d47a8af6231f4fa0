/** Callbacks in the same moment for one paused execution: n8n reads it for all of them before it calls the node. */
import { join } from 'node:path';
import type { Callback } from '../../nodes/KieAi/waiting/park';
import type * as SameMoment from '../../nodes/KieAi/waiting/sameMoment';
import { items, nodeClock, sent } from './support/action';
import type { Run } from './support/engine';
import { HELD, useParkingWorld } from './support/parking';

const UPGRADES = { operation: 'get4k', taskId: '={{ $json.id }}' };

/** n8n's answer for an execution that has ended. */
const ENDED = 409;

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

const sentAtFirst = () =>
	statuses()
		.map(([first]) => first)
		.sort();

const refused = () => world.host.deliveries.filter(({ status }) => status === 503).length;

/** Whoever comes again finds that the execution has ended. */
async function expectOneWaking(count: number): Promise<void> {
	const tooLate = [503, ENDED, ENDED, ENDED];
	while (!world.sandbox.callbacks.every(({ done }) => done)) await new Promise(setImmediate);
	expect(statuses().sort()).toEqual([[200], ...Array<number[]>(count - 1).fill(tooLate)]);
}

/** Nobody comes who is waited for, and the wait is over at once. */
function nobodyElse() {
	return jest.spyOn(nodeClock(), 'sleep').mockResolvedValue();
}

afterEach(() => jest.restoreAllMocks());

describe.each(['own', 'source', 'untold'] as const)(
	'4K upgrades by their %s ID',
	(upgrade4kTaskId) => {
		beforeEach(() => world.sandbox.configure({ upgrade4kTaskId }));

		it('wake the node together, and those that only came along are asked to come again', async () => {
			const asleep = gate();
			after = async () => await asleep.passed;
			jest.spyOn(nodeClock(), 'sleep').mockImplementation(async () => {
				asleep.open();
				while (refused() < 5) await new Promise(setImmediate);
			});
			await upgrade(6);
			await expectOneWaking(6);
		});

		it('are all reported, though n8n would go on from what it was before the others', async () => {
			nobodyElse();
			after = async (id) => await world.host.until(id, 'waiting');
			await upgrade(6);
			expect(sentAtFirst()).toEqual([200, ...Array<number>(5).fill(503)]);
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
			expect(sleep).toHaveBeenCalledWith(4_000, expect.anything());
			expect(statuses().flat()).toContain(500);
		});
	},
);

it('What reaches the node while it runs is reported by that run', async () => {
	nobodyElse();
	world.sandbox.configure({ upgrade4kTaskId: 'own' });
	world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'delay', ms: 250 });
	after = async () => {
		while (sent(world, 'recordInfo').length === 0) await new Promise(setImmediate);
	};
	await upgrade(6);
	await expectOneWaking(6);
});

/** What one process remembers of callbacks, another does not know. */
function forgetAtOnce(): void {
	const path = join(__dirname, '../../dist/nodes/KieAi/waiting/sameMoment.js');
	const sameMoment = require(path) as typeof SameMoment;
	let brought: Callback[] = [];
	jest.spyOn(sameMoment, 'admit').mockImplementation((_run, callback) => {
		brought = [callback];
		return true;
	});
	jest.spyOn(sameMoment, 'gather').mockResolvedValue();
	jest.spyOn(sameMoment, 'takeNews').mockImplementation(() => brought.splice(0));
	jest.spyOn(sameMoment, 'wasWokenHere').mockReturnValue(false);
}
