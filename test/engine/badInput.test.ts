import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { errorText, GENERATE, items, useWorld } from './support/action';
import { itSince } from './support/since';

const world = useWorld();

/** n8n itself refuses what is empty on screen; an expression may still give nothing. */
const NOTHING = "={{ '' }}";

const GET_4K = { operation: 'get4k', taskId: 'veo_task_1' };
const EXTEND = { operation: 'extend', taskId: 'veo_task_1', prompt: 'The fox jumps' };
const FRAMES = { ...GENERATE, generationType: 'FIRST_AND_LAST_FRAMES_2_VIDEO' };
const REFERENCES = { ...GENERATE, generationType: 'REFERENCE_2_VIDEO' };
const DOWNLOAD = { resource: 'file', operation: 'download', fileUrl: 'https://example.com/a.mp4' };
const UPLOAD = { resource: 'file', operation: 'upload' };
const TO_URL = { ...GENERATE, waitForResult: 'none', sendCallbackTo: 'url' };

const urls = (count: number) => Array.from({ length: count }, (_, n) => `https://a.example/${n}`);

const pdf: INodeExecutionData[] = [
	{ json: {}, binary: { data: { data: 'JVBERi0=', mimeType: 'application/pdf' } } },
];

/** As a node writes it that leaves out what n8n's types say is there. */
const untyped = [
	{ json: {}, binary: { data: { data: 'AAAA' } } },
] as unknown as INodeExecutionData[];

type Case = [string, IDataObject, string, INodeExecutionData[]?];

/** What is wrong, the parameters, how the refusal begins, and the input where it matters. */
const CASES: Case[] = [
	['an empty prompt', { ...GENERATE, prompt: NOTHING }, "'Prompt' is empty"],
	['a prompt of blanks', { ...EXTEND, prompt: `${NOTHING}  ` }, "'Prompt' is empty"],
	['no task ID', { operation: 'get4k' }, "'Task ID' is empty"],
	['no task ID to look for', { operation: 'get', taskId: NOTHING }, "'Task ID' is empty"],
	['four reference images', { ...REFERENCES, imageUrls: urls(4) }, "'Image URLs' has 4 images"],
	['three frames', { ...FRAMES, imageUrls: urls(3) }, "'Image URLs' has 3 images"],
	['no frame at all', { ...FRAMES, imageUrls: '={{ [] }}' }, "'Image URLs' has 0 images"],
	['an image that is no URL', { ...FRAMES, imageUrls: ['fox.jpg'] }, "'Image URLs' is 'fox.jpg'"],
	[
		'reference images for the Quality model',
		{ ...REFERENCES, model: 'quality', imageUrls: urls(1) },
		"'Make Video From' is 'Reference Images'",
	],
	[
		'a binary field that is missing',
		{ ...FRAMES, imageSource: 'binary', imageFields: 'photo' },
		"'Input Data Field Names': the item has no binary field 'photo'",
		pdf,
	],
	[
		'a binary field that is no image',
		{ ...FRAMES, imageSource: 'binary' },
		"'Input Data Field Names': the binary field 'data' is 'application/pdf', not an image",
		pdf,
	],
	[
		'a binary field without a MIME type',
		{ ...FRAMES, imageSource: 'binary' },
		"'Input Data Field Names': the binary field 'data' has no MIME type",
		untyped,
	],
	['a seed below the range', { ...GENERATE, options: { seed: 9_999 } }, "'Seed' is '9999'"],
	['a seed above the range', { ...EXTEND, options: { seed: 100_000 } }, "'Seed' is '100000'"],
	['a seed with a fraction', { ...GENERATE, options: { seed: 12_345.5 } }, "'Seed' is '12345.5'"],
	['a seed that is no number', { ...GENERATE, options: { seed: 'x' } }, "'Seed' is 'x'"],
	['a negative index', { ...GET_4K, index: -1 }, "'Video Index' is '-1'"],
	['an index with a fraction', { ...GET_4K, index: 0.5 }, "'Video Index' is '0.5'"],
	['an unknown model', { ...GENERATE, model: '=veo9' }, "'Model' is 'veo9'"],
	['an unknown shape', { ...GENERATE, aspectRatio: '={{ "4:3" }}' }, "'Aspect Ratio' is '4:3'"],
	['no callback URL', { ...TO_URL, callbackUrl: NOTHING }, "'Callback URL' is empty"],
	['a callback by FTP', { ...TO_URL, callbackUrl: 'ftp://a.example/x' }, "'Callback URL' is 'ftp:"],
	['a callback to no URL', { ...TO_URL, callbackUrl: 'here' }, "'Callback URL' is 'here'"],
	[
		'metadata that is no JSON object',
		{ ...TO_URL, callbackUrl: 'https://a.example/x', metadata: '[1]' },
		"'Metadata' is not a JSON object",
	],
	[
		'metadata that is too long',
		{
			...TO_URL,
			callbackUrl: 'https://a.example/x',
			metadata: JSON.stringify({ text: 'x'.repeat(1_000) }),
		},
		"'Metadata' has 1011 characters",
	],
	[
		'an interval below a second',
		{ ...GENERATE, options: { pollInterval: 0.5 } },
		"'Poll Interval (Seconds)' is '0.5'",
	],
	[
		'a negative first wait',
		{ ...GENERATE, options: { firstCheckAfter: -1 } },
		"'First Check After (Seconds)' is '-1'",
	],
	[
		'a timeout of more than a day',
		{ ...GENERATE, options: { timeout: 1_441 } },
		"'Timeout (Minutes)' is '1441'",
	],
	['a negative timeout', { ...GENERATE, options: { timeout: -1 } }, "'Timeout (Minutes)' is '-1'"],
	[
		'a limit of no tasks',
		{ ...GENERATE, options: { maxNewTasks: 0 } },
		"'Maximum New Tasks per Run' is '0'",
	],
	[
		'a negative balance',
		{ ...GENERATE, options: { minimumCreditBalance: -5 } },
		"'Minimum Credit Balance' is '-5'",
	],
	[
		'no name for the film',
		{ ...GENERATE, download: true, binaryPropertyName: NOTHING },
		"'Put Output File in Field' is empty",
	],
	['no file URL', { ...DOWNLOAD, fileUrl: NOTHING }, "'File URL' is empty"],
	['a file URL that is none', { ...DOWNLOAD, fileUrl: 'film.mp4' }, "'File URL' is 'film.mp4'"],
	[
		'a file that may have no bytes',
		{ ...DOWNLOAD, options: { maxFileSize: 0 } },
		"'Maximum File Size (MB)' is '0'",
	],
	['nothing to upload', UPLOAD, "'Input Data Field Name': the item has no binary field 'data'"],
	[
		'no URL to upload',
		{ ...UPLOAD, fileSource: 'url', sourceUrl: NOTHING },
		"'Source URL' is empty",
	],
	[
		'a URL to upload that is none',
		{ ...UPLOAD, fileSource: 'url', sourceUrl: 'file:///etc/passwd' },
		"'Source URL' is 'file:///etc/passwd'",
	],
];

describe('Bad input', () => {
	it.each(CASES)(
		'is refused by the name of its field: %s',
		async (...[, parameters, text, input]: Case) => {
			const run = await world.run(parameters, input && { items: input });

			expect(run.error()).toMatchObject({
				name: 'NodeOperationError',
				message: expect.stringContaining(text),
				context: expect.objectContaining({ itemIndex: 0 }),
			});
			expect(run.error()?.message).toMatch(/ \[item 0\]$/);
			expect(run.error()?.description).toBeTruthy();
			expect(world.sandbox.requests).toEqual([]);
		},
	);

	it.each([
		['extend', 'processing'],
		['extend', 'failed'],
		['get4k', 'processing'],
		['get4k', 'failed'],
		['get4k', 'timedOut'],
		['get1080p', 'processing'],
	])('is refused: %s of an item whose status is %s', async (operation, status) => {
		const run = await world.run(
			{ operation, prompt: 'On' },
			{ items: items({ videoTaskId: 'veo_task_1', kind: 'generate', status }) },
		);
		expect(errorText(run)).toContain(`'Task ID' is of a video whose status is '${status}'`);
		expect(world.sandbox.requests).toEqual([]);
	});

	it.each([
		['extend', 'upgrade4k', 'processing', "Wait for it first, with 'Get 4K' and this Task ID"],
		['extend', 'upgrade1080p', 'timedOut', "Wait for it first, with 'Get 1080p' and this Task ID"],
		['get1080p', 'upgrade4k', 'timedOut', "Wait for it first, with 'Get 4K' and this Task ID"],
		['get4k', 'upgrade1080p', 'processing', "Wait for it first, with 'Get 1080p' and this Task ID"],
		['extend', 'upgrade4k', 'failed', 'It will not become ready.'],
		['get4k', 'generate', 'timedOut', "Wait for it first, with 'Get' and 'Wait for Result'"],
	])(
		'is refused with advice that helps: %s of an item of kind %s whose status is %s',
		async (operation, kind, status, advice) => {
			const run = await world.run(
				{ operation, prompt: 'On' },
				{ items: items({ videoTaskId: 'veo_task_1', kind, status }) },
			);
			expect(errorText(run)).toContain(`'Task ID' is of a video whose status is '${status}'`);
			expect(errorText(run)).toContain(advice);
		},
	);

	it.each(['processing', 'failed', 'timedOut'])(
		'is refused: the download of an item without a film, whose status is %s',
		async (status) => {
			const run = await world.run(
				{ resource: 'file', operation: 'download' },
				{ items: items({ videoUrl: null, status }) },
			);
			expect(errorText(run)).toContain("'File URL' is empty");
			expect(errorText(run)).toContain(`its status is '${status}'`);
			expect(world.sandbox.requests).toEqual([]);
		},
	);

	it.each([
		['upgrade4k', 'processing', 'Get 4K'],
		['upgrade4k', 'timedOut', 'Get 4K'],
		['upgrade1080p', 'processing', 'Get 1080p'],
		['upgrade1080p', 'timedOut', 'Get 1080p'],
	])('is refused: get of an item of kind %s whose status is %s', async (kind, status, name) => {
		const item = { taskId: 'veo_task_1', videoTaskId: 'veo_task_1', kind, status };
		const run = await world.run({ operation: 'get' }, { items: items(item) });
		expect(errorText(run)).toContain(
			`'Task ID' is the source of an upgrade whose status is '${status}'`,
		);
		expect(errorText(run)).toContain(`Use '${name}'`);
		expect(world.sandbox.requests).toEqual([]);
	});

	itSince('2.11', '1.123')('is refused: a workflow that ends before the wait does', async () => {
		const run = await world.run(GENERATE, { settings: { executionTimeout: 600 } });
		expect(errorText(run)).toContain(
			"'Timeout (Minutes)' is 15, and the workflow is stopped after 600 seconds",
		);
		expect(world.sandbox.requests).toEqual([]);
	});

	itSince('2.11', '1.123')('is refused: a workflow that ends with the wait', async () => {
		const run = await world.run(GENERATE, { settings: { executionTimeout: 900 } });
		expect(errorText(run)).toContain('the workflow is stopped after 900 seconds');
		expect(world.sandbox.requests).toEqual([]);
	});

	it.each([
		['none', { ...GENERATE, waitForResult: 'none' }, 600],
		['a shorter one', { ...GENERATE, options: { timeout: 5 } }, 600],
		['one with no limit', GENERATE, -1],
	])('is not: %s in a workflow with its own end', async (_name, parameters, executionTimeout) => {
		const run = await world.run(parameters, { settings: { executionTimeout } });
		expect(run.error()).toBeUndefined();
	});

	it('in the last item stops the run before the first is sent', async () => {
		const run = await world.run(
			{ ...GENERATE, prompt: '={{ $json.prompt }}' },
			{ items: items({ prompt: 'A fox' }, { prompt: 'A hare' }, { prompt: '' }) },
		);
		expect(run.error()?.message).toBe("'Prompt' is empty [item 2]");
		expect(run.error()).toMatchObject({ context: expect.objectContaining({ itemIndex: 2 }) });
		expect(world.sandbox.requests).toEqual([]);
	});

	it('becomes an error item where the user chose to go on, and the others are made', async () => {
		const run = await world.run(
			{ ...GENERATE, prompt: '={{ $json.prompt }}' },
			{
				items: items({ prompt: '' }, { prompt: 'A hare' }),
				node: { onError: 'continueRegularOutput' },
			},
		);
		expect(run.json('KieAI')).toEqual([
			expect.objectContaining({ error: "'Prompt' is empty [item 0]" }),
			expect.objectContaining({ status: 'succeeded' }),
		]);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('is refused: a Base URL without TLS', async () => {
		const run = await world.run(GENERATE, {
			credentials: { kieAiApi: { ...world.credentials.kieAiApi, baseUrl: 'http://a.example' } },
		});
		expect(errorText(run)).toContain("'Base URL' of the KieAI credential must begin with https://");
		expect(world.sandbox.requests).toEqual([]);
	});

	it('is refused: a callback to this machine, which KieAI cannot reach', async () => {
		const run = await world.run(
			{ ...TO_URL, callbackUrl: 'http://localhost:5678/webhook/kieai' },
			{ credentials: { kieAiApi: { apiKey: 'sk-any', baseUrl: 'https://api.kie.invalid' } } },
		);
		expect(errorText(run)).toContain('where KieAI cannot reach n8n');
		expect(errorText(run)).toContain('WEBHOOK_URL');
	});
});
