import { readCallback } from '../../../nodes/KieAi/protocol/callback';
import { confirm, type Confirmation } from '../../../nodes/KieAi/protocol/confirm';
import { KieAiError } from '../../../nodes/KieAi/protocol/errors';
import type { VideoTask } from '../../../nodes/KieAi/protocol/video';
import { clientOf, envelope, html, http, noAnswer, type Answer } from '../support/kieAi';

const FILM = 'https://file.example.com/film.mp4';
const PICTURE = 'https://file.example.com/film.jpg';
const FORGED = 'https://evil.example.com/film.mp4';

const unknown = envelope(422, null, 'record is null');
const ours = envelope(200, `${FILM}?token=1`);
const notOurs = envelope(422, null, 'not ours');

function record(successFlag: number, urls: string[] = [FILM]) {
	return envelope(200, { successFlag, response: { resultUrls: urls, resolution: '720p' } });
}

function callback(body: object): VideoTask {
	const task = readCallback(body);
	if (task === undefined) throw new Error('not a callback');
	return task;
}

const videoReady = callback({
	code: 200,
	msg: 'Veo3.1 video generated successfully.',
	data: { taskId: 'veo_1', info: { resultUrls: [FILM] } },
});
const videoFailed = callback({ code: 501, msg: 'Too dark', data: { taskId: 'veo_1' } });
const ready4k = callback({
	code: 200,
	msg: '4K Video generated successfully.',
	data: { taskId: 'veo_1', info: { resultUrls: [FILM], imageUrls: [] } },
});
const failed4k = callback({
	code: 500,
	msg: 'The 4K version of this video is unavailable. Please try a different video.',
	data: { taskId: 'veo_1' },
});
/** A 4K task with an ID of its own, as our own parameter in the URL tells. */
const own4k: VideoTask = {
	...ready4k,
	taskId: 'veo_4k',
	sourceTaskId: 'veo_1',
	videoTaskId: 'veo_1',
};

/** What comes of a claim when KieAI answers as told; one try each, as the trigger asks. */
async function ask(claim: VideoTask, ...answers: Answer[]) {
	const { client, requests } = clientOf(answers, { maxAttempts: 1 });
	const confirmation = await confirm(claim, client, { isProven: true });
	return { confirmation, asked: requests.map(({ url, query, body }) => [url, query ?? body]) };
}

/** All that would leave the trigger as KieAI's; the callback as it came is no part of that. */
function outputOf(confirmation: Confirmation): string {
	if (typeof confirmation === 'string') return confirmation;
	return JSON.stringify({ ...confirmation, raw: null });
}

describe('a video', () => {
	it('leaves as KieAI knows it, and with nothing that only the callback says', async () => {
		const said = {
			resultUrls: [FORGED],
			videoUrl: FORGED,
			imageUrls: [FORGED],
			mediaIds: [FORGED],
		};
		const { confirmation } = await ask(
			{ ...videoReady, ...said, creditsConsumed: 1, metadata: { row: 12 } },
			record(1),
		);

		expect(confirmation).toMatchObject({
			videoUrl: FILM,
			resultUrls: [FILM],
			imageUrls: [],
			resolution: '720p',
			status: 'succeeded',
			creditsConsumed: null,
			metadata: { row: 12 },
			confirmed: true,
		});
		expect(outputOf(confirmation)).not.toContain(FORGED);
	});

	it('that failed is confirmed too', async () => {
		expect((await ask(videoFailed, record(2, []))).confirmation).toMatchObject({
			status: 'failed',
			errorMessage: 'Too dark',
			confirmed: true,
		});
	});

	it('that failed is told in the words of its record, where it has some', async () => {
		const answer = envelope(200, { successFlag: 2, errorMessage: 'Much too dark' });
		expect((await ask(videoFailed, answer)).confirmation).toMatchObject({
			errorMessage: 'Much too dark',
		});
	});

	it.each<[string, VideoTask, Answer, Exclude<Confirmation, VideoTask>]>([
		['ready, and KieAI says failed', videoReady, record(2, []), 'refuted'],
		['failed, and KieAI says ready', videoFailed, record(1), 'refuted'],
		['ready, and KieAI is still at it', videoReady, record(0, []), 'unfinished'],
		['ready, and KieAI does not know it', videoReady, unknown, 'refuted'],
		['ready, and KieAI knows no record', videoReady, envelope(200, null), 'refuted'],
		['ready, and KieAI is overloaded', videoReady, envelope(429), 'unreachable'],
		['ready, and KieAI is in trouble', videoReady, html(502), 'unreachable'],
		['ready, and KieAI cannot be reached', videoReady, noAnswer('ECONNREFUSED'), 'unreachable'],
		['ready, and the answer is cut off', videoReady, http(200, '{"code":200,"da'), 'unreachable'],
		['ready, and the key is bad', videoReady, envelope(401), 'unreachable'],
		['ready, and the account is empty', videoReady, envelope(402), 'unreachable'],
		['ready, and the feature is off', videoReady, envelope(505), 'unreachable'],
		['ready, and a firewall answers', videoReady, html(403), 'unreachable'],
		['ready, and a page is not found', videoReady, html(404), 'unreachable'],
		['ready, and KieAI redirects', videoReady, http(302, ''), 'unreachable'],
	])('that is said to be %s', async (_what, claim, answer, verdict) => {
		expect((await ask(claim, answer)).confirmation).toBe(verdict);
	});
});

describe('a 4K video that KieAI does not know, and nothing proves', () => {
	it.each([
		['succeeded', ready4k],
		['failed', failed4k],
	])('is a stranger’s, whoever made its film: %s', async (_status, claim) => {
		const { client, requests } = clientOf([unknown, ours], { maxAttempts: 1 });
		expect(await confirm(claim, client, { isProven: false })).toBe('refuted');
		expect(requests).toHaveLength(1);
	});
});

describe('a 4K video of several films', () => {
	const several = {
		...own4k,
		taskId: 'veo_1',
		resultUrls: [FILM, FORGED, PICTURE],
		imageUrls: [PICTURE],
	};

	it('is asked about until KieAI says no, and no further', async () => {
		const { confirmation, asked } = await ask(several, ours, notOurs, ours);
		expect(confirmation).toBe('refuted');
		expect(asked).toHaveLength(2);
	});

	it('is asked about again where KieAI could not be', async () => {
		const { confirmation, asked } = await ask(several, ours, html(502), ours);
		expect(confirmation).toBe('unreachable');
		expect(asked).toHaveLength(2);
	});

	it('is confirmed where KieAI takes all of them for its own', async () => {
		const { confirmation } = await ask(several, ours, ours, ours, ours);
		expect(confirmation).toMatchObject({ resultUrls: several.resultUrls, confirmed: true });
	});
});

describe('a 4K video with an ID of its own', () => {
	it.each<[string, VideoTask]>([
		['where our parameter tells its source', own4k],
		['where nothing tells its source', ready4k],
	])('is looked up under it, %s', async (_what, claim) => {
		const { confirmation, asked } = await ask(claim, record(1));

		expect(asked).toEqual([
			['https://api.example.com/api/v1/veo/record-info', { taskId: claim.taskId }],
		]);
		expect(confirmation).toMatchObject({
			videoUrl: FILM,
			taskId: claim.taskId,
			videoTaskId: 'veo_1',
			resolution: '4K',
			confirmed: true,
		});
	});

	it('keeps a picture that KieAI takes for its own, and no other', async () => {
		const claim = { ...own4k, imageUrls: [PICTURE, FORGED] };
		const { confirmation, asked } = await ask(claim, record(1), ours, notOurs);

		expect(asked.slice(1)).toEqual(
			claim.imageUrls.map((url) => ['https://api.example.com/api/v1/common/download-url', { url }]),
		);
		expect(confirmation).toMatchObject({ imageUrls: [PICTURE], confirmed: true });
	});

	it('has the pictures of its record, where there are any', async () => {
		const response = { resultUrls: [FILM], imageUrls: [PICTURE] };
		const claim = { ...own4k, imageUrls: [FORGED] };
		const { confirmation, asked } = await ask(claim, envelope(200, { successFlag: 1, response }));

		expect(asked).toHaveLength(1);
		expect(confirmation).toMatchObject({ imageUrls: [PICTURE] });
	});

	it('keeps its pictures unasked, where nobody else could have sent them', async () => {
		const { client, requests } = clientOf([record(1)], { maxAttempts: 1 });
		const claim = { ...own4k, imageUrls: [PICTURE] };
		expect(await confirm(claim, client, { isProven: true, trustPreviews: true })).toMatchObject({
			imageUrls: [PICTURE],
		});
		expect(requests).toHaveLength(1);
	});

	it('is known by any of its films', async () => {
		const { confirmation, asked } = await ask(own4k, record(1, [PICTURE, FILM]));
		expect(asked).toHaveLength(1);
		expect(confirmation).toMatchObject({ resultUrls: [PICTURE, FILM], confirmed: true });
	});

	const ownFailed: VideoTask = { ...failed4k, taskId: 'veo_4k', sourceTaskId: 'veo_1' };

	it('that failed is confirmed by its record', async () => {
		const { confirmation } = await ask(ownFailed, record(2, []));
		expect(confirmation).toMatchObject({ status: 'failed', taskId: 'veo_4k', confirmed: true });
	});

	it('that failed is refuted where its record has the film', async () => {
		expect((await ask(ownFailed, record(1))).confirmation).toBe('refuted');
	});

	it('that failed leaves unconfirmed where its record lags behind', async () => {
		expect((await ask(ownFailed, record(0, []))).confirmation).toBe(ownFailed);
	});

	it('that failed leaves unconfirmed where the record may be its source’s', async () => {
		const claim = { ...ownFailed, sourceTaskId: null };
		expect((await ask(claim, record(1))).confirmation).toBe(claim);
	});

	it('that failed leaves unconfirmed where it has no record, and we know its source', async () => {
		expect((await ask(ownFailed, unknown)).confirmation).toBe(ownFailed);
	});

	it('is unfinished where its record says so, with the film there already', async () => {
		expect((await ask(own4k, record(0))).confirmation).toBe('unfinished');
	});

	it.each([own4k, ready4k])('is shown to KieAI where it has no record', async (claim) => {
		const { confirmation } = await ask(claim, unknown, ours);
		expect(confirmation).toMatchObject({ status: 'succeeded', confirmed: true });
	});

	it('leaves without a picture that KieAI cannot look at now', async () => {
		const { confirmation } = await ask({ ...own4k, imageUrls: [PICTURE] }, record(1), html(503));
		expect(confirmation).toMatchObject({ imageUrls: [], videoUrl: FILM, confirmed: true });
	});
});

describe('a 4K video under the ID of its source', () => {
	const source = record(1, ['https://file.example.com/720p.mp4']);

	it('has its film shown to KieAI', async () => {
		const claim = { ...ready4k, mediaIds: ['CAUa'] };
		const { confirmation, asked } = await ask(claim, source, ours);

		expect(asked[1]).toEqual(['https://api.example.com/api/v1/common/download-url', { url: FILM }]);
		expect(confirmation).toMatchObject({
			videoUrl: FILM,
			status: 'succeeded',
			mediaIds: [],
			confirmed: true,
		});
	});

	it('is not asked for where it is known that it has no record', async () => {
		const { asked } = await ask({ ...ready4k, sourceTaskId: 'veo_1' }, ours);
		expect(asked).toEqual([['https://api.example.com/api/v1/common/download-url', { url: FILM }]]);
	});

	it.each<[string, Answer, Exclude<Confirmation, VideoTask>]>([
		['KieAI does not take for its own', notOurs, 'refuted'],
		['KieAI cannot look at now', html(503), 'unreachable'],
	])('with a film that %s', async (_what, answer, verdict) => {
		expect((await ask(ready4k, source, answer)).confirmation).toBe(verdict);
	});

	it('is shown once, however often it is listed', async () => {
		const { asked } = await ask({ ...ready4k, resultUrls: [FILM, FILM] }, source, ours);
		expect(asked).toHaveLength(2);
	});

	it('without a film is refuted', async () => {
		expect((await ask({ ...ready4k, resultUrls: [] }, source)).confirmation).toBe('refuted');
	});

	it('with one film among others that is not KieAI’s is refuted', async () => {
		const claim = { ...ready4k, resultUrls: [FILM, FORGED] };
		expect((await ask(claim, source, ours, notOurs)).confirmation).toBe('refuted');
	});

	it('that failed leaves unconfirmed: nobody can be asked', async () => {
		const { confirmation } = await ask(failed4k, source);
		expect(confirmation).toMatchObject({ status: 'failed', confirmed: false });
	});

	it('that failed is refuted where KieAI does not know the video at all', async () => {
		expect((await ask(failed4k, unknown)).confirmation).toBe('refuted');
	});

	it('waits where KieAI cannot be asked', async () => {
		expect((await ask(ready4k, html(503))).confirmation).toBe('unreachable');
	});
});

describe('a forged 4K callback', () => {
	const msg = '4K Video generated successfully.';

	it.each<[string, object]>([
		['a film', { resultUrls: [FORGED] }],
		['a full film beside one of KieAI’s', { resultUrls: [FILM], fullResultUrls: [FORGED] }],
		['a film from before it was turned', { resultUrls: [FILM], originUrls: [FORGED] }],
		['a picture', { resultUrls: [FILM], imageUrls: [FORGED] }],
		['a media ID', { resultUrls: [FILM], mediaIds: [FORGED] }],
	])('gets nothing through: %s', async (_how, info) => {
		const claim = callback({ code: 200, msg, data: { taskId: 'anything', info } });
		const { client } = clientOf([unknown], { maxAttempts: 1 });
		client.getFreshLink = async (url) => {
			if (url === FILM) return url;
			throw new KieAiError('not ours', {
				outcome: 'refused',
				transient: false,
				code: 422,
				isAnswer: true,
			});
		};

		expect(outputOf(await confirm(claim, client, { isProven: true }))).not.toContain(FORGED);
	});
});
