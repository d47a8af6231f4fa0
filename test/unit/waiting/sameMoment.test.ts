import { admit, gather, takeNews, wasWokenHere } from '../../../nodes/KieAi/waiting/sameMoment';
import { newTask } from '../../../nodes/KieAi/protocol/video';
import { NOON_MS } from '../support/clock';

const A_REQUEST_MS = 30_000;
const AN_HOUR_MS = 3_600_000;

/** Each test has a run of its own, and its time is after all that was before. */
let runs = 0;
let run: string;
let now: number;
beforeEach(() => {
	run = `run ${++runs}`;
	now = NOON_MS + 3 * runs * AN_HOUR_MS;
});

const callback = (item: number) => ({
	item,
	task: newTask({ kind: 'generate', taskId: `veo_${item}` }),
});
const hear = (times: number, item: number, laterMs = 0, by = run) =>
	admit({ run: by, times }, callback(item), now + laterMs);
const take = (by = run) => takeNews({ run: by, times: 0 }).map(({ item }) => item);
/** @returns what the node is woken with, if it is */
const call = (times: number, item: number, laterMs = 0, by = run) =>
	hear(times, item, laterMs, by) ? take(by) : undefined;

it('A parking is woken once, and the next one brings what came too late', () => {
	expect(call(1, 0)).toEqual([0]);
	expect(call(1, 1)).toBeUndefined();
	expect(call(1, 2)).toBeUndefined();
	expect(call(2, 2)).toEqual([1, 2]);
	expect(call(3, 1)).toEqual([1]);
});

it('A callback that was read two parkings ago comes too late as well', () => {
	call(1, 0);
	call(2, 1);
	expect(call(1, 2)).toBeUndefined();
	expect(call(2, 3)).toBeUndefined();
	expect(call(3, 4)).toEqual([2, 3, 4]);
});

it('What comes too late more than once is brought along once', () => {
	call(1, 0);
	call(1, 1);
	call(1, 1);
	expect(call(2, 2)).toEqual([1, 2]);
});

it('A run takes what has come too late, before the next callback', () => {
	call(1, 0);
	call(1, 2);
	call(1, 1);
	expect(take()).toEqual([2, 1]);
	expect(take()).toEqual([]);
	expect(call(2, 3)).toEqual([3]);
});

it('What has never been woken has no news', () => {
	expect(takeNews({ run, times: 0 })).toStrictEqual([]);
});

it('Runs know nothing of each other', () => {
	call(1, 0);
	call(1, 1);
	expect(call(1, 2, 0, 'another')).toEqual([2]);
});

it('A parking that was woken in vain is woken again, once no request can be as old', () => {
	call(1, 0);
	expect(call(1, 0, A_REQUEST_MS - 1)).toBeUndefined();
	expect(call(1, 0, A_REQUEST_MS)).toEqual([0]);
});

it('What came too late is forgotten once KieAI will not call again, with the next waking of any run', () => {
	call(1, 0);
	call(1, 1);
	call(1, 2, AN_HOUR_MS - 1, 'a later one');
	expect(wasWokenHere({ run, times: 1 })).toBe(true);
	call(2, 2, AN_HOUR_MS, 'a later one');
	expect(wasWokenHere({ run, times: 1 })).toBe(false);
	expect(call(2, 2, AN_HOUR_MS)).toEqual([2]);
});

it('A run tells whether this process has woken it', () => {
	expect(wasWokenHere({ run, times: 1 })).toBe(false);
	call(1, 0);
	expect(wasWokenHere({ run, times: 1 })).toBe(true);
	expect(wasWokenHere({ run, times: 2 })).toBe(false);
});

describe('The first callback waits for others', () => {
	/** @returns what it brings, and how long it has waited */
	async function first(items: number, during: (waits: number) => void = () => {}) {
		let waited = 0;
		let waits = 0;
		const sleep = async (ms: number) => {
			waited += ms;
			during(++waits);
		};
		expect(hear(1, 0)).toBe(true);
		await gather({ run, times: 1 }, items, { now: () => now + waited, sleep });
		return { brings: take(), waited };
	}

	it('not at all where no others are waited for', async () => {
		expect(await first(1)).toEqual({ brings: [0], waited: 0 });
	});

	it('until none has come for a while', async () => {
		expect(await first(5)).toEqual({ brings: [0], waited: 300 });
	});

	it('as long as some come', async () => {
		const waiting = first(5, (waits) => {
			if (waits <= 2) hear(1, waits);
		});
		expect(await waiting).toEqual({ brings: [0, 1, 2], waited: 900 });
	});

	it('no longer than until all have come', async () => {
		const waiting = first(3, () => {
			hear(1, 1);
			hear(1, 2);
		});
		expect(await waiting).toEqual({ brings: [0, 1, 2], waited: 300 });
	});

	it('no longer than KieAI waits for an answer, whatever comes', async () => {
		const waiting = first(100, (waits) => hear(1, waits));
		expect(await waiting).toMatchObject({ waited: 3_000 });
	});
});
