import { admit, wasWokenHere } from '../../../nodes/KieAi/waiting/sameMoment';
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
const call = (times: number, item: number, laterMs = 0, by = run) =>
	admit({ run: by, times }, callback(item), now + laterMs)?.map((each) => each.item);

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
