import { callback, film, openTriggerWorld, preview, type TriggerWorld } from './support/trigger';

let world: TriggerWorld;

beforeAll(async () => {
	world = await openTriggerWorld();
});
afterEach(() => expect(world.leftovers()).toEqual([]));
afterAll(async () => await world.close());

/** What is read from a callback, seen where KieAI is not asked for better. */
const unconfirmed = { confirm: false };

describe('a callback', () => {
	it('starts the workflow and is answered with 200', async () => {
		const trigger = await world.publish(unconfirmed);

		const { status } = await trigger.call(callback.videoReady('video'));

		expect(status).toBe(200);
		expect(await trigger.started()).toHaveLength(1);
	});

	it('tells of a generated video', async () => {
		const trigger = await world.publish(unconfirmed);

		await trigger.call(callback.videoReady('video'));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				status: 'succeeded',
				kind: 'video',
				taskId: 'video',
				videoTaskId: 'video',
				videoUrl: film('video'),
				resultUrls: [film('video')],
				resolution: '720p',
			}),
		]);
	});

	it('tells of an extended video', async () => {
		const trigger = await world.publish(unconfirmed);

		await trigger.call(callback.extendReady('extension'));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ status: 'succeeded', kind: 'extend', taskId: 'extension' }),
		]);
	});

	it('tells why a video failed, in KieAI’s words', async () => {
		const trigger = await world.publish(unconfirmed);

		await trigger.call(callback.videoFailed('video', 'The prompt is not in English.'));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				status: 'failed',
				kind: 'video',
				errorMessage: 'The prompt is not in English.',
				errorCode: '400',
				videoUrl: null,
				resultUrls: [],
			}),
		]);
	});

	it.each([400, 422, 500, 501])('with code %i tells of a failure', async (code) => {
		const trigger = await world.publish(unconfirmed);

		await trigger.call({ ...callback.videoFailed('video'), code });

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ status: 'failed', errorCode: String(code) }),
		]);
	});

	it('tells of a failure without a reason too', async () => {
		const trigger = await world.publish(unconfirmed);

		await trigger.call({ code: 501, data: { taskId: 'video' } });

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				status: 'failed',
				errorMessage: expect.stringContaining('501') as string,
			}),
		]);
	});

	it.each([
		['of the reference page', callback.upgradeReady],
		['of the callback page', callback.upgradeReadyNested],
	])('tells of a 4K video in the shape %s', async (_, build) => {
		const trigger = await world.publish(unconfirmed);

		await trigger.call(build('source'));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				status: 'succeeded',
				kind: 'upgrade4k',
				taskId: 'source',
				videoUrl: film('source'),
				resultUrls: [film('source')],
				imageUrls: [preview('source')],
				resolution: '4K',
			}),
		]);
	});

	it('tells what a 4K video cost, where KieAI says it', async () => {
		const trigger = await world.publish(unconfirmed);

		await trigger.call(callback.upgradeReadyNested('source'));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ creditsConsumed: 120, mediaIds: [] }),
		]);
	});

	it('tells the media IDs of a 4K video, where KieAI says them', async () => {
		const trigger = await world.publish(unconfirmed);

		await trigger.call(callback.upgradeReady('source'));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ mediaIds: ['media'], creditsConsumed: null }),
		]);
	});

	it('tells of a failed 4K video by its text', async () => {
		const trigger = await world.publish(unconfirmed);

		await trigger.call(callback.upgradeFailed('source'));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ status: 'failed', kind: 'upgrade4k', errorCode: '500' }),
		]);
	});

	const films = [film('first'), film('second')];

	it.each([
		['an array', films],
		['JSON text', JSON.stringify(films)],
		['text that is no JSON', `[${films.join(', ')}]`],
		['text without spaces', `[${films.join(',')}]`],
	])('is read with its URLs as %s', async (_, urls) => {
		const trigger = await world.publish(unconfirmed);

		await trigger.call(callback.videoReady('video', urls, { originUrls: urls }));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ resultUrls: films, originUrls: films, videoUrl: films[0] }),
		]);
	});

	it.each([
		['JSON text', '{"prompt":"A red fox"}'],
		['an object', { prompt: 'A red fox' }],
	])('is read with its prompt as %s', async (_, promptJson) => {
		const trigger = await world.publish(unconfirmed);
		const body = callback.videoReady('video');

		const { status } = await trigger.call({ ...body, data: { ...body.data, promptJson } });

		expect(status).toBe(200);
		expect(await trigger.started()).toHaveLength(1);
	});

	it('that tells of a failure brings no links', async () => {
		const trigger = await world.publish(unconfirmed);
		const { code, msg, data } = callback.videoFailed('video');

		await trigger.call({ code, msg, data: { ...data, resultUrls: [film('video')] } });

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ status: 'failed', videoUrl: null, resultUrls: [] }),
		]);
	});
});

describe('what is no callback of KieAI’s', () => {
	const data = { taskId: 'video' };

	it.each<[string, unknown]>([
		['an empty object', {}],
		['null', 'null'],
		['an array', [callback.videoReady('video')]],
		['a number', '7'],
		['a text', '"callback"'],
		['one without a code', { msg: 'done', data }],
		['one whose code is no number', { code: 'fine', data }],
		['one without a task ID', { code: 400, msg: 'failed', data: {} }],
		['one with an empty task ID', { code: 400, msg: 'failed', data: { taskId: ' ' } }],
		['one whose task ID is an object', { code: 400, data: { taskId: { $ne: '' } } }],
		['one whose data is text', { code: 400, msg: 'failed', data: 'video' }],
		['a success without a URL', { code: 200, msg: 'done', data }],
		['a success whose list is empty', callback.videoReady('video', [])],
		['a success whose URLs are no texts', callback.videoReady('video', [{ url: film('video') }])],
	])('is answered with 400: %s', async (_, body) => {
		const trigger = await world.publish();

		const { status } = await trigger.call(body);

		expect(status).toBe(400);
		expect(await trigger.started()).toEqual([]);
	});

	it('is answered with 400: a request without a body', async () => {
		const trigger = await world.publish();

		const { status } = await trigger.call('');

		expect(status).toBe(400);
	});

	it('is answered with 400: a form', async () => {
		const trigger = await world.publish();

		const { status } = await trigger.call('code=200&taskId=video', {
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
		});

		expect(status).toBe(400);
	});

	it('is answered with 400: plain text', async () => {
		const trigger = await world.publish();

		const { status } = await trigger.call('done', { headers: { 'content-type': 'text/plain' } });

		expect(status).toBe(400);
	});

	it('is answered with 422 by n8n itself where it is no JSON', async () => {
		const trigger = await world.publish();

		const { status } = await trigger.call('{"code": 200,');

		expect(status).toBe(422);
		expect(await trigger.started()).toEqual([]);
	});

	it('makes the trigger ask KieAI nothing', async () => {
		const trigger = await world.publish();
		const asked = world.sandbox.requests.length;

		await trigger.call({ code: 200, msg: 'done', data });

		expect(world.sandbox.requests).toHaveLength(asked);
	});
});

describe('Events', () => {
	const bodies = {
		upgrade4kFailed: callback.upgradeFailed('task'),
		upgrade4kReady: callback.upgradeReady('task'),
		videoFailed: callback.videoFailed('task'),
		videoReady: callback.videoReady('task'),
	};
	const names = Object.keys(bodies) as Array<keyof typeof bodies>;

	it.each(names)('starts the workflow with %s where it is chosen', async (event) => {
		const trigger = await world.publish({ ...unconfirmed, events: [event] });

		await trigger.call(bodies[event]);

		expect(await trigger.started()).toHaveLength(1);
	});

	it.each(names)('answers 200 to %s where it is not chosen, and starts nothing', async (event) => {
		const others = names.filter((name) => name !== event);
		const trigger = await world.publish({ ...unconfirmed, events: others });

		const { status } = await trigger.call(bodies[event]);

		expect(status).toBe(200);
		expect(await trigger.started()).toEqual([]);
	});

	it('are all chosen by default', async () => {
		const trigger = await world.publish(unconfirmed);

		for (const event of names) await trigger.call(bodies[event]);

		expect(await trigger.started()).toHaveLength(4);
	});

	it('sorts an extension with the videos', async () => {
		const trigger = await world.publish({ ...unconfirmed, events: ['videoReady'] });

		await trigger.call(callback.extendReady('extension'));

		expect(await trigger.started()).toHaveLength(1);
	});

	it('does not ask KieAI about what is not chosen', async () => {
		const trigger = await world.publish({ events: ['videoFailed'] });
		const asked = world.sandbox.requests.length;

		await trigger.call(callback.videoReady('video'));

		expect(world.sandbox.requests).toHaveLength(asked);
	});

	it('answers what is wanted and what is not in the same words', async () => {
		const trigger = await world.publish({ ...unconfirmed, events: ['videoReady'] });

		const wanted = await trigger.call(callback.videoReady('video'));
		const unwanted = await trigger.call(callback.videoFailed('video'));

		expect(unwanted).toEqual(wanted);
	});
});
