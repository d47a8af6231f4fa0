import { newTask, type VideoTask } from '../../../nodes/KieAi/protocol/video';
import {
	hashOf,
	openMemory,
	openSlot,
	type Place,
	type Slot,
} from '../../../nodes/KieAi/waiting/memory';

const request = { kind: 'generate', request: { body: { prompt: 'A fox' } } };
const hash = hashOf(request);
const here: Place = { runIndex: 0, itemIndex: 0, executionId: '17' };
const task: VideoTask = {
	...newTask({ kind: 'generate', taskId: 'veo_1' }),
	metadata: { row: 12 },
};

const written: Record<string, (slot: Slot) => void> = {
	nothing: () => undefined,
	sent: (slot) => slot.sending(),
	accepted: (slot) => {
		slot.sending();
		slot.accepted(task);
	},
	forgotten: (slot) => {
		slot.sending();
		slot.accepted(task);
		slot.forget();
	},
};

/** What a node recalls at `place` after it was written at `here`, and saved and read again by n8n in between. */
function recall(state: string, place: Partial<Place> = {}, edited: object = request) {
	const context: Record<string, unknown> = {};
	written[state]?.(openSlot(openMemory(context), here, hash));
	const saved = JSON.parse(JSON.stringify(context)) as Record<string, unknown>;
	return openSlot(openMemory(saved), { ...here, ...place }, hashOf(edited)).recall();
}

describe('what is recalled', () => {
	it.each<[string, unknown, unknown]>([
		['nothing', 'new', 'new'],
		['sent', 'sent', 'new'],
		['accepted', task, task],
		['forgotten', 'new', 'new'],
	])('of %s: %p in the same execution, %p in a later one', (state, same, later) => {
		expect(recall(state)).toEqual(same);
		expect(recall(state, { executionId: '18' })).toEqual(later);
	});

	const edited = { kind: 'generate', request: { body: { prompt: 'A red fox' } } };
	const others = { 'an edited request': edited, 'another kind': { ...request, kind: 'extend' } };
	const cases = Object.entries(others).flatMap(([what, other]) =>
		Object.keys(written).map((state) => [state, what, other] as const),
	);

	it.each(cases)('of %s is new for %s in a later execution', (state, _what, other) => {
		expect(recall(state, { executionId: '18' }, other)).toBe('new');
	});

	it.each(cases)('of %s is new for %s of an agent', (state, _what, other) => {
		expect(recall(state, { runIndex: undefined }, other)).toBe('new');
	});

	it('of the same execution is not new, whatever expressions have made of the request since', () => {
		expect(recall('sent', {}, edited)).toBe('sent');
		expect(recall('accepted', {}, edited)).toEqual(task);
	});

	it.each<[string, Partial<Place>]>([
		['run', { runIndex: 1 }],
		['item', { itemIndex: 1 }],
	])('of another %s is new', (_what, place) => {
		expect(recall('sent', place)).toBe('new');
		expect(recall('accepted', place)).toBe('new');
	});

	it('tells run 1, item 11 from run 11, item 1', () => {
		const memory = openMemory({});
		openSlot(memory, { ...here, runIndex: 1, itemIndex: 11 }, hash).accepted(task);
		expect(openSlot(memory, { ...here, runIndex: 11, itemIndex: 1 }, hash).recall()).toBe('new');
	});
});

describe('a slot', () => {
	it('knows at once what it was told', () => {
		const slot = openSlot(openMemory({}), here, hash);
		expect(slot.recall()).toBe('new');
		slot.sending();
		expect(slot.recall()).toBe('sent');
		slot.accepted(task);
		expect(slot.recall()).toEqual(task);
		slot.forget();
		expect(slot.recall()).toBe('new');
	});

	it('is warned again, not paid again, however often a retry comes', () => {
		const context = {};
		openSlot(openMemory(context), here, hash).sending();
		for (let retry = 0; retry < 3; retry++) {
			expect(openSlot(openMemory(context), here, hash).recall()).toBe('sent');
		}
	});

	it('belongs to the later execution from its request on', () => {
		const context = {};
		const later = { ...here, executionId: '18' };
		openSlot(openMemory(context), here, hash).sending();
		openSlot(openMemory(context), later, hash).sending();
		expect(openSlot(openMemory(context), later, hash).recall()).toBe('sent');
	});

	it('goes by the request for the tool of an agent', () => {
		const memory = openMemory({});
		const place = { ...here, runIndex: undefined };
		openSlot(memory, place, hash).accepted(task);
		expect(openSlot(memory, place, hash).recall()).toEqual(task);
		const other = openSlot(memory, place, hashOf({ other: 'request' }));
		expect(other.recall()).toBe('new');
		other.sending();
		expect(openSlot(memory, place, hash).recall()).toEqual(task);
		expect(openSlot(memory, { ...place, itemIndex: 1 }, hash).recall()).toBe('new');
	});

	it('is another one in each run of the node', () => {
		const memory = openMemory({});
		openSlot(memory, { ...here, runIndex: 1 }, hash).accepted(task);
		expect(openSlot(memory, { ...here, runIndex: 2 }, hash).recall()).toBe('new');
	});

	it('is new once its result has gone out, but for a person’s Retry of all', () => {
		const memory = openMemory({});
		const later = { ...here, executionId: '18' };
		openSlot(memory, here, hash).accepted(task);
		openSlot(memory, here, hash).delivered();
		expect(openSlot(memory, here, hash).recall()).toBe('new');
		expect(openSlot(memory, later, hash).recall()).toEqual(task);
		openSlot(memory, later, hash).delivered();
		expect(openSlot(memory, later, hash).recall()).toBe('new');
	});

	it('has nothing to deliver where nothing was asked for', () => {
		const memory = openMemory({});
		openSlot(memory, here, hash).delivered();
		expect(memory).toEqual({});
	});

	it('leaves those of other items alone', () => {
		const memory = openMemory({});
		const other = openSlot(memory, { ...here, itemIndex: 1 }, hash);
		other.accepted(task);
		openSlot(memory, here, hash).forget();
		expect(other.recall()).toEqual(task);
	});
});

describe('the memory', () => {
	it('is the same one each time that it is opened', () => {
		const context = {};
		expect(openMemory(context)).toBe(openMemory(context));
	});

	it.each<[unknown]>([[null], [[]], ['tasks'], [12]])('begins anew where it finds %p', (tasks) => {
		const context = { tasks };
		openSlot(openMemory(context), here, hash).sending();
		expect(openSlot(openMemory(context), here, hash).recall()).toBe('sent');
	});

	it('leaves the rest of the node’s context alone', () => {
		const context: Record<string, unknown> = { other: 1 };
		openMemory(context);
		expect(context).toEqual({ other: 1, tasks: {} });
	});
});
