import axios from 'axios';
import type { INodeExecutionData } from 'n8n-workflow';

import { readMedia } from '../sandbox/files';
import {
	bodies,
	errorText,
	first,
	GENERATE,
	items,
	sent,
	SIMPLE_KEYS,
	useWorld,
} from './support/action';
import { chain } from './support/engine';
import { KIEAI_NODE } from './support/world';

const world = useWorld();

const FRAMES = { ...GENERATE, generationType: 'FIRST_AND_LAST_FRAMES_2_VIDEO' };
const picture = readMedia({ resolution: '720p', aspectRatio: '16:9' }, 'jpg');

function withPictures(...names: string[]): INodeExecutionData[] {
	const image = (name: string) => ({
		data: picture.toString('base64'),
		mimeType: 'image/jpeg',
		fileName: `${name}.jpg`,
	});
	return [{ json: {}, binary: Object.fromEntries(names.map((name) => [name, image(name)])) }];
}

describe('Veo generate video', () => {
	it('outputs the finished video in the shape of the contract', async () => {
		const run = await world.run(GENERATE);

		const [task] = world.sandbox.tasks();
		expect(run.error()).toBeUndefined();
		expect(run.json('KieAI')).toEqual([
			{
				videoUrl: task?.videos[0]?.url,
				status: 'succeeded',
				taskId: task?.id,
				videoTaskId: task?.id,
				kind: 'generate',
				resolution: '720p',
				resultUrls: [task?.videos[0]?.url],
				imageUrls: [],
				errorMessage: null,
				completedAt: new Date(task?.completedAt ?? 0).toISOString(),
			},
		]);
		expect(Object.keys(first(run))).toEqual(SIMPLE_KEYS);
		expect(run.items('KieAI')[0]?.pairedItem).toEqual({ item: 0 });
	});

	it('is charged once', async () => {
		await world.run(GENERATE);
		expect(world.sandbox.ledger).toEqual([
			expect.objectContaining({ operation: 'generate', credits: 60 }),
		]);
	});

	it("outputs the whole contract and KieAI's own data with Simplify off", async () => {
		const run = await world.run({ ...GENERATE, simplify: false });

		const { raw, ...json } = first(run);
		const answer = sent(world, 'recordInfo').at(-1)?.answer?.body as { data: unknown };
		expect(raw).toEqual(answer.data);
		expect(Object.keys(json)).toEqual([
			...SIMPLE_KEYS,
			'sourceTaskId',
			'index',
			'originUrls',
			'fullResultUrls',
			'mediaIds',
			'creditsConsumed',
			'errorCode',
			'createdAt',
			'metadata',
			'confirmed',
		]);
		expect(json).toMatchObject({
			sourceTaskId: null,
			index: null,
			originUrls: [],
			fullResultUrls: [],
			mediaIds: [expect.any(String)],
			errorCode: null,
			metadata: null,
			confirmed: true,
		});
	});

	it.each([
		['quality', 'veo3', 250],
		['lite', 'veo3_lite', 30],
	])("sends the model '%s' under KieAI's name", async (model, sentModel, credits) => {
		await world.run({ ...GENERATE, model, waitForResult: 'none' });
		expect(bodies(world, 'generate')).toEqual([expect.objectContaining({ model: sentModel })]);
		expect(world.sandbox.ledger).toMatchObject([{ credits }]);
	});

	it('outputs every video of a task that has several', async () => {
		world.sandbox.configure({ videosPerTask: 3 });
		const run = await world.run(GENERATE);
		const urls = world.sandbox.tasks()[0]?.videos.map(({ url }) => url);
		expect(first(run)).toMatchObject({ resultUrls: urls, videoUrl: urls?.[0] });
	});

	it('outputs the original films of a portrait video', async () => {
		const run = await world.run({ ...GENERATE, aspectRatio: '9:16', simplify: false });
		const video = world.sandbox.tasks()[0]?.videos[0];
		expect(bodies(world, 'generate')).toEqual([expect.objectContaining({ aspect_ratio: '9:16' })]);
		expect(first(run)).toMatchObject({ videoUrl: video?.url, originUrls: [video?.originUrl] });
	});

	it.each([
		['fail: violates content policy', 'violates content policy', 'Change the prompt'],
		['fail upstream: no result', 'no result', 'Change the prompt'],
	])("fails in KieAI's words when the task fails (%s)", async (prompt, words, advice) => {
		const run = await world.run({ ...GENERATE, prompt });
		const taskId = world.sandbox.tasks()[0]?.id;
		expect(run.error()).toMatchObject({
			name: 'NodeApiError',
			message: `${words} (task ${taskId}) [item 0]`,
			context: expect.objectContaining({ itemIndex: 0 }),
		});
		expect(errorText(run)).toContain(advice);
	});

	it('leaves at once with the task ID with Do Not Wait', async () => {
		const run = await world.run({ ...GENERATE, waitForResult: 'none' });
		const taskId = world.sandbox.ledger[0]?.taskId;
		expect(run.json('KieAI')).toEqual([
			expect.objectContaining({
				status: 'processing',
				taskId,
				videoTaskId: taskId,
				videoUrl: null,
			}),
		]);
		expect(sent(world, 'recordInfo')).toEqual([]);
	});

	it('puts the film into a binary field with Download Video', async () => {
		const run = await world.run({ ...GENERATE, download: true, binaryPropertyName: 'film' });
		const [item] = run.items('KieAI');
		expect(item?.json).toMatchObject({ status: 'succeeded' });
		expect(Object.keys(item?.binary ?? {})).toEqual(['film']);
		expect(await world.engine.readBinary(item?.binary?.film)).toEqual(
			readMedia({ resolution: '720p', aspectRatio: '16:9' }, 'mp4'),
		);
	});
});

describe('Veo generate video from images', () => {
	it('sends image URLs in order, and as what they are meant', async () => {
		const imageUrls = ['https://example.com/first.jpg', 'https://example.com/last.jpg'];
		await world.run({ ...FRAMES, imageUrls, waitForResult: 'none' });
		expect(bodies(world, 'generate')).toEqual([
			{
				prompt: GENERATE.prompt,
				imageUrls,
				generationType: 'FIRST_AND_LAST_FRAMES_2_VIDEO',
			},
		]);
	});

	it.each([
		['a list', ['https://example.com/1.jpg', 'https://example.com/2.jpg']],
		['JSON text', '["https://example.com/1.jpg","https://example.com/2.jpg"]'],
	])('takes image URLs from an expression that gives %s', async (_name, images) => {
		await world.run(
			{
				...GENERATE,
				generationType: 'REFERENCE_2_VIDEO',
				imageUrls: '={{ $json.images }}',
				waitForResult: 'none',
			},
			{ items: items({ images }) },
		);
		expect(bodies(world, 'generate')).toEqual([
			expect.objectContaining({
				imageUrls: ['https://example.com/1.jpg', 'https://example.com/2.jpg'],
				generationType: 'REFERENCE_2_VIDEO',
			}),
		]);
	});

	it('uploads binary fields first and sends their links in order', async () => {
		const run = await world.run(
			{ ...FRAMES, imageSource: 'binary', imageFields: 'first, last', waitForResult: 'none' },
			{ items: withPictures('last', 'first') },
		);

		expect(run.error()).toBeUndefined();
		const endpoints = world.sandbox.requests.map(({ endpoint }) => endpoint);
		expect(endpoints.slice(0, 3)).toEqual(['uploadStream', 'uploadStream', 'generate']);
		const [{ imageUrls } = { imageUrls: [] }] = bodies(world, 'generate') as Array<{
			imageUrls: string[];
		}>;
		expect(imageUrls.map((url) => url.split('/').at(-1))).toEqual(['first.jpg', 'last.jpg']);
		const { data } = await axios.get<Buffer>(imageUrls[0] ?? '', { responseType: 'arraybuffer' });
		expect(data.equals(picture)).toBe(true);
	});

	it('keeps apart images that have the same name', async () => {
		const image = (mimeType: string, data: Buffer) => ({
			data: data.toString('base64'),
			mimeType,
			fileName: 'image.jpg',
		});
		const contents = [picture, Buffer.from('another picture')];
		const [a, b] = contents.map((data) => image('image/jpeg', data));
		await world.run(
			{ ...FRAMES, imageSource: 'binary', imageFields: 'a,b', waitForResult: 'none' },
			{ items: [{ json: {}, binary: { ...(a && { a }), ...(b && { b }) } }] },
		);
		const [{ imageUrls } = { imageUrls: [] }] = bodies(world, 'generate') as Array<{
			imageUrls: string[];
		}>;
		const files = imageUrls.map(
			async (url) => (await axios.get<Buffer>(url, { responseType: 'arraybuffer' })).data,
		);
		expect(await Promise.all(files)).toEqual(contents);
	});

	it('streams images that n8n keeps on disk', async () => {
		const { imageUrl } = world.sandbox.addTask().videos[0] ?? { imageUrl: '' };
		const workflow = chain(
			{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
			{
				name: 'Picture',
				type: KIEAI_NODE,
				parameters: { resource: 'file', operation: 'download', fileUrl: imageUrl },
			},
			{
				name: 'KieAI',
				type: KIEAI_NODE,
				parameters: { ...FRAMES, imageSource: 'binary', waitForResult: 'none' },
			},
		);
		const run = await world.engine.run(workflow, { credentials: world.credentials });

		expect(run.error()).toBeUndefined();
		expect(bodies(world, 'uploadStream')).toEqual([
			expect.objectContaining({
				file: expect.objectContaining({ mimeType: 'image/jpeg', size: picture.length }),
			}),
		]);
		const [{ imageUrls } = { imageUrls: [] }] = bodies(world, 'generate') as Array<{
			imageUrls: string[];
		}>;
		const { data } = await axios.get<Buffer>(imageUrls[0] ?? '', { responseType: 'arraybuffer' });
		expect(data.equals(picture)).toBe(true);
	});

	it('starts and charges nothing when an image cannot be uploaded', async () => {
		world.sandbox.faults.add({ endpoint: 'uploadStream', kind: 'code', code: 402, msg: 'No room' });
		const run = await world.run(
			{ ...FRAMES, imageSource: 'binary', imageFields: 'data' },
			{ items: withPictures('data') },
		);
		expect(errorText(run)).toContain('No room');
		expect(world.sandbox.ledger).toEqual([]);
	});
});
