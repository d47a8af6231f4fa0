import { callbackTaskId, readCallback } from '../../../nodes/KieAi/protocol/callback';

const FILM = 'https://file.example.com/film.mp4';
const PICTURE = 'https://file.example.com/film.jpg';

const videoReady = {
	code: 200,
	msg: 'Veo3.1 video generated successfully.',
	data: {
		taskId: 'veo_1',
		info: {
			resultUrls: [FILM],
			originUrls: ['https://file.example.com/o.mp4'],
			resolution: '720p',
		},
		promptJson: '{"prompt":"A fox"}',
		fallbackFlag: false,
	},
};

describe('a callback of a finished video', () => {
	it('becomes a task in the shape of the output contract', () => {
		expect(readCallback(videoReady)).toEqual({
			videoUrl: FILM,
			status: 'succeeded',
			taskId: 'veo_1',
			videoTaskId: 'veo_1',
			kind: 'video',
			resolution: '720p',
			resultUrls: [FILM],
			imageUrls: [],
			errorMessage: null,
			completedAt: null,
			sourceTaskId: null,
			index: null,
			originUrls: ['https://file.example.com/o.mp4'],
			fullResultUrls: [],
			mediaIds: [],
			creditsConsumed: null,
			errorCode: null,
			createdAt: null,
			metadata: null,
			confirmed: false,
			raw: videoReady,
		});
	});

	it('of an extension says so in its text', () => {
		const extended = { ...videoReady, msg: 'Veo3.1 video extension successful.' };
		expect(readCallback(extended)).toMatchObject({ kind: 'extend', status: 'succeeded' });
	});

	it.each<[string, unknown]>([
		['JSON text', `["${FILM}"]`],
		['bare text', `[${FILM}]`],
	])('may give its films as %s', (_form, resultUrls) => {
		const data = { taskId: 'veo_1', info: { resultUrls } };
		expect(readCallback({ ...videoReady, data })).toMatchObject({
			videoUrl: FILM,
			resultUrls: [FILM],
		});
	});

	it('may write its code as text', () => {
		expect(readCallback({ ...videoReady, code: '200' })).toMatchObject({ status: 'succeeded' });
	});
});

describe('a callback of a finished 4K video', () => {
	const msg = '4K Video generated successfully.';
	const film4k = {
		kind: 'upgrade4k',
		status: 'succeeded',
		taskId: 'veo_4k',
		videoUrl: FILM,
		resolution: '4K',
		resultUrls: [FILM],
		imageUrls: [PICTURE],
		confirmed: false,
	};

	it('has snake_case fields in one reading', () => {
		const data = {
			task_id: 'veo_4k',
			result_urls: [FILM],
			media_ids: ['CAUa'],
			image_urls: [PICTURE],
		};
		expect(readCallback({ code: 200, msg, data })).toMatchObject({ ...film4k, mediaIds: ['CAUa'] });
	});

	it('has camelCase fields under "info" in the other', () => {
		const info = { resultUrls: [FILM], imageUrls: [PICTURE] };
		const data = { taskId: 'veo_4k', creditsConsumed: 120, info };
		expect(readCallback({ code: 200, msg, data })).toMatchObject({
			...film4k,
			creditsConsumed: 120,
		});
	});

	it('has one film and no other versions of it, whatever it brings', () => {
		const full = ['https://file.example.com/full.mp4'];
		const info = { resultUrls: [FILM], fullResultUrls: full, originUrls: full };
		expect(readCallback({ code: 200, msg, data: { taskId: 'veo_4k', info } })).toMatchObject({
			videoUrl: FILM,
			resultUrls: [FILM],
			fullResultUrls: [],
			originUrls: [],
		});
	});

	it('is known by its field names, whatever it says', () => {
		const data = { task_id: 'veo_4k', result_urls: [FILM] };
		expect(readCallback({ code: 200, msg: 'success', data })).toMatchObject({ kind: 'upgrade4k' });
	});

	it('leaves open which video it is of', () => {
		const data = { taskId: 'veo_4k', info: { resultUrls: [FILM] } };
		expect(readCallback({ code: 200, msg, data })).toMatchObject({
			videoTaskId: 'veo_4k',
			sourceTaskId: null,
			index: null,
		});
	});
});

describe('a callback of a failure', () => {
	it.each([400, 422, 500, 501])('with code %i carries KieAI’s words', (code) => {
		const body = { code, msg: 'Unsafe image', data: { taskId: 'veo_1', fallbackFlag: false } };
		expect(readCallback(body)).toMatchObject({
			status: 'failed',
			kind: 'video',
			taskId: 'veo_1',
			videoUrl: null,
			errorMessage: 'Unsafe image',
			errorCode: String(code),
			confirmed: false,
			raw: body,
		});
	});

	it.each([400, 500])('of a 4K video with code %i is told apart by its text', (code) => {
		const msg = 'The 4K version of this video is unavailable. Please try a different video.';
		expect(readCallback({ code, msg, data: { taskId: 'veo_1' } })).toMatchObject({
			status: 'failed',
			kind: 'upgrade4k',
			errorMessage: msg,
			resolution: '4K',
		});
	});

	it('does not take 4K inside of another word for 4K', () => {
		const body = { code: 500, msg: 'Task a4kb failed', data: { taskId: 'a4kb' } };
		expect(readCallback(body)).toMatchObject({ kind: 'video' });
	});

	it.each([[undefined], [null], [''], [' ']])('without words (%p) says its code', (msg) => {
		expect(readCallback({ code: 501, msg, data: { taskId: 'veo_1' } })).toMatchObject({
			errorMessage: 'KieAI failed with code 501',
		});
	});

	it('stays one, even with links in it, and brings none of them', () => {
		const list = [PICTURE];
		const info = { resultUrls: list, fullResultUrls: list, imageUrls: list, originUrls: list };
		const body = { code: 500, msg: 'no', data: { taskId: 'veo_1', resultUrls: list, info } };
		expect(JSON.stringify({ ...readCallback(body), raw: null })).not.toContain(PICTURE);
		expect(readCallback(body)).toMatchObject({ status: 'failed' });
	});
});

describe('what is no callback', () => {
	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', JSON.stringify(videoReady)],
		['a number', 200],
		['a list', [videoReady]],
		['an empty object', {}],
		['no code', { ...videoReady, code: undefined }],
		['a code that is no number', { ...videoReady, code: 'OK' }],
		['no data', { code: 200, msg: videoReady.msg }],
		['data that is null', { ...videoReady, data: null }],
		['data that is a list', { ...videoReady, data: [videoReady.data] }],
		['no task ID', { ...videoReady, data: { info: videoReady.data.info } }],
		['an empty task ID', { ...videoReady, data: { ...videoReady.data, taskId: ' ' } }],
		['a task ID that is an object', { ...videoReady, data: { ...videoReady.data, taskId: {} } }],
		['a task ID that is a list', { ...videoReady, data: { ...videoReady.data, taskId: ['a'] } }],
		['success without info', { ...videoReady, data: { taskId: 'veo_1' } }],
		[
			'success without films',
			{ ...videoReady, data: { taskId: 'veo_1', info: { resultUrls: null } } },
		],
		[
			'success with no films',
			{ ...videoReady, data: { taskId: 'veo_1', info: { resultUrls: '[]' } } },
		],
		[
			'success with a film that is no link',
			{ ...videoReady, data: { taskId: 'veo_1', info: { resultUrls: ['film.mp4'] } } },
		],
	])('is %s', (_what, body) => {
		expect(readCallback(body)).toBeUndefined();
	});

	it.each([
		'{"__proto__":{"code":200,"data":{"taskId":"a","info":{"resultUrls":["https://a"]}}}}',
		'{"code":200,"__proto__":{"data":{"taskId":"a","info":{"resultUrls":["https://a"]}}}}',
		'{"code":200,"data":{"__proto__":{"taskId":"a","info":{"resultUrls":["https://a"]}}}}',
		'{"code":200,"data":{"taskId":"a","__proto__":{"info":{"resultUrls":["https://a"]}}}}',
		'{"code":200,"data":{"taskId":"a","info":{"__proto__":{"resultUrls":["https://a"]}}}}',
		'{"constructor":{"prototype":{"code":200,"data":{"taskId":"a"}}}}',
	])('is one that hides behind a prototype: %s', (text) => {
		expect(readCallback(JSON.parse(text))).toBeUndefined();
		expect({}).not.toHaveProperty('code');
		expect({}).not.toHaveProperty('taskId');
	});
});

describe('what is too much', () => {
	const many = (count: number) => Array.from({ length: count }, (_, i) => `https://a/${i}`);

	it.each(['resultUrls', 'imageUrls', 'originUrls', 'fullResultUrls', 'mediaIds'])(
		'are more than 10 %s',
		(list) => {
			const body = (count: number) => ({
				...videoReady,
				data: { taskId: 'veo_1', info: { resultUrls: [FILM], [list]: many(count) } },
			});
			expect(readCallback(body(10))).toMatchObject({ [list]: many(10) });
			expect(readCallback(body(11))).toBeUndefined();
		},
	);

	it('is a task ID of more than 200 characters', () => {
		expect(callbackTaskId({ taskId: 'x'.repeat(200) })).toHaveLength(200);
		expect(callbackTaskId({ taskId: 'x'.repeat(201) })).toBeUndefined();
	});

	it('of KieAI’s words are more than 1000 characters', () => {
		const body = { code: 501, msg: 'x'.repeat(2000), data: { taskId: 'veo_1' } };
		expect(readCallback(body)?.errorMessage).toHaveLength(1000);
	});
});

describe('a callback with an origin', () => {
	const full = 'https://file.example.com/full.mp4';
	const info = { resultUrls: [FILM], fullResultUrls: [full], resolution: '720p' };
	const body = { ...videoReady, data: { taskId: 'veo_2', info } };

	it('is of the kind, the source and the metadata that we wrote', () => {
		const origin = { kind: 'extend', sourceTaskId: 'veo_1', metadata: { row: 12 } } as const;
		expect(readCallback(body, origin)).toMatchObject({
			...origin,
			videoTaskId: 'veo_2',
			videoUrl: full,
			resolution: '720p',
		});
	});

	it('that upgrades is of one 4K film, and gone on with by its source', () => {
		const origin = { kind: 'upgrade4k', sourceTaskId: 'veo_1', index: 1 } as const;
		expect(readCallback(body, origin)).toMatchObject({
			...origin,
			taskId: 'veo_2',
			videoTaskId: 'veo_1',
			videoUrl: FILM,
			fullResultUrls: [],
			resolution: '4K',
		});
	});

	it('that upgrades an unknown source is gone on with by its own ID', () => {
		expect(readCallback(body, { kind: 'upgrade4k' })).toMatchObject({
			videoTaskId: 'veo_2',
			sourceTaskId: null,
			index: null,
		});
	});

	it('that extends is believed over field names that look like 4K', () => {
		const data = { task_id: 'veo_2', result_urls: [FILM], full_result_urls: [full] };
		expect(readCallback({ ...body, data }, { kind: 'extend' })).toMatchObject({
			kind: 'extend',
			videoUrl: full,
			resolution: null,
		});
	});
});

describe('the task ID of a callback', () => {
	it.each<[string, unknown]>([
		['data.task_id', { data: { task_id: 'veo_1' } }],
		['data.taskId', { data: { taskId: 'veo_1' } }],
		['taskId', { taskId: 'veo_1' }],
		['task_id', { task_id: 'veo_1' }],
		['taskId beside empty data', { taskId: 'veo_1', data: null }],
		['data.taskId beside an empty data.task_id', { data: { task_id: '', taskId: 'veo_1' } }],
		['data.taskId rather than the top level', { taskId: 'veo_2', data: { taskId: 'veo_1' } }],
	])('is read from %s', (_where, body) => {
		expect(callbackTaskId(body)).toBe('veo_1');
	});

	it.each<[unknown, string]>([
		[12, '12'],
		[0, '0'],
		['veo:1/Ä', 'veo:1/Ä'],
	])('of %p is %p, to the letter: it is what was signed', (taskId, read) => {
		expect(callbackTaskId({ data: { taskId } })).toBe(read);
	});

	it('is the same for the signature and for the task, even where a body has two', () => {
		const body = { ...videoReady, data: { ...videoReady.data, task_id: 'veo_2' } };
		expect(readCallback(body)?.taskId).toBe(callbackTaskId(body));
	});

	it.each<[unknown]>([[undefined], [null], ['veo_1'], [['veo_1']], [{ data: { taskId: true } }]])(
		'is not in %p',
		(body) => {
			expect(callbackTaskId(body)).toBeUndefined();
		},
	);

	it.each([' veo_1', 'veo_1\n', 'veo 1', 'veo_1\u001b[2K', 'veo\u2028_1', ' '])(
		'is one word that may stand in a log, which %j is not',
		(taskId) => {
			expect(callbackTaskId({ data: { taskId } })).toBeUndefined();
		},
	);
});
