import type { IDataObject } from 'n8n-workflow';

import type { EndpointName } from '../sandbox';
import {
	ALL_KEYS,
	errorText,
	eventually,
	first,
	GENERATE,
	items,
	sent,
	shortenRequests,
	useWorld,
} from './support/action';
import { coreIsAtLeast } from './support/engine';

const world = useWorld();

const GET = { operation: 'get', taskId: 'veo_task_1' };
const AMBIGUOUS = 'KieAI may have accepted this video, and charged for it';
const VERDICT_4K = 'The 4K version of this video is unavailable. Please try a different video.';
const BY_ITEM = { ...GENERATE, prompt: '={{ $json.prompt }}' };

/** KieAI's refusals of a new video: code, its words, and what the user is told to do. */
const REFUSALS: Array<[number, string, string]> = [
	[400, 'Your prompt was flagged by Website as violating content policies.', 'Change the prompt'],
	[401, 'You do not have access permissions', "Check the API key in the 'KieAI API' credential."],
	[402, 'Credits insufficient', 'Add credits to your KieAI account'],
	[404, 'Not Found', 'KieAI does not know it.'],
	[422, 'prompt is too long', 'KieAI does not accept one of them.'],
	[451, 'Failed to fetch the image.', 'Use a link that opens without a login, or a binary field.'],
	[455, 'Service Unavailable', 'KieAI is under maintenance. Run the node again later.'],
	[501, 'The model returned nothing', 'Change the prompt or the images'],
	[505, 'Feature Disabled', 'KieAI has switched this feature off.'],
];

/** What 422 says of a source video, and what the user is told to do. */
const VALIDATION: Array<[string, string]> = [
	['record is null', "Check the 'Task ID'"],
	['Temporarily supports records within 14 days', 'Generate the video again.'],
	['record result data is blank', 'KieAI has no result for this task.'],
	['record status is not success', "wait until its status is 'succeeded'"],
	['record result data not exist', 'KieAI has no result for this task.'],
	['record result data is empty', 'KieAI has no result for this task.'],
];

function addCode(endpoint: EndpointName, code: number, more: object = {}): void {
	world.sandbox.faults.add({ endpoint, kind: 'code', code, ...more });
}

describe("KieAI's refusal", () => {
	it.each(REFUSALS)('%i is told in its own words, with what to do', async (code, msg, advice) => {
		addCode('generate', code, { msg, times: 'always' });
		const run = await world.run(GENERATE);

		expect(run.error()).toMatchObject({
			name: 'NodeApiError',
			message: `${msg} [item 0]`,
			description: expect.stringContaining(advice),
			httpCode: String(code),
			context: expect.objectContaining({ itemIndex: 0 }),
		});
		expect(sent(world, 'generate')).toHaveLength(1);
		expect(world.sandbox.ledger).toEqual([]);
	});

	it.each([401, 402, 422])('%i is understood under an HTTP status of its own too', async (code) => {
		addCode('generate', code, { msg: 'Said with HTTP', httpStatus: code });
		const run = await world.run(GENERATE);
		expect(run.error()).toMatchObject({
			message: 'Said with HTTP [item 0]',
			httpCode: String(code),
		});
	});

	it.each(VALIDATION)("422 '%s' is told with advice of its own", async (msg, advice) => {
		addCode('get4k', 422, { msg });
		const run = await world.run({ operation: 'get4k', taskId: 'veo_task_1' });
		expect(run.error()).toMatchObject({
			message: `${msg} (task veo_task_1) [item 0]`,
			description: expect.stringContaining(advice),
		});
		expect(sent(world, 'get4k')).toHaveLength(1);
	});

	it('for an empty account is told', async () => {
		world.sandbox.accounts().forEach((account) => (account.credits = 59));
		const run = await world.run(GENERATE);
		expect(errorText(run)).toContain('The current credits are insufficient. Please top up.');
		expect(errorText(run)).toContain('Add credits');
	});

	it('for a wrong key is told', async () => {
		const run = await world.run(GENERATE, {
			credentials: { kieAiApi: { ...world.credentials.kieAiApi, apiKey: 'sk-wrong' } },
		});
		expect(errorText(run)).toContain('You do not have access permissions');
		expect(errorText(run)).toContain("Check the API key in the 'KieAI API' credential.");
	});

	it('for an image that cannot be fetched is told', async () => {
		const run = await world.run({
			...GENERATE,
			generationType: 'REFERENCE_2_VIDEO',
			imageUrls: [`${world.sandbox.refusedUrl}/a.jpg`],
		});
		expect(errorText(run)).toContain('Failed to fetch the image.');
		expect(errorText(run)).toContain('Use a link that opens without a login');
	});

	it('is told whole, even where n8n has words of its own for a part of it', async () => {
		addCode('generate', 400, { msg: 'Fetching the image failed with ECONNREFUSED' });
		const run = await world.run(GENERATE);
		expect(run.error()?.message).toBe('Fetching the image failed with ECONNREFUSED [item 0]');
	});

	it.each([
		['get4k', 400, '4K'],
		['get4k', 501, '4K'],
		['get1080p', 400, '1080p'],
	] as const)(
		'of %s with code %i is not taken for one of a prompt',
		async (operation, code, version) => {
			const { id } = world.sandbox.addTask();
			addCode(operation, code, { msg: 'No such thing', times: 'always' });
			const run = await world.run({ operation, taskId: id });
			expect(errorText(run)).toContain('No such thing');
			expect(errorText(run)).toContain(`KieAI could not make the ${version} version.`);
			expect(errorText(run)).not.toContain('Change the prompt');
		},
	);
});

describe('A question', () => {
	it.each([408, 455, 500])('is asked again after code %i', async (code) => {
		const task = world.sandbox.addTask();
		addCode('recordInfo', code, { times: 2 });
		const run = await world.run({ ...GET, taskId: task.id });
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(sent(world, 'recordInfo')).toHaveLength(3);
	});

	it.each([400, 401, 402, 404, 422, 451, 501, 505])(
		'is not asked again after code %i',
		async (code) => {
			addCode('recordInfo', code, { times: 'always', msg: 'No' });
			const run = await world.run(GET);
			expect(run.error()).toMatchObject({ message: 'No (task veo_task_1) [item 0]' });
			expect(sent(world, 'recordInfo')).toHaveLength(1);
		},
	);

	it.each([
		['an HTML page', { kind: 'html' }],
		['an HTML page under 200', { kind: 'html', status: 200 }],
		['half an answer', { kind: 'truncated' }],
		['an empty answer', { kind: 'empty' }],
		['a broken connection', { kind: 'resetBefore' }],
		['a broken answer', { kind: 'resetMidway', afterBytes: 20 }],
		['no answer', { kind: 'hang' }],
		['an answer that never ends', { kind: 'drip', pauseMs: 100, pieceBytes: 1 }],
	] as const)('is asked again after %s', async (_name, fault) => {
		const restore = shortenRequests(400);
		const task = world.sandbox.addTask();
		world.sandbox.faults.add({ endpoint: 'recordInfo', ...fault });
		const run = await world.run({ ...GET, taskId: task.id });
		restore();
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(sent(world, 'recordInfo')).toHaveLength(2);
	});

	it('waits as long as Retry-After says', async () => {
		const task = world.sandbox.addTask();
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'status429', retryAfter: 90 });
		await world.run({ ...GET, taskId: task.id });
		const [refused, answered] = sent(world, 'recordInfo');
		expect((answered?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(90_000);
	});

	it('is given up where Retry-After asks for longer than anybody waits', async () => {
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'status429', retryAfter: 3_600 });
		const run = await world.run(GET);
		expect(errorText(run)).toContain('Too many requests');
		expect(sent(world, 'recordInfo')).toHaveLength(1);
	});

	it('ends with the HTTP status where a proxy goes on answering', async () => {
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'html', times: 'always' });
		const run = await world.run(GET);
		expect(run.error()).toMatchObject({
			message: expect.stringContaining('answered with HTTP status 502'),
			httpCode: '502',
		});
		expect(errorText(run)).not.toContain('<html>');
	});

	it('ends with the network where KieAI cannot be reached', async () => {
		const run = await world.run(GET, {
			credentials: {
				kieAiApi: { ...world.credentials.kieAiApi, baseUrl: world.sandbox.refusedUrl },
			},
		});
		expect(errorText(run)).toContain('KieAI could not be reached');
		expect(errorText(run)).toContain('Check the network and the Base URL');
	});
});

describe('On Error: Continue', () => {
	const input = items({ prompt: 'A' }, { prompt: 'fail: too dark' }, { prompt: 'refuse: rude' });

	it('puts error items among the others, in the one shape that n8n keeps whole', async () => {
		const run = await world.run(BY_ITEM, {
			items: input,
			node: { onError: 'continueRegularOutput' },
		});

		const failedId = world.sandbox.tasks().find(({ prompt }) => /^fail/.test(prompt))?.id;
		const text = `too dark (task ${failedId}) [item 1]`;
		expect(run.status).toBe('success');
		expect(run.json('KieAI')).toEqual([
			expect.objectContaining({ status: 'succeeded' }),
			{
				error: text,
				message: text,
				details: expect.objectContaining({
					status: 'failed',
					taskId: failedId,
					videoTaskId: failedId,
					errorMessage: 'too dark',
				}),
			},
			{
				error: 'rude [item 2]',
				message: 'rude [item 2]',
				details: expect.objectContaining({ status: 'failed', errorMessage: 'rude' }),
			},
		]);
		expect(run.items('KieAI').map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
	});

	it.each([true, false])(
		'gives the details the whole contract, with Simplify %s',
		async (simplify) => {
			const run = await world.run(
				{ ...BY_ITEM, simplify },
				{ items: input, node: { onError: 'continueRegularOutput' } },
			);
			for (const { details } of run.json('KieAI').slice(1)) {
				expect(Object.keys(details as IDataObject)).toEqual(ALL_KEYS);
				expect(details).toMatchObject({ raw: null });
			}
		},
	);

	it('tells of the source of an upgrade that failed, whatever Simplify leaves out', async () => {
		world.sandbox.configure({ repeatAfterFailed4k: 'refuse' });
		const { id } = world.sandbox.addTask({ prompt: 'fail 4k', videos: 2 });
		const run = await world.run(
			{ operation: 'get4k', taskId: id, index: 1 },
			{ node: { onError: 'continueRegularOutput' } },
		);
		expect(first(run).details).toMatchObject({ sourceTaskId: id, index: 1, errorCode: '422' });
	});

	it('calls what nobody knows the end of neither failed nor succeeded', async () => {
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter' });
		const run = await world.run(GENERATE, { node: { onError: 'continueRegularOutput' } });
		const { details } = first(run);
		expect(Object.keys(details as IDataObject)).toEqual(ALL_KEYS);
		expect(details).toMatchObject({
			status: 'processing',
			kind: 'generate',
			errorMessage: expect.stringContaining(AMBIGUOUS),
			confirmed: false,
		});
	});

	it('gives the details of what was refused before it was sent the shape of the contract', async () => {
		const run = await world.run(BY_ITEM, {
			items: items({ prompt: '' }),
			node: { onError: 'continueRegularOutput' },
		});
		const { details } = first(run);
		expect(Object.keys(details as IDataObject)).toEqual(ALL_KEYS);
		expect(details).toMatchObject({ status: 'failed', kind: 'generate', raw: null });
		expect(details).toMatchObject({ taskId: '', sourceTaskId: null, confirmed: false });
	});

	it.each<[string, IDataObject, IDataObject]>([
		['Get 4K', { operation: 'get4k', index: 1.5 }, { videoTaskId: 'veo_task_1' }],
		['Get 1080p', { operation: 'get1080p', index: -1 }, { videoTaskId: 'veo_task_1' }],
		['Get', { operation: 'get', options: { pollInterval: 0 } }, { taskId: 'veo_task_1' }],
		['Extend', { operation: 'extend', prompt: '={{ "" }}' }, { sourceTaskId: 'veo_task_1' }],
		['an item', { operation: 'get4k', taskId: '={{ "" }}' }, { videoTaskId: 'of_item' }],
		[
			'a broken expression',
			{ operation: 'get', taskId: '={{ $("No").item }}' },
			{ taskId: 'of_item' },
		],
	])(
		'tells the Task ID that what was refused before it was sent had: %s',
		async (_name, parameters, expected) => {
			const run = await world.run(
				{ taskId: 'veo_task_1', ...parameters },
				{ items: items({ taskId: 'of_item' }), node: { onError: 'continueRegularOutput' } },
			);
			const { details, error } = first(run);
			expect(error).toContain(`(task ${Object.values(expected).join()}) [item 0]`);
			expect(Object.keys(details as IDataObject)).toEqual(ALL_KEYS);
			expect(details).toMatchObject({ ...expected, status: 'failed', confirmed: false });
			expect(world.sandbox.requests).toEqual([]);
		},
	);

	it('tells the Task ID of the one bad item that stops the run', async () => {
		const run = await world.run({ operation: 'get4k', taskId: 'veo_task_1', index: 1.5 });
		expect(run.error()?.message).toContain("'Video Index' is '1.5' (task veo_task_1) [item 0]");
	});

	it('tells KieAI’s code of a request that it refused, and that KieAI said so', async () => {
		addCode('extend', 402, { msg: 'Credits insufficient' });
		const run = await world.run(
			{ operation: 'extend', taskId: 'veo_task_1', prompt: 'On' },
			{ node: { onError: 'continueRegularOutput' } },
		);
		expect(first(run)).toMatchObject({
			error: 'Credits insufficient (task veo_task_1) [item 0]',
			details: { errorCode: '402', sourceTaskId: 'veo_task_1', confirmed: true },
		});
	});

	it('says that nothing is confirmed where KieAI could not be reached', async () => {
		const baseUrl = world.sandbox.refusedUrl;
		const run = await world.run(GET, {
			credentials: { kieAiApi: { ...world.credentials.kieAiApi, baseUrl } },
			node: { onError: 'continueRegularOutput' },
		});
		expect(first(run).details).toMatchObject({ taskId: GET.taskId, confirmed: false });
	});

	it('sends error items to the error output, with their details where n8n lets them through', async () => {
		const run = await world.run(BY_ITEM, {
			items: input,
			node: { onError: 'continueErrorOutput' },
		});

		expect(run.json('KieAI', 0)).toEqual([expect.objectContaining({ status: 'succeeded' })]);
		expect(run.json('KieAI', 1)).toEqual([
			expect.objectContaining({
				error: expect.stringContaining('too dark'),
				...(coreIsAtLeast('2.36') && {
					details: expect.objectContaining({ errorMessage: 'too dark' }),
				}),
			}),
			expect.objectContaining({ error: 'rude [item 2]' }),
		]);
	});

	it.each([
		['File', { resource: 'file', operation: 'download', fileUrl: '={{ $json.url }}' }],
		['Upload', { resource: 'file', operation: 'upload', fileSource: 'url', sourceUrl: '={{ 1 }}' }],
	])('holds for %s too', async (_name, parameters) => {
		const run = await world.run(parameters, {
			items: items({ url: 'https://foreign.example/a.mp4' }),
			node: { onError: 'continueRegularOutput' },
		});
		expect(Object.keys(first(run))).toEqual(['error', 'message', 'details']);
	});

	it('keeps the film of the item whose download worked', async () => {
		world.sandbox.faults.add({
			endpoint: 'file',
			kind: 'contentType',
			contentType: 'text/html',
			after: 1,
		});
		const [a, b] = [world.sandbox.addTask(), world.sandbox.addTask()];
		const run = await world.run(
			{ operation: 'get', taskId: '={{ $json.id }}', download: true },
			{ items: items({ id: a.id }, { id: b.id }), node: { onError: 'continueRegularOutput' } },
		);
		const withFilm = run.items('KieAI').filter(({ binary }) => binary?.data !== undefined);
		const failed = run.json('KieAI').filter(({ error }) => error !== undefined);
		expect(withFilm).toHaveLength(1);
		expect(failed).toEqual([
			expect.objectContaining({
				details: expect.objectContaining({
					status: 'succeeded',
					videoUrl: expect.stringMatching(/^http/),
				}),
			}),
		]);
	});
});

describe('On Error: Stop', () => {
	it('settles everything that was started before it ends, and lists all tasks', async () => {
		const run = await world.run(BY_ITEM, {
			items: items({ prompt: 'A' }, { prompt: 'refuse: rude' }, { prompt: 'C' }),
		});

		expect(run.status).toBe('error');
		expect(run.error()).toMatchObject({
			name: 'NodeApiError',
			message: 'rude [item 1]',
			context: expect.objectContaining({ itemIndex: 1 }),
		});
		const tasks = world.sandbox.tasks();
		expect(tasks).toHaveLength(2);
		for (const { id, state, videos } of tasks) {
			expect(state).toBe('success');
			expect(run.error()?.description).toContain(`${id} succeeded ${videos[0]?.url}`);
		}
	});

	it('tells why the other items failed', async () => {
		const run = await world.run(BY_ITEM, {
			items: items(
				{ prompt: 'refuse: rude' },
				{ prompt: 'B' },
				{ prompt: 'refuse: crude' },
				{ prompt: 'fail: too dark' },
			),
		});
		const failedId = world.sandbox.tasks().find(({ prompt }) => /^fail/.test(prompt))?.id;
		const { message, description } = run.error() ?? {};
		expect(message).toBe('rude [item 0]');
		expect(description).toContain(
			`Other items: crude [item 2]; too dark (task ${failedId}) [item 3].`,
		);
		expect(description).toContain('Tasks of this run: ');
		expect(description).not.toContain('rude [item 0]');
	});

	it('puts what may have been charged before any other failure', async () => {
		// The first request to arrive is refused, the second gets no answer, the third is accepted.
		addCode('generate', 400, { msg: 'rude' });
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter', after: 1 });
		const run = await world.run(GENERATE, { items: items({}, {}, {}) });

		const accepted = run.log.find(({ message }) => message.startsWith('KieAI accepted task'));
		const { taskId } = accepted?.meta as { taskId: string };
		expect(run.error()?.message).toContain(AMBIGUOUS);
		expect(run.error()?.description).toContain('It is not sent again by itself.');
		expect(run.error()?.description).toMatch(/Other items: rude \[item \d]\./);
		expect(run.error()?.description).toContain(`Tasks of this run: ${taskId} succeeded http`);
	});

	it('tells the task and the film of a download that failed', async () => {
		world.sandbox.faults.add({ endpoint: 'file', kind: 'contentType', contentType: 'text/html' });
		const task = world.sandbox.addTask();
		const run = await world.run({ operation: 'get', taskId: task.id, download: true });
		expect(errorText(run)).toContain(task.id);
		expect(errorText(run)).toContain(task.videos[0]?.url);
	});
});

describe('No item but an error item has a key named error', () => {
	it.each([
		['succeeded', {}],
		['processing', { waitForResult: 'none', state: 'running' }],
		['failed', { waitForResult: 'none', state: 'failed' }],
		['timedOut', { state: 'running', onTimeout: 'output', options: { timeout: 0 } }],
	] as const)('with status %s', async (status, { state, ...more }: IDataObject) => {
		// What runs does not end before it has been looked at.
		world.sandbox.configure({ videoSeconds: 1_000_000 });
		const task = world.sandbox.addTask(state ? { state: state as 'running' | 'failed' } : {});
		const run = await world.run({ ...GET, taskId: task.id, simplify: false, ...more });
		expect(first(run)).toMatchObject({ status });
		expect(first(run)).not.toHaveProperty('error');
	});
});

describe('The log', () => {
	it('warns of a request that may have been accepted the moment that it is known', async () => {
		world.sandbox.configure({ videoSeconds: 100_000 });
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter' });
		const from = world.engine.log.length;
		const started = world.start(
			{ ...GENERATE, options: { timeout: 1_440 } },
			{ items: items({}, {}) },
		);
		let isOver = false;
		void started.result.then(() => (isOver = true));
		const line = await eventually(() =>
			world.engine.log.slice(from).find(({ level }) => level === 'warn'),
		);
		const wasOver = isOver;
		started.cancel();
		await started.result;

		expect(wasOver).toBe(false);
		expect(line).toMatchObject({
			message: expect.stringContaining('KieAI may have accepted a task'),
			meta: {
				kind: 'generate',
				itemIndex: expect.any(Number),
				executionId: started.executionId,
			},
		});
	});

	it.each([
		['what was accepted', {}],
		['what was refused', { prompt: 'refuse: rude' }],
	])('warns of nothing where KieAI answered clearly: %s', async (_name, more) => {
		const run = await world.run({ ...GENERATE, waitForResult: 'none', ...more });
		expect(run.log.filter(({ level }) => level === 'warn')).toEqual([]);
	});

	it.each([
		['warns of nothing where KieAI cannot make a 4K version', VERDICT_4K, 0],
		['warns of an upgrade that may have been accepted', undefined, 1],
	])('%s', async (_name, msg, warnings) => {
		const { id } = world.sandbox.addTask();
		addCode('get4k', 500, { times: 'always', ...(msg && { msg }) });
		const run = await world.run({ operation: 'get4k', taskId: id });
		expect(run.log.filter(({ level }) => level === 'warn')).toHaveLength(warnings);
	});

	it('tells every accepted task at info level the moment it is known', async () => {
		world.sandbox.configure({ videoSeconds: 100_000 });
		const started = world.start({ ...GENERATE, options: { timeout: 1_440 } });
		await new Promise<void>((resolve) => {
			world.sandbox.on('request', ({ endpoint }) => endpoint === 'recordInfo' && resolve());
		});
		const taskId = world.sandbox.ledger[0]?.taskId;
		const line = world.engine.log.find(({ message }) => message.includes(String(taskId)));
		started.cancel();
		await started.result;

		expect(line).toMatchObject({
			level: 'info',
			meta: { taskId, kind: 'generate', itemIndex: 0, executionId: started.executionId },
		});
	});

	it.each([
		['generate', GENERATE],
		['extend', { operation: 'extend', prompt: 'On', taskId: 'source' }],
		['upgrade4k', { operation: 'get4k', taskId: 'source' }],
	])('tells a task of kind %s', async (kind, parameters) => {
		world.sandbox.addTask({ id: 'source' });
		const run = await world.run({ ...parameters, waitForResult: 'none' });
		const { taskId } = first(run);
		expect(run.log).toContainEqual(
			expect.objectContaining({ level: 'info', meta: expect.objectContaining({ taskId, kind }) }),
		);
	});
});
