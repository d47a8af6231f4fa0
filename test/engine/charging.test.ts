import type { IDataObject } from 'n8n-workflow';

import type { Fault } from '../sandbox/faults';
import {
	bodies,
	errorText,
	first,
	GENERATE,
	items,
	nodeClock,
	RETRY_ON_FAIL,
	sent,
	shortenRequests,
	useWorld,
} from './support/action';
import { KIEAI_NODE } from './support/world';

const world = useWorld();

const AMBIGUOUS = 'KieAI may have accepted this video, and charged for it';
const BROKEN_CHECK = { endpoint: 'recordInfo', kind: 'code', code: 401 } as const;

type Mishap = Fault extends infer F ? (F extends Fault ? Omit<F, 'endpoint'> : never) : never;

/** Whatever may happen to the answer of a request that KieAI has accepted. */
const AFTER_ACCEPTANCE: Array<[string, Mishap]> = [
	['the connection breaks', { kind: 'resetAfter' }],
	['the answer breaks off', { kind: 'resetMidway', afterBytes: 10 }],
	['the answer says 500', { kind: 'code', code: 500, when: 'after' }],
	['the HTTP status says 500', { kind: 'code', code: 500, httpStatus: 500, when: 'after' }],
	['the answer says 408', { kind: 'code', code: 408, when: 'after' }],
	['a proxy answers 502', { kind: 'html', when: 'after' }],
	['the answer is cut in half', { kind: 'truncated' }],
	['the answer is empty', { kind: 'empty' }],
	[
		'the answer is a redirect',
		{ kind: 'redirect', redirectTo: 'http://127.0.0.1:2/', when: 'after' },
	],
	['the answer tells no task ID', { kind: 'code', code: 200, data: {}, when: 'after' }],
	['no answer comes', { kind: 'hang', when: 'after' }],
];

/** The same, where the words of the answer sound like a refusal. */
const SEEMINGLY_REFUSED: typeof AFTER_ACCEPTANCE = [
	[
		'the answer says 500 in words of a failure',
		{ kind: 'code', code: 500, msg: 'Video generation failed', when: 'after' },
	],
];

/** Parameters of an operation that is charged on every accepted call. */
function charged(operation: 'generate' | 'extend'): IDataObject {
	return operation === 'generate'
		? GENERATE
		: { operation, prompt: 'On', taskId: world.sandbox.addTask().id };
}

let restoreTimeouts: () => void;
beforeAll(() => (restoreTimeouts = shortenRequests(400)));
afterAll(() => restoreTimeouts());

describe.each(['generate', 'extend'] as const)('A charged request (%s)', (operation) => {
	const expectPaidOnce = async (fault: Mishap) => {
		world.sandbox.faults.add({ ...fault, endpoint: operation, times: 'always' } as Fault);
		const run = await world.run(charged(operation), { node: RETRY_ON_FAIL });

		expect(sent(world, operation)).toHaveLength(1);
		expect(world.sandbox.ledger.length).toBeLessThanOrEqual(1);
		expect(errorText(run)).toContain(AMBIGUOUS);
		expect(errorText(run)).toContain('It is not sent again by itself.');
	};

	it.each(AFTER_ACCEPTANCE)(
		'is paid once with Retry On Fail when %s',
		async (_name, fault) => await expectPaidOnce(fault),
		20_000,
	);

	it.each(SEEMINGLY_REFUSED)(
		'is paid once with Retry On Fail when %s',
		async (_name, fault) => await expectPaidOnce(fault),
	);

	it('is not sent again when nobody knows whether it arrived', async () => {
		world.sandbox.faults.add({ endpoint: operation, kind: 'resetBefore' });
		const run = await world.run(charged(operation), { node: RETRY_ON_FAIL });
		expect(sent(world, operation)).toHaveLength(1);
		expect(errorText(run)).toContain(AMBIGUOUS);
	});

	it('is sent again when the connection was never made', async () => {
		const parameters = { ...charged(operation), waitForResult: 'none' };
		world.sandbox.faults.add({ endpoint: operation, kind: 'refuse' });
		const clock = nodeClock();
		const { sleep } = clock;
		// Nobody listens until the node has found that out, and pauses before it tries again.
		const pause = jest.spyOn(clock, 'sleep').mockImplementation(async (...wait) => {
			world.sandbox.faults.clear();
			await sleep(...wait);
		});
		const run = await world.run(parameters);
		const pauses = pause.mock.calls.length;
		pause.mockRestore();

		expect(run.error()).toBeUndefined();
		expect(pauses).toBeGreaterThan(0);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('is picked up by Retry On Fail when what came after it failed', async () => {
		world.sandbox.faults.add(BROKEN_CHECK);
		const run = await world.run(charged(operation), { node: RETRY_ON_FAIL });
		expect(first(run)).toMatchObject({
			status: 'succeeded',
			taskId: world.sandbox.ledger[0]?.taskId,
		});
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('is picked up by a person’s Retry', async () => {
		const parameters = charged(operation);
		world.sandbox.faults.add(BROKEN_CHECK);
		const failed = await world.run(parameters);
		const run = await world.run(parameters, { resumeFrom: failed });

		expect(failed.error()).toBeDefined();
		expect(first(run)).toMatchObject({
			status: 'succeeded',
			taskId: world.sandbox.ledger[0]?.taskId,
		});
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('is sent on a person’s Retry, after the warning that it may have been accepted', async () => {
		const parameters = charged(operation);
		world.sandbox.faults.add({ endpoint: operation, kind: 'resetBefore' });
		const failed = await world.run(parameters);
		const run = await world.run(parameters, { resumeFrom: failed });

		expect(errorText(failed)).toContain(AMBIGUOUS);
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(sent(world, operation)).toHaveLength(2);
	});

	it('is a new one when the prompt was edited before a person’s Retry', async () => {
		const parameters = charged(operation);
		world.sandbox.faults.add(BROKEN_CHECK);
		const failed = await world.run(parameters);
		const run = await world.run({ ...parameters, prompt: 'Other' }, { resumeFrom: failed });

		expect(first(run)).toMatchObject({ taskId: world.sandbox.ledger[1]?.taskId });
		expect(bodies(world, operation)).toEqual([
			expect.objectContaining({ prompt: parameters.prompt }),
			expect.objectContaining({ prompt: 'Other' }),
		]);
	});

	it('is made anew by Retry On Fail when KieAI reported that the task failed', async () => {
		const run = await world.run(
			{ ...charged(operation), prompt: 'fail: too dark' },
			{ node: RETRY_ON_FAIL },
		);
		expect(errorText(run)).toContain('too dark');
		expect(world.sandbox.ledger).toHaveLength(3);
	});

	describe('whose prompt is another one each time that it is read', () => {
		const parameters = () => ({
			...charged(operation),
			prompt: '=Fox, {{ $now.toISO() }} {{ Math.random() }}',
		});

		it('is picked up by Retry On Fail', async () => {
			world.sandbox.faults.add(BROKEN_CHECK);
			const run = await world.run(parameters(), { node: RETRY_ON_FAIL });
			expect(first(run)).toMatchObject({ status: 'succeeded' });
			expect(world.sandbox.ledger).toHaveLength(1);
		});

		it('is not sent again by Retry On Fail when no clear answer came', async () => {
			world.sandbox.faults.add({ endpoint: operation, kind: 'resetAfter', times: 'always' });
			const run = await world.run(parameters(), { node: RETRY_ON_FAIL });
			expect(errorText(run)).toContain(AMBIGUOUS);
			expect(world.sandbox.ledger).toHaveLength(1);
		});
	});

	it('is not made anew without Retry On Fail', async () => {
		await world.run({ ...charged(operation), prompt: 'fail: too dark' });
		expect(world.sandbox.ledger).toHaveLength(1);
	});
});

describe('A charged request', () => {
	it('is sent again by Retry On Fail when KieAI refused it', async () => {
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'code', code: 455 });
		const run = await world.run(GENERATE, { node: RETRY_ON_FAIL });
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('is picked up by Retry On Fail after the wait timed out', async () => {
		world.sandbox.configure({ videoSeconds: 100_000 });
		const run = await world.run(
			{ ...GENERATE, options: { timeout: 0.5 } },
			{ node: RETRY_ON_FAIL },
		);
		expect(errorText(run)).toContain('The video was not ready after 0.5 minutes');
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('is paid once when one of several items gets no clear answer', async () => {
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter', after: 1 });
		const run = await world.run(
			{ ...GENERATE, prompt: '={{ $json.prompt }}' },
			{ items: items({ prompt: 'A' }, { prompt: 'B' }, { prompt: 'C' }), node: RETRY_ON_FAIL },
		);
		expect(errorText(run)).toContain(AMBIGUOUS);
		const prompts = bodies(world, 'generate').map((body) => (body as IDataObject).prompt);
		expect(prompts.sort()).toEqual(['A', 'B', 'C']);
		expect(world.sandbox.ledger).toHaveLength(3);
	});

	it('that was refused beside one that may have been accepted is sent on a person’s Retry', async () => {
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'code', code: 400, msg: 'rude' });
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter', after: 1 });
		const input = items({}, {}, {});
		const failed = await world.run(GENERATE, { items: input });
		const chargedBefore = world.sandbox.ledger.map(({ taskId }) => taskId);
		const run = await world.run(GENERATE, { items: input, resumeFrom: failed });

		expect(errorText(failed)).toContain(AMBIGUOUS);
		expect(errorText(failed)).toContain('rude [item ');
		expect(chargedBefore).toHaveLength(2);
		// Both that were not settled are sent again, after the warning; the accepted one is picked up.
		expect(run.json('KieAI').map(({ status }) => status)).toEqual(Array(3).fill('succeeded'));
		expect(world.sandbox.ledger).toHaveLength(4);
		const pickedUp = run.json('KieAI').filter(({ taskId }) => chargedBefore.includes(`${taskId}`));
		expect(pickedUp).toHaveLength(1);
	});

	it('is not repeated by Retry On Fail where another item was refused for good', async () => {
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'code', code: 400, msg: 'rude' });
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter', after: 1 });
		const run = await world.run(GENERATE, { items: items({}, {}, {}), node: RETRY_ON_FAIL });
		expect(errorText(run)).toContain(AMBIGUOUS);
		// The refused one is sent once more and accepted; what nobody knows of is left alone.
		expect(sent(world, 'generate')).toHaveLength(4);
		expect(world.sandbox.ledger).toHaveLength(3);
	});

	it('is made anew by Retry On Fail when the check answers 501', async () => {
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'code', code: 501, msg: 'No film' });
		const run = await world.run(GENERATE, { node: RETRY_ON_FAIL });
		expect(first(run)).toMatchObject({ taskId: world.sandbox.ledger[1]?.taskId });
		expect(world.sandbox.ledger).toHaveLength(2);
	});

	it('is paid once where On Error is set to continue and Retry On Fail is on', async () => {
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter' });
		const run = await world.run(GENERATE, {
			node: { ...RETRY_ON_FAIL, onError: 'continueRegularOutput' },
		});
		expect(first(run).error).toContain(AMBIGUOUS);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('is a new one for every item, even with the same prompt', async () => {
		const run = await world.run({ ...GENERATE, waitForResult: 'none' }, { items: items({}, {}) });
		const taskIds = run.json('KieAI').map(({ taskId }) => taskId);
		expect(new Set(taskIds).size).toBe(2);
		expect(world.sandbox.ledger).toHaveLength(2);
	});

	it('is a new one in every pass of a loop', async () => {
		const connect = (node: string) => [{ node, type: 'main' as const, index: 0 }];
		const run = await world.engine.run(
			{
				nodes: [
					{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
					{ name: 'Loop', type: 'n8n-nodes-base.splitInBatches', parameters: { batchSize: 1 } },
					{
						name: 'KieAI',
						type: KIEAI_NODE,
						parameters: { ...GENERATE, waitForResult: 'none' },
					},
				],
				connections: {
					Start: { main: [connect('Loop')] },
					Loop: { main: [[], connect('KieAI')] },
					KieAI: { main: [connect('Loop')] },
				},
			},
			{ credentials: world.credentials, input: items({}, {}, {}) },
		);
		expect(run.error()).toBeUndefined();
		expect(run.runs('KieAI')).toBe(3);
		expect(world.sandbox.ledger).toHaveLength(3);
	});

	it('is a new one in every execution', async () => {
		await world.run({ ...GENERATE, waitForResult: 'none' });
		await world.run({ ...GENERATE, waitForResult: 'none' });
		expect(world.sandbox.ledger).toHaveLength(2);
	});
});

describe.each(['source', 'own'] as const)(
	"A 4K upgrade under the %s's task ID",
	(upgrade4kTaskId) => {
		beforeEach(() => world.sandbox.configure({ upgrade4kTaskId }));

		it.each(AFTER_ACCEPTANCE.filter(([name]) => !/task ID|redirect/.test(name)))(
			'is repeated without being paid again when %s',
			async (_name, fault) => {
				world.sandbox.faults.add({ ...fault, endpoint: 'get4k' } as Fault);
				const source = world.sandbox.addTask();
				const run = await world.run({ operation: 'get4k', taskId: source.id });
				expect(first(run)).toMatchObject({ status: 'succeeded', videoTaskId: source.id });
				expect(world.sandbox.ledger).toHaveLength(1);
			},
			20_000,
		);

		it('is paid once with Retry On Fail, when the wait ended in an error', async () => {
			const endpoint = upgrade4kTaskId === 'own' ? 'recordInfo' : 'get4k';
			const after = upgrade4kTaskId === 'own' ? 0 : 1;
			world.sandbox.faults.add({ endpoint, after, kind: 'code', code: 401 });
			const source = world.sandbox.addTask();
			const run = await world.run(
				{ operation: 'get4k', taskId: source.id },
				{ node: RETRY_ON_FAIL },
			);
			expect(first(run)).toMatchObject({ status: 'succeeded' });
			expect(world.sandbox.ledger).toHaveLength(1);
		});

		it('is paid once on a person’s Retry', async () => {
			const endpoint = upgrade4kTaskId === 'own' ? 'recordInfo' : 'get4k';
			const after = upgrade4kTaskId === 'own' ? 0 : 1;
			world.sandbox.faults.add({ endpoint, after, kind: 'code', code: 401 });
			const parameters = { operation: 'get4k', taskId: world.sandbox.addTask().id };
			const failed = await world.run(parameters);
			const run = await world.run(parameters, { resumeFrom: failed });
			expect(failed.error()).toBeDefined();
			expect(first(run)).toMatchObject({ status: 'succeeded' });
			expect(world.sandbox.ledger).toHaveLength(1);
		});

		it('is not asked for again by itself once KieAI has reported it failed', async () => {
			world.sandbox.configure({ repeatAfterFailed4k: 'refuse' });
			const source = world.sandbox.addTask({ prompt: 'fail 4k' });
			await world.run({ operation: 'get4k', taskId: source.id });
			const count = sent(world, 'get4k').length;
			expect(world.sandbox.ledger).toHaveLength(1);
			expect(count).toBeLessThan(20);
		});

		it('is asked for again by Retry On Fail once KieAI has reported it failed', async () => {
			const source = world.sandbox.addTask({ prompt: 'fail 4k' });
			await world.run({ operation: 'get4k', taskId: source.id }, { node: RETRY_ON_FAIL });
			expect(world.sandbox.ledger.length).toBeGreaterThanOrEqual(3);
		});
	},
);

describe('What is free', () => {
	it('is not charged: looking, 1080p, files, balance', async () => {
		const task = world.sandbox.addTask();
		const fileUrl = task.videos[0]?.url ?? '';
		for (const parameters of [
			{ operation: 'get', taskId: task.id },
			{ operation: 'get1080p', taskId: task.id },
			{ resource: 'file', operation: 'download', fileUrl },
			{ resource: 'file', operation: 'upload', fileSource: 'url', sourceUrl: fileUrl },
		]) {
			expect((await world.run(parameters)).error()).toBeUndefined();
		}
		expect(world.sandbox.ledger).toEqual([]);
	});
});
