import {
	failed,
	fromDetails,
	fromUpgrade,
	isFinal,
	isUpgrade,
	newTask,
	toOutput,
	withResults,
	type TaskIdentity,
	type TaskKind,
	type TaskStatus,
	type UpgradeKind,
} from '../../../nodes/KieAi/protocol/video';

const FILM = 'https://file.example.com/film.mp4';
const FULL = 'https://file.example.com/full.mp4';
const PICTURE = 'https://file.example.com/film.jpg';

const generated: TaskIdentity = { kind: 'generate', taskId: 'veo_1' };
const upgraded: TaskIdentity = {
	kind: 'upgrade4k',
	taskId: 'veo_4k',
	sourceTaskId: 'veo_1',
	index: 0,
};

describe('a new task', () => {
	it('has every field of the contract, and nothing that KieAI has not said', () => {
		expect(newTask(generated)).toEqual({
			videoUrl: null,
			status: 'processing',
			taskId: 'veo_1',
			videoTaskId: 'veo_1',
			kind: 'generate',
			resolution: null,
			resultUrls: [],
			imageUrls: [],
			errorMessage: null,
			completedAt: null,
			sourceTaskId: null,
			index: null,
			originUrls: [],
			fullResultUrls: [],
			mediaIds: [],
			creditsConsumed: null,
			errorCode: null,
			createdAt: null,
			metadata: null,
			confirmed: true,
			raw: null,
		});
	});

	it.each<[TaskKind, string, string | null]>([
		['generate', 'own', null],
		['extend', 'own', null],
		['video', 'own', null],
		['upgrade1080p', 'source', '1080p'],
		['upgrade4k', 'source', '4K'],
	])('of kind %s is gone on with by the ID of its %s', (kind, videoTaskId, resolution) => {
		expect(newTask({ kind, taskId: 'own', sourceTaskId: 'source' })).toMatchObject({
			videoTaskId,
			resolution,
			taskId: 'own',
			sourceTaskId: 'source',
		});
	});

	it('that upgrades an unknown source is gone on with by its own ID', () => {
		expect(newTask({ kind: 'upgrade4k', taskId: 'own' }).videoTaskId).toBe('own');
	});

	it('keeps index 0', () => {
		expect(newTask(upgraded).index).toBe(0);
	});
});

describe('record-info', () => {
	const response = { taskId: 'veo_1', resultUrls: [FILM], resolution: '1080p' };

	it.each<[unknown, TaskStatus]>([
		[0, 'processing'],
		[1, 'succeeded'],
		[2, 'failed'],
		[3, 'failed'],
		['1', 'succeeded'],
		['2', 'failed'],
		[4, 'processing'],
		[null, 'processing'],
		[undefined, 'processing'],
		[true, 'processing'],
	])('with successFlag %p is %s', (successFlag, status) => {
		expect(fromDetails(generated, { successFlag, response }).status).toBe(status);
	});

	it.each<[string, unknown]>([
		['no response', undefined],
		['null for a response', null],
		['no films', {}],
		['null for films', { resultUrls: null }],
		['an empty list', { resultUrls: [] }],
		['an empty list as text', { resultUrls: '[]' }],
		['a film that is no link', { resultUrls: ['data:video/mp4;base64,AAAA'] }],
	])('with successFlag 1 and %s goes on processing', (_what, empty) => {
		const task = fromDetails(generated, { successFlag: 1, response: empty });
		expect(task).toMatchObject({ status: 'processing', videoUrl: null, resultUrls: [] });
	});

	it('does not read "status" or "state"', () => {
		const data = { successFlag: 0, status: 'SUCCESS', state: 'success', response };
		expect(fromDetails(generated, data).status).toBe('processing');
	});

	it('fills in the contract', () => {
		const data = {
			taskId: 'veo_1',
			paramJson: '{"prompt":"A fox"}',
			successFlag: 1,
			response: {
				...response,
				originUrls: `["${PICTURE}"]`,
				mediaIds: '[CAUa, CAUb]',
			},
			createTime: 1767268800000,
			completeTime: '2026-01-01 12:02:00',
			creditsConsumed: 60,
		};
		expect(fromDetails(generated, data)).toEqual({
			...newTask(generated),
			status: 'succeeded',
			videoUrl: FILM,
			resultUrls: [FILM],
			resolution: '1080p',
			originUrls: [PICTURE],
			mediaIds: ['CAUa', 'CAUb'],
			createdAt: '2026-01-01T12:00:00.000Z',
			completedAt: '2026-01-01T12:02:00.000Z',
			creditsConsumed: 60,
			raw: data,
		});
	});

	it('gives the full film after an extension', () => {
		const data = { successFlag: 1, response: { ...response, fullResultUrls: [FULL] } };
		expect(fromDetails({ kind: 'extend', taskId: 'veo_2' }, data)).toMatchObject({
			videoUrl: FULL,
			resultUrls: [FILM],
			fullResultUrls: [FULL],
		});
	});

	it.each(['resultUrls', 'fullResultUrls', 'imageUrls', 'originUrls'])(
		'keeps of %s what is a link',
		(list) => {
			const urls = ['javascript:alert(1)', FULL, 'film.mp4', 'ftp://a/b', 'HTTP://a/b', ' ', 12];
			const task = fromDetails(generated, { successFlag: 1, response: { [list]: urls } });
			expect(task).toMatchObject({ [list]: [FULL, 'HTTP://a/b'] });
		},
	);

	it('looks for links under a second name where the first has none', () => {
		const data = { resultUrls: ['film.mp4'], result_urls: [FILM] };
		expect(fromDetails(generated, { successFlag: 1, response: data }).videoUrl).toBe(FILM);
	});

	it('does not rename a 4K film that is measured otherwise', () => {
		const task = fromDetails(upgraded, { successFlag: 1, response });
		expect(task).toMatchObject({ resolution: '4K', taskId: 'veo_4k', videoTaskId: 'veo_1' });
	});

	it('tells of a failure in KieAI’s words', () => {
		const data = { successFlag: 3, errorCode: 501, errorMessage: 'Too dark', response: null };
		expect(fromDetails(generated, data)).toMatchObject({
			status: 'failed',
			errorMessage: 'Too dark',
			errorCode: '501',
			videoUrl: null,
		});
	});

	it('tells of a failure without words', () => {
		const data = { successFlag: 2, errorCode: null, errorMessage: '' };
		expect(fromDetails(generated, data)).toMatchObject({
			status: 'failed',
			errorMessage: null,
			errorCode: null,
		});
	});

	it.each([
		[
			'{"prompt":"A fox","callBackUrl":"https://n8n.example.com/w?signature=x","seeds":1}',
			'{"prompt":"A fox","callBackUrl":"hidden","seeds":1}',
		],
		['{"callbackurl" : "https://n8n.example.com/w"}', '{"callbackurl" : "hidden"}'],
		['{"callBackUrl"  :  ""}', '{"callBackUrl"  :  "hidden"}'],
		['{"prompt":"A fox"}', '{"prompt":"A fox"}'],
	])('hides where KieAI was to call back: %s', (paramJson, hidden) => {
		const data = { successFlag: 0, paramJson };
		expect(fromDetails(generated, data).raw).toEqual({ successFlag: 0, paramJson: hidden });
	});

	it('takes no text that only has a link in it for a film', () => {
		const told = { ...response, resultUrls: [`See ${FILM}`] };
		expect(fromDetails(generated, { successFlag: 1, response: told })).toMatchObject({
			resultUrls: [],
			videoUrl: null,
		});
	});

	it('takes no old error message for a failure', () => {
		const data = { successFlag: 1, errorCode: '', errorMessage: 'first try failed', response };
		expect(fromDetails(generated, data)).toMatchObject({ errorMessage: null, errorCode: null });
	});
});

describe('an upgrade’s own answer', () => {
	it.each<[string, object]>([
		['the 4K call', { taskId: 'veo_4k', resultUrls: [FILM], imageUrls: [PICTURE] }],
		['the 4K call in JSON text', { resultUrls: `["${FILM}"]`, imageUrls: `["${PICTURE}"]` }],
		['snake_case', { result_urls: [FILM], image_urls: [PICTURE] }],
		['the 1080p call, with one text', { resultUrl: FILM, imageUrls: [PICTURE] }],
	])('with films in the shape of %s is a success', (_shape, data) => {
		expect(fromUpgrade(upgraded, { ...data })).toMatchObject({
			status: 'succeeded',
			videoUrl: FILM,
			resultUrls: [FILM],
			imageUrls: [PICTURE],
			resolution: '4K',
			raw: data,
		});
	});

	it.each<[string, object]>([
		['null', { resultUrls: null, imageUrls: null }],
		['an empty list', { resultUrls: [] }],
		['no field', {}],
		['an empty text', { resultUrl: '' }],
	])('with %s for films is still processing', (_what, data) => {
		expect(fromUpgrade(upgraded, { ...data })).toMatchObject({
			status: 'processing',
			videoUrl: null,
			resultUrls: [],
		});
	});
});

describe('an upgrade', () => {
	it.each<[UpgradeKind, string]>([
		['upgrade4k', '4K'],
		['upgrade1080p', '1080p'],
	])('of kind %s is %s, of one film, and has no other versions', (kind, resolution) => {
		const data = {
			resultUrls: [FILM],
			fullResultUrls: [FULL],
			originUrls: [FULL],
			resolution: '720p',
		};
		expect(withResults(newTask({ ...upgraded, kind }), data)).toMatchObject({
			videoUrl: FILM,
			resolution,
			fullResultUrls: [],
			originUrls: [],
		});
	});

	it('without films of its own has none', () => {
		const task = withResults(newTask(upgraded), { fullResultUrls: [FULL] });
		expect(task.videoUrl).toBeNull();
	});
});

describe('the kinds and statuses', () => {
	it.each<[TaskStatus, boolean]>([
		['processing', false],
		['timedOut', false],
		['succeeded', true],
		['failed', true],
	])('%s is final: %p', (status, final) => {
		expect(isFinal({ ...newTask(generated), status })).toBe(final);
	});

	it.each<[TaskKind, boolean]>([
		['generate', false],
		['extend', false],
		['video', false],
		['upgrade1080p', true],
		['upgrade4k', true],
	])('%s is an upgrade: %p', (kind, upgrade) => {
		expect(isUpgrade(kind)).toBe(upgrade);
	});
});

describe('a failed task', () => {
	it('keeps what is known of it', () => {
		expect(failed(newTask(upgraded), 'Unavailable', 500)).toEqual({
			...newTask(upgraded),
			status: 'failed',
			errorMessage: 'Unavailable',
			errorCode: '500',
		});
	});

	it('without a code has none', () => {
		expect(failed(newTask(generated), 'Too dark').errorCode).toBeNull();
	});
});

describe('the output', () => {
	it('has ten fields where it is simplified, the film first', () => {
		const task = fromUpgrade(upgraded, { resultUrls: [FILM], imageUrls: [PICTURE] });

		expect(Object.keys(toOutput(task, true))).toEqual([
			'videoUrl',
			'status',
			'taskId',
			'videoTaskId',
			'kind',
			'resolution',
			'resultUrls',
			'imageUrls',
			'errorMessage',
			'completedAt',
		]);
		expect(task).toMatchObject(toOutput(task, true));
	});

	it.each<[string, TaskIdentity, number | undefined]>([
		['an upgrade of another video than the first', { ...upgraded, index: 2 }, 2],
		['one of the first', upgraded, undefined],
		['a video', { ...generated, index: 2 }, undefined],
	])('tells the index where it is simplified and of %s', (_what, identity, index) => {
		expect(toOutput(newTask(identity), true)['index']).toBe(index);
	});

	it('has all of it where it is not', () => {
		const task = fromUpgrade(upgraded, { resultUrls: [FILM] });
		expect(toOutput(task, false)).toEqual(task);
	});

	it.each([true, false])(
		'never has a key that n8n takes for an error (simplified: %p)',
		(simple) => {
			expect(toOutput(failed(newTask(generated), 'no'), simple)).not.toHaveProperty('error');
		},
	);
});
