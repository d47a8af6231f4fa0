import { Readable } from 'node:stream';

import type { Client } from '../../../nodes/KieAi/protocol/client';
import { KieAiError, type Outcome } from '../../../nodes/KieAi/protocol/errors';
import type { HttpResponse } from '../../../nodes/KieAi/protocol/http';
import type { Safety } from '../../../nodes/KieAi/protocol/retry';
import { newTask } from '../../../nodes/KieAi/protocol/video';
import { clientOf, envelope, html, http, noAnswer, type Answer } from '../support/kieAi';
import { failureOf } from '../support/outcome';

const FILM = 'https://file.example.com/film.mp4';
const PICTURE = 'https://file.example.com/film.jpg';
const VERDICT = 'The 4K version of this video is unavailable. Please try a different video.';
const PROCESSING_4K =
	'4k is processing. It should be ready in 5-10 minutes. Please check back shortly.';

describe('the money rule', () => {
	interface Call {
		safety: Safety;
		run: (client: Client) => Promise<unknown>;
		success: HttpResponse;
	}

	const calls: Record<string, Call> = {
		generate: {
			safety: 'charged',
			run: async (client) => await client.generate({ prompt: 'A fox' }),
			success: envelope(200, { taskId: 'veo_1' }),
		},
		extend: {
			safety: 'charged',
			run: async (client) => await client.extend({ taskId: 'veo_1', prompt: 'It runs' }),
			success: envelope(200, { taskId: 'veo_2' }),
		},
		get4k: {
			safety: 'repeatable',
			run: async (client) => await client.get4k({ taskId: 'veo_1', index: 0 }),
			success: envelope(200, { taskId: 'veo_1', resultUrls: null }),
		},
		get1080p: {
			safety: 'repeatable',
			run: async (client) => await client.get1080p({ taskId: 'veo_1', index: 0 }),
			success: envelope(200, { resultUrl: FILM }),
		},
		getDetails: {
			safety: 'repeatable',
			run: async (client) => await client.getDetails({ kind: 'generate', taskId: 'veo_1' }),
			success: envelope(200, { successFlag: 0 }),
		},
		getCreditBalance: {
			safety: 'repeatable',
			run: async (client) => await client.getCreditBalance(),
			success: envelope(200, 120),
		},
		getFreshLink: {
			safety: 'repeatable',
			run: async (client) => await client.getFreshLink(FILM),
			success: envelope(200, FILM),
		},
		uploadStream: {
			safety: 'repeatable',
			run: async (client) => await client.uploadStream(async () => ({ body: Buffer.from('') })),
			success: envelope(200, { downloadUrl: PICTURE }),
		},
		uploadFromUrl: {
			safety: 'repeatable',
			run: async (client) => await client.uploadFromUrl({ fileUrl: PICTURE, uploadPath: 'n8n' }),
			success: envelope(200, { downloadUrl: PICTURE }),
		},
	};

	const always: Safety[] = ['repeatable', 'charged'];
	const free: Safety[] = ['repeatable'];
	const never: Safety[] = [];

	const failures: Array<[string, Answer, Safety[]]> = [
		['a connection that is refused', noAnswer('ECONNREFUSED'), always],
		['a host that is not found', noAnswer('ENOTFOUND'), always],
		['a certificate that does not hold', noAnswer('CERT_HAS_EXPIRED'), never],
		['a connection that breaks', noAnswer('ECONNRESET'), free],
		['a network that goes away', noAnswer('ENETUNREACH'), free],
		['a timeout', noAnswer('ETIMEDOUT'), free],
		['an aborted request', noAnswer('ECONNABORTED'), free],
		['an unknown trouble on the way', noAnswer(), free],
		['code 429', envelope(429, null, 'too many'), always],
		['HTTP 429 without an envelope', html(429), always],
		['code 408', envelope(408, null, 'no result'), free],
		['code 455', envelope(455, null, 'maintenance'), free],
		['code 500', envelope(500, null, 'server error'), free],
		['HTTP 500 with code 500', http(500, '{"code":500,"msg":"server error"}'), free],
		['HTTP 502 with a page', html(502), free],
		['HTTP 504 with a page', html(504), free],
		['a page', html(200), free],
		['nothing', http(200, ''), free],
		['truncated JSON', http(200, '{"code":200,"data":{"task'), free],
		['JSON of another shape', http(200, '{"status":"ok"}'), free],
		['JSON with the code of another service', http(200, '{"code":0,"msg":"ok"}'), free],
		['code 400', envelope(400, null, 'flagged by the content policy'), never],
		['code 401', envelope(401, null, 'unauthorized'), never],
		['HTTP 401', html(401), never],
		['code 402', envelope(402, null, 'no credits'), never],
		['HTTP 403', html(403), never],
		['code 404', envelope(404, null, 'not found'), never],
		['code 422', envelope(422, null, 'record is null'), never],
		['code 451', envelope(451, null, 'image not fetched'), never],
		['code 501', envelope(501, null, 'no video'), never],
		['code 505', envelope(505, null, 'switched off'), never],
		['a verdict under code 500', envelope(500, null, VERDICT), never],
		['a redirect', http(302, '', { location: 'https://elsewhere.example.com' }), never],
		['a redirect to the result', http(303, '', { location: '/v2' }), never],
	];

	// Code 501 is how record-info may tell that a task failed: an answer, and no failure to ask.
	const isAnswer = (name: string, what: string) => name === 'getDetails' && what === 'code 501';

	const table = Object.entries(calls).flatMap(([name, call]) =>
		failures
			.filter(([what]) => !isAnswer(name, what))
			.map(([what, failure, allowed]) => {
				const isRepeated = allowed.includes(call.safety);
				return { name, ...call, what, failure, isRepeated, does: isRepeated ? 'is' : 'is not' };
			}),
	);

	it.each(table)(
		'$name $does sent again after $what',
		async ({ run: send, success, failure, isRepeated }) => {
			const { client, clock, requests } = clientOf([failure, success]);
			const run = send(client);
			await clock.runUntilSettled(run);

			if (isRepeated) await expect(run).resolves.toBeDefined();
			else expect(await failureOf(run)).toBeInstanceOf(KieAiError);
			expect(requests).toHaveLength(isRepeated ? 2 : 1);
		},
	);

	it.each(['generate', 'extend'] as const)(
		'%s tells that KieAI may have taken what it did not answer',
		async (name) => {
			const { client, requests } = clientOf([noAnswer('ETIMEDOUT')]);

			expect(await failureOf(calls[name]?.run(client) ?? Promise.resolve())).toMatchObject({
				outcome: 'unknown',
			});
			expect(requests).toHaveLength(1);
		},
	);

	it.each<[string, unknown]>([
		['no data', null],
		['no task ID', {}],
		['an empty task ID', { taskId: '' }],
		['a list', [{ taskId: 'veo_1' }]],
	])('a task that is accepted with %s is not started again', async (_what, data) => {
		const { client, requests } = clientOf([envelope(200, data)]);

		expect(await failureOf(client.generate({ prompt: 'A fox' }))).toMatchObject({
			outcome: 'unknown',
			transient: false,
			message: 'KieAI accepted the task but sent no task ID',
			advice: expect.stringContaining('logs on kie.ai'),
		});
		expect(requests).toHaveLength(1);
	});

	it('does not take a bug for trouble on the way', async () => {
		const bug = new TypeError('a bug');
		const { client, requests } = clientOf([bug]);

		expect(await failureOf(client.getCreditBalance())).toBe(bug);
		expect(requests).toHaveLength(1);
	});

	it('ends after 4 requests', async () => {
		const { client, clock, requests } = clientOf([html(503)]);
		const run = client.getCreditBalance();
		await clock.runUntilSettled(run);

		expect(await failureOf(run)).toMatchObject({ code: 503 });
		expect(requests).toHaveLength(4);
	});

	it('asks once where it is told to', async () => {
		const { client, requests } = clientOf([html(503)], { maxAttempts: 1 });

		await failureOf(client.getCreditBalance());
		expect(requests).toHaveLength(1);
	});

	it('waits as long as the answer asks for', async () => {
		const busy = http(503, 'busy', { 'retry-after': '45' });
		const { client, clock } = clientOf([busy, envelope(200, 120)]);
		const run = client.getCreditBalance();
		await clock.runUntilSettled(run);

		expect(await run).toBe(120);
		expect(clock.sleeps).toHaveLength(1);
		expect(clock.sleeps[0]).toBeGreaterThanOrEqual(45_000);
		expect(clock.sleeps[0]).toBeLessThan(46_000);
	});
});

describe('an abort', () => {
	it('ends the retries while they wait', async () => {
		const abort = new AbortController();
		const { client, clock, requests } = clientOf([html(503)], { signal: abort.signal });
		const ended = expect(client.getCreditBalance()).rejects.toMatchObject({ code: 503 });
		await clock.advance(500);
		abort.abort('stopped');

		await ended;
		expect(requests).toHaveLength(1);
	});

	it('during a request ends with the request, which is not sent again', async () => {
		const abort = new AbortController();
		const cutOff = noAnswer('ECONNABORTED');
		const send = jest.fn(async () => {
			abort.abort('stopped');
			return await Promise.reject(cutOff);
		});
		const { client } = clientOf([], { send, signal: abort.signal });

		expect(await failureOf(client.getCreditBalance())).toBe(cutOff);
		expect(send).toHaveBeenCalledTimes(1);
	});

	it('leaves what is known of a request that goes on all the same', async () => {
		const abort = new AbortController();
		const send = jest.fn(async () => {
			abort.abort('stopped');
			return await Promise.reject(noAnswer('ECONNREFUSED'));
		});
		const { client } = clientOf([], { send, signal: abort.signal });

		expect(await failureOf(client.generate({ prompt: 'A fox' }))).toMatchObject({
			outcome: 'notSent',
		});
		expect(send).toHaveBeenCalledTimes(1);
	});

	it('keeps anything from being sent', async () => {
		const { client, requests } = clientOf([envelope(200, 120)], {
			signal: AbortSignal.abort('stopped'),
		});

		await expect(client.generate({ prompt: 'A fox' })).rejects.toBe('stopped');
		expect(requests).toHaveLength(0);
	});
});

describe('the requests', () => {
	it.each<[string, (client: Client) => Promise<unknown>, HttpResponse, object]>([
		[
			'Generate',
			async (client) => await client.generate({ prompt: 'A fox', seeds: 10_000 }),
			envelope(200, { taskId: 'veo_1' }),
			{
				method: 'POST',
				url: 'https://api.example.com/api/v1/veo/generate',
				outlivesStop: true,
				body: { prompt: 'A fox', seeds: 10_000 },
			},
		],
		[
			'Extend',
			async (client) => await client.extend({ taskId: 'veo_1', prompt: 'It runs' }),
			envelope(200, { taskId: 'veo_2' }),
			{
				method: 'POST',
				url: 'https://api.example.com/api/v1/veo/extend',
				outlivesStop: true,
				body: { taskId: 'veo_1', prompt: 'It runs' },
			},
		],
		[
			'Details',
			async (client) => await client.getDetails({ kind: 'video', taskId: 'veo_1' }),
			envelope(200, {}),
			{
				method: 'GET',
				url: 'https://api.example.com/api/v1/veo/record-info',
				query: { taskId: 'veo_1' },
			},
		],
		[
			'1080p, a GET',
			async (client) => await client.get1080p({ taskId: 'veo_1', index: 1 }),
			envelope(200, {}),
			{
				method: 'GET',
				url: 'https://api.example.com/api/v1/veo/get-1080p-video',
				query: { taskId: 'veo_1', index: 1 },
			},
		],
		[
			'4K, a POST',
			async (client) =>
				await client.get4k({ taskId: 'veo_1', index: 1, callBackUrl: 'https://n8n.example.com' }),
			envelope(200, {}),
			{
				method: 'POST',
				url: 'https://api.example.com/api/v1/veo/get-4k-video',
				outlivesStop: true,
				body: { taskId: 'veo_1', index: 1, callBackUrl: 'https://n8n.example.com' },
			},
		],
		[
			'1080p of the first video, the default',
			async (client) => await client.get1080p({ taskId: 'veo_1', index: 0 }),
			envelope(200, {}),
			{
				method: 'GET',
				url: 'https://api.example.com/api/v1/veo/get-1080p-video',
				query: { taskId: 'veo_1' },
			},
		],
		[
			'4K of the first video, the default',
			async (client) => await client.get4k({ taskId: 'veo_1', index: 0 }),
			envelope(200, {}),
			{
				method: 'POST',
				url: 'https://api.example.com/api/v1/veo/get-4k-video',
				outlivesStop: true,
				body: { taskId: 'veo_1' },
			},
		],
		[
			'Credits',
			async (client) => await client.getCreditBalance(),
			envelope(200, 1),
			{ method: 'GET', url: 'https://api.example.com/api/v1/chat/credit' },
		],
		[
			'Fresh link',
			async (client) => await client.getFreshLink(FILM),
			envelope(200, FILM),
			{
				method: 'POST',
				url: 'https://api.example.com/api/v1/common/download-url',
				body: { url: FILM },
			},
		],
		[
			'Upload from a URL, at its own host',
			async (client) => await client.uploadFromUrl({ fileUrl: PICTURE, uploadPath: 'n8n' }),
			envelope(200, { downloadUrl: PICTURE }),
			{
				method: 'POST',
				url: 'https://upload.example.com/api/file-url-upload',
				body: { fileUrl: PICTURE, uploadPath: 'n8n' },
			},
		],
	])('%s', async (_name, run, answer, request) => {
		const { client, requests } = clientOf([answer]);
		await run(client);
		expect(requests).toEqual([{ ...request, timeoutMs: 60_000 }]);
	});

	it('take no longer than they may', async () => {
		const { client, requests } = clientOf([envelope(200, 1)], { timeoutMs: 6_000 });
		await client.getCreditBalance();
		expect(requests).toMatchObject([{ timeoutMs: 6_000 }]);
	});

	it('open an upload anew for every try: a stream can be read only once', async () => {
		const { client, clock, requests } = clientOf([
			html(503),
			envelope(200, { downloadUrl: PICTURE }),
		]);
		const open = jest.fn(async () => ({
			headers: { 'content-type': 'multipart/form-data; boundary=x' },
			body: Readable.from(['film']),
		}));
		const run = client.uploadStream(open);
		await clock.runUntilSettled(run);
		await run;

		expect(open).toHaveBeenCalledTimes(2);
		expect(requests[0]?.body).not.toBe(requests[1]?.body);
		expect(requests[1]).toMatchObject({
			method: 'POST',
			url: 'https://upload.example.com/api/file-stream-upload',
			headers: { 'content-type': 'multipart/form-data; boundary=x' },
			timeoutMs: 300_000,
		});
	});
});

describe('a new task', () => {
	it('is processing, under the ID that KieAI gave', async () => {
		const { client } = clientOf([envelope(200, { taskId: 'veo_1' })]);
		expect(await client.generate({ prompt: 'A fox' })).toEqual(
			newTask({ kind: 'generate', taskId: 'veo_1' }),
		);
	});

	it('knows what it extends', async () => {
		const { client } = clientOf([envelope(200, { taskId: 'veo_2' })]);
		expect(await client.extend({ taskId: 'veo_1', prompt: 'It runs' })).toEqual(
			newTask({ kind: 'extend', taskId: 'veo_2', sourceTaskId: 'veo_1' }),
		);
	});
});

describe('a 4K answer', () => {
	const request = { taskId: 'veo_1', index: 0 };
	const results = { resultUrls: [FILM], imageUrls: [PICTURE] };
	const none = { resultUrls: null, imageUrls: null };

	async function ask(answer: HttpResponse) {
		const { client, clock, requests } = clientOf([answer]);
		const run = client.get4k(request);
		await clock.runUntilSettled(run);
		return { run, requests };
	}

	it.each<[string, HttpResponse]>([
		['200 with null', envelope(200, { taskId: 'veo_1', ...none })],
		['200 with empty lists', envelope(200, { taskId: 'veo_1', resultUrls: [], imageUrls: [] })],
		['200 with nothing', envelope(200, null)],
	])('of %s says that a new request was accepted', async (_what, answer) => {
		const { run } = await ask(answer);
		expect(await run).toMatchObject({
			accepted: true,
			task: {
				kind: 'upgrade4k',
				status: 'processing',
				taskId: 'veo_1',
				videoTaskId: 'veo_1',
				sourceTaskId: 'veo_1',
				index: 0,
				videoUrl: null,
				resolution: '4K',
			},
		});
	});

	it.each<[string, HttpResponse]>([
		['422 "processing"', envelope(422, { taskId: 'veo_1', ...none }, PROCESSING_4K)],
		['422 "processing" without data', envelope(422, null, PROCESSING_4K)],
		['HTTP 422', http(422, JSON.stringify({ code: 422, msg: PROCESSING_4K, data: none }))],
	])('of %s says that an earlier request is under way', async (_what, answer) => {
		const { run, requests } = await ask(answer);
		expect(await run).toMatchObject({
			accepted: false,
			task: { status: 'processing', taskId: 'veo_1', videoUrl: null },
		});
		expect(requests).toHaveLength(1);
	});

	it.each<[string, HttpResponse]>([
		['422', envelope(422, results, 'The video has been generated successfully')],
		['422, in other words', envelope(422, results, 'done')],
		['422, as JSON text', envelope(422, { resultUrls: `["${FILM}"]`, imageUrls: `[${PICTURE}]` })],
		['200', envelope(200, results)],
		['HTTP 422', http(422, JSON.stringify({ code: 422, msg: 'done', data: results }))],
	])('of %s with a film is the success', async (_what, answer) => {
		const { run } = await ask(answer);
		expect(await run).toMatchObject({
			accepted: false,
			task: { status: 'succeeded', videoUrl: FILM, resultUrls: [FILM], imageUrls: [PICTURE] },
		});
	});

	it.each<[string, Answer[], boolean]>([
		['nothing was lost', [], false],
		['it was never sent', [noAnswer('ECONNREFUSED')], false],
		['KieAI did not take it', [envelope(429)], false],
		['an answer was lost', [noAnswer('ECONNRESET')], true],
		['an answer was lost, and then it was not taken', [html(502), envelope(429)], true],
	])('tells whether an earlier attempt may have been accepted: %s', async (_what, before, may) => {
		const { client, clock } = clientOf([...before, envelope(422, none, PROCESSING_4K)]);
		const run = client.get4k(request);
		await clock.runUntilSettled(run);
		expect(await run).toMatchObject({ accepted: false, mayHaveBeen: may });
	});

	it.each<[string, Answer[], Outcome]>([
		['only the network was gone afterwards', [noAnswer('ENOTFOUND')], 'unknown'],
		['KieAI only refused it for now afterwards', [envelope(455)], 'unknown'],
		['KieAI said no for good afterwards', [envelope(422, null, 'record is null')], 'refused'],
	])('may still have been accepted where its answer was lost, and %s', async (_what, after, is) => {
		const { client, clock } = clientOf([noAnswer('ECONNRESET'), ...after, ...after, ...after]);
		const run = failureOf(client.get4k(request));
		await clock.runUntilSettled(run);
		expect(await run).toMatchObject({ outcome: is });
	});

	it('was surely not accepted where it was never sent', async () => {
		const refused = noAnswer('ECONNREFUSED');
		const { client, clock } = clientOf([refused, refused, refused, refused]);
		const run = failureOf(client.get4k(request));
		await clock.runUntilSettled(run);
		expect(await run).toMatchObject({ outcome: 'notSent' });
	});

	it('may give the upgrade an ID of its own', async () => {
		const { run } = await ask(envelope(200, { taskId: 'veo_4k', ...none }));
		expect(await run).toMatchObject({
			accepted: true,
			task: { taskId: 'veo_4k', videoTaskId: 'veo_1', sourceTaskId: 'veo_1' },
		});
	});

	it.each([
		'record is null',
		'Temporarily supports records within 14 days',
		'record result data is blank',
		'record status is not success',
		'record result data not exist',
		'record result data is empty',
		'An unexpected error occurred while processing the request',
	])('of 422 with "%s" and no film is a refusal', async (msg) => {
		const { run, requests } = await ask(envelope(422, { taskId: 'veo_1', ...none }, msg));
		expect(await failureOf(run)).toMatchObject({
			message: msg,
			code: 422,
			outcome: 'refused',
			transient: false,
		});
		expect(requests).toHaveLength(1);
	});

	it('that says that it is ready, and has no link, is no refusal', async () => {
		const ready = envelope(
			422,
			{ taskId: 'veo_1', ...none },
			'The video has been generated successfully',
		);
		expect(await failureOf((await ask(ready)).run)).toMatchObject({
			message: 'KieAI says that the 4K version is ready, but sent no link to it',
			outcome: 'unknown',
			transient: true,
			advice: 'Run the node again later.',
		});
	});

	it('that says so under another code is what that code says', async () => {
		const words = 'The video has been generated successfully';
		const { run } = await ask(envelope(404, { taskId: 'veo_1', ...none }, words));
		expect(await failureOf(run)).toMatchObject({ message: words, code: 404, outcome: 'refused' });
	});

	it.each<[string, unknown, boolean]>([
		['tells', { taskId: 'veo_1', ...none }, true],
		['does not tell', null, false],
	])('%s the ID of what has begun', async (_what, data, isNamed) => {
		expect(await (await ask(envelope(200, data))).run).toMatchObject({ accepted: true, isNamed });
	});

	it.each([402, 404, 501])('of %i is a refusal, even with a film', async (code) => {
		const { run } = await ask(envelope(code, results, 'no'));
		expect(await failureOf(run)).toMatchObject({ code });
	});
});

describe('a 1080p answer', () => {
	const request = { taskId: 'veo_1', index: 0 };

	it.each<[string, HttpResponse]>([
		['400', envelope(400, null, '1080P is processing. It should be ready in 1-2 minutes.')],
		['400, in other words', envelope(400, null, 'Processing, ready in 1-2 minutes')],
		['422', envelope(422, null, '1080p is processing')],
		['HTTP 400', http(400, '{"code":400,"msg":"1080P is processing."}')],
		['200 without a film', envelope(200, { resultUrl: null })],
	])('of "processing" under %s means to wait', async (_what, answer) => {
		const { client, requests } = clientOf([answer]);
		expect(await client.get1080p(request)).toMatchObject({
			kind: 'upgrade1080p',
			status: 'processing',
			taskId: 'veo_1',
			videoTaskId: 'veo_1',
			index: 0,
			resolution: '1080p',
			videoUrl: null,
		});
		expect(requests).toHaveLength(1);
	});

	it('with a link, one text, is the success', async () => {
		const { client } = clientOf([envelope(200, { resultUrl: FILM })]);
		expect(await client.get1080p(request)).toMatchObject({
			status: 'succeeded',
			videoUrl: FILM,
			resultUrls: [FILM],
		});
	});

	it.each<[number, string]>([
		[400, 'flagged by the content policy'],
		[422, 'record is null'],
		[501, '1080p is processing'],
	])('of %i that says %p is a refusal', async (code, msg) => {
		const { client } = clientOf([envelope(code, null, msg)]);
		expect(await failureOf(client.get1080p(request))).toMatchObject({ code, message: msg });
	});
});

describe('the details of a task', () => {
	it('under code 501 say that it failed, in KieAI’s words', async () => {
		const { client } = clientOf([envelope(501, null, 'Video generation failed')]);
		expect(await client.getDetails({ kind: 'extend', taskId: 'veo_2' })).toMatchObject({
			taskId: 'veo_2',
			kind: 'extend',
			status: 'failed',
			errorMessage: 'Video generation failed',
			errorCode: '501',
		});
	});

	it('keep what was known before', async () => {
		const { client } = clientOf([
			envelope(200, { taskId: 'veo_4k', successFlag: 1, response: { resultUrls: [FILM] } }),
		]);
		const known = {
			kind: 'upgrade4k',
			taskId: 'veo_4k',
			sourceTaskId: 'veo_1',
			index: 2,
		} as const;
		expect(await client.getDetails(known)).toMatchObject({
			...known,
			videoTaskId: 'veo_1',
			status: 'succeeded',
			videoUrl: FILM,
		});
	});

	it.each<[string, HttpResponse]>([
		['null', envelope(200, null)],
		['a list', envelope(200, [])],
		['a text', envelope(200, 'none')],
		['missing, in KieAI’s words', envelope(200, null, 'recordInfo is null')],
		['missing, without words', http(200, '{"code":200}')],
	])('that are %s mean that KieAI does not know it', async (_what, answer) => {
		const { client } = clientOf([answer]);
		const error = await failureOf(client.getDetails({ kind: 'video', taskId: 'veo_1' }));
		expect(error).toMatchObject({
			message: 'KieAI does not know this task',
			code: 404,
			outcome: 'refused',
			transient: false,
			isAnswer: true,
			advice: expect.stringContaining('Task ID'),
		});
	});
});

describe('the credit balance', () => {
	it.each<[unknown, number]>([
		[120, 120],
		[0, 0],
		[12.5, 12.5],
		['120', 120],
	])('of %p is %p', async (data, balance) => {
		const { client } = clientOf([envelope(200, data)]);
		expect(await client.getCreditBalance()).toBe(balance);
	});

	it.each<[unknown]>([[null], [''], ['much'], [{}], [[120]]])(
		'of %p cannot be read',
		async (data) => {
			const { client } = clientOf([envelope(200, data)]);
			expect(await failureOf(client.getCreditBalance())).toMatchObject({
				message: 'KieAI sent no credit balance',
				outcome: 'unknown',
				transient: false,
				advice: 'Run the node again later.',
			});
		},
	);
});

describe('links and uploads', () => {
	it('gives the fresh link', async () => {
		const { client } = clientOf([envelope(200, `${FILM}?token=1`)]);
		expect(await client.getFreshLink(FILM)).toBe(`${FILM}?token=1`);
	});

	it.each<[unknown]>([[null], [''], [{ url: FILM }]])('reads no link from %p', async (data) => {
		const { client } = clientOf([envelope(200, data)]);
		expect(await failureOf(client.getFreshLink(FILM))).toMatchObject({
			message: 'KieAI sent no download link',
		});
	});

	const uploaded = {
		fileName: 'cat.jpg',
		mimeType: 'image/jpeg',
		fileSize: 12,
		uploadedAt: '2026-01-01T12:00:00Z',
	};

	it.each<[string, object]>([
		['downloadUrl', { downloadUrl: PICTURE }],
		['fileUrl', { fileUrl: PICTURE }],
		['downloadUrl rather than fileUrl', { fileUrl: 'https://old', downloadUrl: PICTURE }],
	])('takes an upload’s link from %s', async (_where, link) => {
		const { client } = clientOf([envelope(200, { ...uploaded, ...link })]);
		const file = await client.uploadFromUrl({ fileUrl: 'https://a', uploadPath: 'n8n' });
		expect(file).toEqual({ ...uploaded, fileUrl: PICTURE });
	});

	it('misses nothing but the link', async () => {
		const { client } = clientOf([envelope(200, { downloadUrl: PICTURE })]);
		expect(await client.uploadFromUrl({ fileUrl: 'https://a', uploadPath: 'n8n' })).toEqual({
			fileUrl: PICTURE,
			fileName: null,
			mimeType: null,
			fileSize: null,
			uploadedAt: null,
		});
		const { client: other } = clientOf([envelope(200, uploaded)]);
		const run = other.uploadFromUrl({ fileUrl: 'https://a', uploadPath: 'n8n' });
		expect(await failureOf(run)).toMatchObject({
			message: 'KieAI sent no link to the uploaded file',
		});
	});
});
