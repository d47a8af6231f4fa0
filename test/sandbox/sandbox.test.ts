import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';

import { type Fault, type Sandbox, startSandbox, type Task } from './index';

const FILM_BYTES = 8 * 1024 * 1024;

let sandbox: Sandbox;
let receiver: Receiver;

beforeAll(async () => {
	sandbox = await startSandbox();
	receiver = await startReceiver();
});
beforeEach(async () => {
	await sandbox.reset();
	receiver.reset();
});
afterAll(async () => {
	await sandbox.close();
	await receiver.close();
});

describe('videos', () => {
	it('run for their time, charge once, and end with a film of their size', async () => {
		const id = await submit({ prompt: 'A cat' });
		expect(await record(id)).toMatchObject({ successFlag: 0, response: null, completeTime: null });

		await sandbox.advance(75);
		const { successFlag, response } = await record(id);
		expect(successFlag).toBe(1);
		expect(heightOf(await download(response.resultUrls[0]))).toBe(720);
		expect(sandbox.ledger).toMatchObject([{ taskId: id, operation: 'generate', credits: 60 }]);
		expect((await get<number>('/api/v1/chat/credit')).data).toBe(1_000_000 - 60);
		expect(sandbox.violations).toEqual([]);
	});

	it('fail, fail upstream or are refused as their prompts ask', async () => {
		const failed = await submit({ prompt: 'fail: too dark' });
		const upstream = await submit({ prompt: 'fail upstream: nobody home' });
		const refused = await post('/api/v1/veo/generate', { prompt: 'refuse: unsafe' });
		await sandbox.advance(75);

		expect(await record(failed)).toMatchObject({ successFlag: 2, errorMessage: 'too dark' });
		expect(await record(upstream)).toMatchObject({ successFlag: 3, errorCode: 501 });
		expect(refused).toMatchObject({ code: 400, msg: 'unsafe' });
		expect(sandbox.ledger).toHaveLength(2);
	});

	it('in portrait come with the film before it was turned', async () => {
		const id = await submit({ prompt: 'A tower', aspect_ratio: '9:16' });
		await sandbox.advance(75);
		const { response } = await record(id);
		expect(heightOf(await download(response.resultUrls[0]))).toBe(1280);
		expect(heightOf(await download(response.originUrls[0]))).toBe(720);
	});

	it('are extended into a whole, unless they were taken to 1080p', async () => {
		const source = sandbox.addTask();
		const { data } = await post('/api/v1/veo/extend', { taskId: source.id, prompt: 'More' });
		await sandbox.advance(75);
		expect((await record(data.taskId)).response.fullResultUrls).toHaveLength(1);

		await get(`/api/v1/veo/get-1080p-video?taskId=${source.id}&index=0`);
		const again = await post('/api/v1/veo/extend', { taskId: source.id, prompt: 'More' });
		expect(again.code).toBe(422);
	});

	it.each([
		['an empty prompt', { prompt: ' ' }, 422],
		['seeds out of range', { prompt: 'x', seeds: 7 }, 422],
		['too many images', withImages('FIRST_AND_LAST_FRAMES_2_VIDEO', 3), 422],
		['an image nobody serves', { prompt: 'x', imageUrls: ['http://127.0.0.1:2/a.png'] }, 451],
	])('are not made of %s', async (_what, body, code) => {
		expect((await post('/api/v1/veo/generate', body)).code).toBe(code);
		expect(sandbox.ledger).toEqual([]);
	});

	it('write lists and times in every shape the service is known for', async () => {
		const { id } = sandbox.addTask({ videos: 2 });
		sandbox.configure({ arrayShape: 'json', timeShape: 'text' });
		const asJson = await record(id);
		expect(JSON.parse(String(asJson.response.resultUrls))).toHaveLength(2);
		expect(asJson.createTime).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);

		sandbox.configure({ arrayShape: 'text' });
		expect((await record(id)).response.resultUrls).toMatch(/^\[http:.*, http:.*]$/);
		expect(sandbox.violations).toEqual([]);
	});
});

describe('accounts', () => {
	it('are told by their keys, under the HTTP status that is set', async () => {
		const wrong = { headers: { authorization: 'Bearer nobody' } };
		expect((await raw('/api/v1/chat/credit', wrong)).status).toBe(200);
		sandbox.configure({ authHttpStatus: 401 });
		const answer = await raw('/api/v1/chat/credit', wrong);
		expect([answer.status, answer.data.code]).toEqual([401, 401]);
	});

	it('cannot spend what they have not, nor see the tasks of others', async () => {
		const { key } = sandbox.addAccount({ credits: 59 });
		const headers = { authorization: `Bearer ${key}` };
		const data = { prompt: 'x' };
		expect((await raw('/api/v1/veo/generate', { method: 'POST', data, headers })).data.code).toBe(
			402,
		);
		const { id } = sandbox.addTask();
		const foreign = await raw(`/api/v1/veo/record-info?taskId=${id}`, { headers });
		expect(foreign.data).toMatchObject({ code: 422, msg: 'record is null' });
	});

	it('submit 20 tasks in 10 seconds, and no more until those are past', async () => {
		for (let i = 0; i < 20; i += 1) await submit({ prompt: 'x' });
		expect((await post('/api/v1/veo/generate', { prompt: 'x' })).code).toBe(429);
		expect(sandbox.ledger).toHaveLength(20);
		await sandbox.advance(10);
		expect((await post('/api/v1/veo/generate', { prompt: 'x' })).code).toBe(200);
	});
});

describe('a 4K upgrade', () => {
	it('starts once, is polled by repeating, and ends in a 422 that carries the film', async () => {
		const { id } = sandbox.addTask();
		expect(await upgrade4k(id)).toMatchObject({
			code: 200,
			data: { taskId: id, resultUrls: null },
		});
		expect(await upgrade4k(id)).toMatchObject({
			code: 422,
			msg: '4k is processing. It should be ready in 5-10 minutes. Please check back shortly.',
			data: { resultUrls: null, imageUrls: null },
		});

		await sandbox.advance(450);
		const done = await upgrade4k(id);
		expect(done).toMatchObject({ code: 422, msg: 'The video has been generated successfully' });
		expect(heightOf(await download(done.data.resultUrls[0]))).toBe(2160);
		expect(sandbox.ledger).toMatchObject([{ operation: 'upgrade4k', credits: 120 }]);
		expect((await record(id)).response.resolution).toBe('720p');
		expect(sandbox.violations).toEqual([]);
	});

	it('is known to record-info by its own ID, if it gets one', async () => {
		sandbox.configure({ upgrade4kTaskId: 'own' });
		const source = sandbox.addTask();
		const { data } = await upgrade4k(source.id);
		await sandbox.advance(450);
		expect(data.taskId).not.toBe(source.id);
		expect((await record(data.taskId)).response.resolution).toBe('4k');
	});

	it('may keep its own ID to itself until it calls back', async () => {
		sandbox.configure({ upgrade4kTaskId: 'untold' });
		const source = sandbox.addTask();
		const { data } = await upgrade4k(source.id);
		expect(data.taskId).toBe(source.id);
		expect((await upgrade4k(source.id)).data.taskId).toBe(source.id);
		expect(sandbox.tasks().find(({ kind }) => kind === 'upgrade4k')?.id).not.toBe(source.id);
	});

	it('is charged anew when it is repeated after a failure', async () => {
		const { id } = sandbox.addTask({ prompt: 'fail 4k' });
		await upgrade4k(id);
		await sandbox.advance(450);
		expect((await upgrade4k(id)).code).toBe(200);
		expect(sandbox.ledger).toHaveLength(2);
	});

	it('is one for each video of a task', async () => {
		const { id } = sandbox.addTask({ videos: 2 });
		expect((await upgrade4k(id, { index: 0 })).code).toBe(200);
		expect((await upgrade4k(id, { index: 1 })).code).toBe(200);
		expect((await upgrade4k(id, { index: 2 })).code).toBe(422);
		expect(sandbox.ledger).toHaveLength(2);
	});

	it.each([
		['an unknown', { id: 'nobody' }, 'record is null'],
		['a running', { state: 'running' }, 'record status is not success'],
		['a failed', { state: 'failed' }, 'record status is not success'],
		['an old', { ageSeconds: 15 * 86_400 }, 'Temporarily supports records within 14 days'],
		['a fallback', { fallback: true }, 'Videos of the legacy fallback path cannot be upgraded'],
	] as const)('of %s video is refused', async (_what, task, msg) => {
		const id = 'id' in task ? task.id : sandbox.addTask(task).id;
		expect(await upgrade4k(id)).toMatchObject({ code: 422, msg });
		expect(sandbox.ledger).toEqual([]);
	});
});

describe('a 1080p upgrade', () => {
	it('answers 400 until the film is there', async () => {
		const { id } = sandbox.addTask();
		const ask = async () => await get(`/api/v1/veo/get-1080p-video?taskId=${id}&index=0`);
		expect((await ask()).code).toBe(400);
		await sandbox.advance(90);
		const { code, data } = await ask();
		expect(code).toBe(200);
		expect(heightOf(await download(data.resultUrl))).toBe(1080);
	});
});

describe('callbacks', () => {
	it('carry a signature over task ID and timestamp', async () => {
		const id = await submit({ prompt: 'x', callBackUrl: receiver.url });
		await sandbox.advance(75);
		await sandbox.settled();

		const [got] = receiver.received;
		const timestamp = String(got?.headers['x-webhook-timestamp']);
		const signature = createHmac('sha256', sandbox.hmacKey).update(`${id}.${timestamp}`);
		expect(got?.headers['x-webhook-signature']).toBe(signature.digest('base64'));
		expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(3);
		expect(got?.body).toMatchObject({ code: 200, data: { taskId: id } });
		expect(sandbox.violations).toEqual([]);
	});

	it('are sent three times more while the receiver refuses, then given up', async () => {
		receiver.status = 500;
		await submit({ prompt: 'x', callBackUrl: receiver.url });
		await sandbox.advance(75);
		for (let i = 0; i < 5; i += 1) {
			await sandbox.settled();
			await sandbox.advance(30);
		}
		expect(sandbox.callbacks).toHaveLength(1);
		expect(sandbox.callbacks[0]?.attempts.map(({ status }) => status)).toEqual([
			500, 500, 500, 500,
		]);
		expect(sandbox.callbacks[0]?.done).toBe(true);
	});

	it.each([true, false])('come again if told to (at once: %s)', async (callbackConcurrent) => {
		sandbox.configure({ callbackRepeats: 2, callbackConcurrent });
		await submit({ prompt: 'fail: x', callBackUrl: receiver.url });
		await sandbox.advance(75);
		await sandbox.settled();
		expect(receiver.received).toHaveLength(3);
		expect(receiver.received[2]).toEqual(receiver.received[0]);
		expect(receiver.received[0]?.body).toMatchObject({ code: 400, msg: 'x' });
	});

	it('of a 4K upgrade speak either dialect, to the address of the first request', async () => {
		const { id } = sandbox.addTask({ videos: 2 });
		await upgrade4k(id, { callBackUrl: `${receiver.url}/first` });
		await upgrade4k(id, { callBackUrl: `${receiver.url}/second` });
		await sandbox.advance(450);
		sandbox.configure({ callback4kShape: 'camel' });
		await upgrade4k(id, { index: 1, callBackUrl: `${receiver.url}/third` });
		await sandbox.advance(450);
		await sandbox.settled();
		const bodies = receiver.received.map(({ path, body }) => [path, Object.keys(body.data)]);
		expect(bodies).toEqual([
			['/first', ['task_id', 'result_urls', 'media_ids', 'image_urls']],
			['/third', ['taskId', 'info']],
		]);
		expect(sandbox.violations).toEqual([]);
	});
});

describe('files', () => {
	it('are served whole, in ranges, and at any size', async () => {
		const url = `${filmOf(sandbox.addTask())}?filmBytes=${FILM_BYTES}`;
		const whole = await download(url);
		expect(whole).toHaveLength(FILM_BYTES);
		const part = await axios.get<ArrayBuffer>(url, {
			headers: { range: 'bytes=100-199' },
			responseType: 'arraybuffer',
		});
		expect(part.status).toBe(206);
		expect(part.headers['content-range']).toBe(`bytes 100-199/${FILM_BYTES}`);
		expect(Buffer.from(part.data)).toEqual(whole.subarray(100, 200));
	});

	it('are gone after 14 days', async () => {
		const url = filmOf(sandbox.addTask());
		await sandbox.advance(14 * 86_400);
		expect((await axios.get(url, { validateStatus: () => true })).status).toBe(404);
	});

	it('have fresh links for 20 minutes, if they are ours', async () => {
		const url = filmOf(sandbox.addTask());
		const { data: link } = await post<string>('/api/v1/common/download-url', { url });
		expect(heightOf(await download(link))).toBe(720);
		await sandbox.advance(20 * 60);
		expect((await axios.get(link, { validateStatus: () => true })).status).toBe(403);
		const foreign = await post('/api/v1/common/download-url', { url: 'https://example.com/a.mp4' });
		expect(foreign.code).toBe(422);
	});

	it('can be uploaded by form and by URL, and fetched back', async () => {
		const form = new FormData();
		form.set('file', new Blob(['hello'], { type: 'text/plain' }), 'a b.txt');
		form.set('uploadPath', 'images');
		const byForm = await upload('/api/file-stream-upload', form);
		expect(byForm).toMatchObject({ success: true, code: 200, data: { fileSize: 5 } });

		const fileUrl = byForm.data.downloadUrl;
		const byUrl = await upload('/api/file-url-upload', { fileUrl, uploadPath: 'copies' });
		expect(byUrl.data.filePath).toBe('copies/a b.txt');
		expect((await download(byUrl.data.downloadUrl)).toString()).toBe('hello');
		expect(sandbox.violations).toEqual([]);
	});
});

describe('faults', () => {
	const strike = async (fault: Fault): Promise<AxiosResponse<Envelope<Made>>> => {
		sandbox.faults.add(fault);
		return await raw('/api/v1/veo/generate', { method: 'POST', data: { prompt: 'x' } });
	};
	const target = { endpoint: 'generate' } as const;

	it('cut the connection before or after the charge', async () => {
		await expect(strike({ ...target, kind: 'resetBefore' })).rejects.toThrow(/hang up|RESET/);
		expect(sandbox.ledger).toHaveLength(0);
		await expect(strike({ ...target, kind: 'resetAfter' })).rejects.toThrow(/hang up|RESET/);
		expect(sandbox.ledger).toHaveLength(1);
	});

	it('refuse every connection until they are cleared', async () => {
		await expect(strike({ ...target, kind: 'refuse' })).rejects.toThrow(/ECONNREFUSED/);
		await expect(axios.get(sandbox.refusedUrl)).rejects.toThrow(/ECONNREFUSED/);
		sandbox.faults.clear();
		expect((await get('/api/v1/chat/credit')).code).toBe(200);
	});

	it('answer in place of the work', async () => {
		const retry = await strike({ ...target, kind: 'status429', retryAfter: 7 });
		expect([retry.status, retry.headers['retry-after']]).toEqual([429, '7']);
		expect((await strike({ ...target, kind: 'code', code: 455 })).data.code).toBe(455);
		expect((await strike({ ...target, kind: 'http', status: 500 })).status).toBe(500);
		expect((await strike({ ...target, kind: 'html' })).data).toContain('<html>');
		expect(sandbox.ledger).toHaveLength(0);
		expect(sandbox.violations).toEqual([]);
	});

	it('spoil the true answer', async () => {
		const cut = await strike({ ...target, kind: 'truncated' });
		expect(cut.data).toEqual(expect.stringMatching(/^\{[^}]*$/));
		expect((await strike({ ...target, kind: 'empty' })).data).toBe('');
		const numbers = await strike({ ...target, kind: 'reshape', as: 'numbersForTexts' });
		expect(numbers.data).toMatchObject({ code: 200, msg: 7, data: { taskId: 29 } });
		const noData = await strike({ ...target, kind: 'reshape', as: 'noData' });
		expect(noData.data).toEqual({ code: 200, msg: 'success' });
		const { id, videos } = sandbox.addTask();
		sandbox.faults.add({ endpoint: 'recordInfo', kind: 'reshape', as: 'textsForLists' });
		const { data } = await get(`/api/v1/veo/record-info?taskId=${id}`);
		expect(data).toMatchObject({ response: { resultUrls: videos[0]?.url } });
		const dripped = await strike({ ...target, kind: 'drip', pauseMs: 1 });
		expect(dripped.data.code).toBe(200);
		const huge = await strike({ ...target, kind: 'huge', bytes: 1_000_000 });
		expect(huge.data.msg.length).toBeGreaterThan(999_999);
		await expect(strike({ ...target, kind: 'resetMidway', afterBytes: 5 })).rejects.toThrow(
			'aborted',
		);
		expect(sandbox.ledger).toHaveLength(7);
	});

	it('strike after the work, after some requests, and as often as told', async () => {
		sandbox.faults.add({
			endpoint: '*',
			kind: 'code',
			code: 500,
			times: 2,
			after: 1,
			when: 'after',
		});
		const codes = [];
		for (let i = 0; i < 4; i += 1) {
			codes.push((await post('/api/v1/veo/generate', { prompt: 'x' })).code);
		}
		expect(codes).toEqual([200, 500, 500, 200]);
		expect(sandbox.ledger).toHaveLength(4);
		expect(sandbox.requests.map(({ fault }) => fault)).toEqual([
			undefined,
			'code',
			'code',
			undefined,
		]);
	});

	it('lead to another host, which tells what reached it', async () => {
		const redirectTo = `${sandbox.otherHost.url}/elsewhere`;
		await strike({ ...target, kind: 'redirect', redirectTo, status: 307 });
		expect(sandbox.otherHost.requests).toMatchObject([{ method: 'POST', path: '/elsewhere' }]);
	});

	it('cut a download in the middle', async () => {
		const url = `${filmOf(sandbox.addTask())}?filmBytes=${FILM_BYTES}`;
		sandbox.faults.add({ endpoint: 'file', kind: 'resetMidway', afterBytes: 100_000 });
		await expect(download(url)).rejects.toThrow('aborted');
		expect(await download(url)).toHaveLength(FILM_BYTES);
	});

	it('stall a download in the middle, until its receiver leaves', async () => {
		const url = filmOf(sandbox.addTask());
		sandbox.faults.add({ endpoint: 'file', kind: 'stall', afterBytes: 100 });
		const leave = new AbortController();
		const response = await fetch(url, { signal: leave.signal });
		const reader = response.body?.getReader();
		const head = await reader?.read();
		const silence = await Promise.race([
			reader?.read().catch(() => 'left'),
			new Promise((resolve) => void setTimeout(resolve, 100, 'silent')),
		]);
		leave.abort();

		expect(head?.value).toHaveLength(100);
		expect(silence).toBe('silent');
		expect((await download(url)).length).toBeGreaterThan(100);
	});
});

describe('the sandbox', () => {
	it('runs as fast as its clock is told', async () => {
		sandbox.configure({ clockScale: 1000 });
		const ended = new Promise<void>((resolve) => {
			sandbox.on('task', ({ state }) => {
				if (state === 'success') resolve();
			});
		});
		await submit({ prompt: 'x' });
		await ended;
		expect(sandbox.tasks()[0]?.state).toBe('success');
	});

	it('tells whatever does not fit the contract', async () => {
		await post('/api/v1/veo/generate', { prompt: 'x', enableFallback: true });
		await get('/api/v1/veo/get-4k-video?taskId=x');
		expect(sandbox.violations).toEqual([
			expect.stringContaining('enableFallback'),
			'GET /api/v1/veo/get-4k-video: no such endpoint',
		]);
	});

	it('is controlled over HTTP too', async () => {
		const { data: task } = await axios.post<Task>(`${sandbox.controlUrl}/tasks`, {
			state: 'running',
		});
		await axios.post(`${sandbox.controlUrl}/faults`, {
			endpoint: 'credit',
			kind: 'code',
			code: 455,
		});
		await axios.post(`${sandbox.controlUrl}/advance`, { seconds: 75 });
		expect((await record(task.id)).successFlag).toBe(1);
		expect((await get('/api/v1/chat/credit')).code).toBe(455);
		expect((await axios.get(`${sandbox.controlUrl}/requests`)).data).toHaveLength(2);
	});
});

/** What the tests read of an answer; whether all of it is right is the contract's business. */
interface Envelope<Data> {
	success?: boolean;
	code: number;
	msg: string;
	data: Data;
}

/** The data of whatever starts, upgrades or stores something. */
interface Made {
	taskId: string;
	resultUrl: string;
	resultUrls: string[];
	downloadUrl: string;
	filePath: string;
}

interface VideoRecord {
	successFlag: number;
	createTime: number | string;
	response: {
		resultUrls: string[];
		originUrls: string[];
		fullResultUrls: string[];
		resolution: string;
	};
}

interface Received {
	path: string;
	headers: Record<string, string | string[] | undefined>;
	body: Envelope<Record<string, unknown>>;
}

interface Receiver {
	url: string;
	status: number;
	received: Received[];
	reset(): void;
	close(): Promise<void>;
}

async function raw<Data = Made>(
	path: string,
	config: AxiosRequestConfig = {},
): Promise<AxiosResponse<Envelope<Data>>> {
	return await axios.request<Envelope<Data>>({
		baseURL: sandbox.apiUrl,
		url: path,
		validateStatus: () => true,
		...config,
		headers: { authorization: `Bearer ${sandbox.apiKey}`, ...config.headers },
	});
}

async function get<Data = Made>(path: string): Promise<Envelope<Data>> {
	return (await raw<Data>(path)).data;
}

async function post<Data = Made>(path: string, data: unknown): Promise<Envelope<Data>> {
	return (await raw<Data>(path, { method: 'POST', data })).data;
}

async function upload(path: string, data: unknown): Promise<Envelope<Made>> {
	return (await raw(path, { baseURL: sandbox.uploadUrl, method: 'POST', data })).data;
}

async function submit(body: Record<string, unknown>): Promise<string> {
	return (await post('/api/v1/veo/generate', body)).data.taskId;
}

async function record(taskId: string): Promise<VideoRecord> {
	return (await get<VideoRecord>(`/api/v1/veo/record-info?taskId=${taskId}`)).data;
}

async function upgrade4k(
	taskId: string,
	more: Record<string, unknown> = {},
): Promise<Envelope<Made>> {
	return await post('/api/v1/veo/get-4k-video', { taskId, ...more });
}

async function download(url: string | undefined): Promise<Buffer> {
	return Buffer.from(
		(await axios.get<ArrayBuffer>(url ?? 'no URL', { responseType: 'arraybuffer' })).data,
	);
}

function filmOf({ videos }: { videos: Array<{ url: string }> }): string {
	return videos[0]?.url ?? 'no film';
}

/** A film's height in pixels, from the track header of the MP4 (a 16.16 number at its end). */
function heightOf(film: Buffer): number {
	const header = film.indexOf('tkhd') - 4;
	return film.readUInt16BE(header + film.readUInt32BE(header) - 4);
}

function withImages(generationType: string, count: number): Record<string, unknown> {
	return {
		prompt: 'x',
		generationType,
		imageUrls: Array.from({ length: count }, () => 'https://example.com/a.png'),
	};
}

async function startReceiver(): Promise<Receiver> {
	const server: Server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const body = JSON.parse(Buffer.concat(chunks).toString()) as Received['body'];
			self.received.push({ path: request.url ?? '', headers: request.headers, body });
			response.writeHead(self.status).end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	const self: Receiver = {
		url: `http://127.0.0.1:${port}`,
		status: 200,
		received: [],
		reset() {
			self.status = 200;
			self.received = [];
		},
		close: async () => await new Promise((resolve) => server.close(() => resolve())),
	};
	return self;
}
