import { adviceFor, isFinalAnswer, KieAiError } from '../../../nodes/KieAi/protocol/errors';

describe('the advice', () => {
	it.each<[number, RegExp]>([
		[400, /Change the prompt or the images/],
		[401, /API key/],
		[402, /Add credits/],
		[403, /later/],
		[404, /KieAI does not know it/],
		[408, /later/],
		[422, /Check the values/],
		[429, /20 new tasks per 10 seconds/],
		[451, /could not fetch an image/],
		[455, /maintenance/],
		[500, /later/],
		[501, /Change the prompt or the images/],
		[505, /switched this feature off/],
		[599, /later/],
	])('for code %i speaks of %p', (code, advice) => {
		expect(adviceFor(code, '')).toMatch(advice);
	});

	it.each<[string, RegExp]>([
		['record is null', /account that made the video/],
		['Record is null.', /account that made the video/],
		['Temporarily supports records within 14 days', /14 days/],
		['record status is not success', /not finished, or it failed/],
		['record result data is blank', /no result/],
		['record result data not exist', /no result/],
		['record result data is empty', /no result/],
		['Videos that were upgraded to 1080P cannot be extended', /extend it before you upgrade it/],
		['Videos of the legacy fallback path cannot be upgraded', /cannot be upgraded/],
		['A video in 1080P is there already', /Check the values/],
		['This video cannot be extended', /Check the values/],
		['index is out of range', /'Video Index'/],
		['seeds must be between 10000 and 99999', /Check the values/],
	])('for a 422 that says %p speaks of %p', (message, advice) => {
		expect(adviceFor(422, message)).toMatch(advice);
	});

	it.each([400, 500, 501])('for a verdict under %i sends nobody back to pay again', (code) => {
		const advice = adviceFor(code, 'Please try a different video.');
		expect(advice).toMatch(/may be charged again; another video/);
		expect(advice).not.toMatch(/run the node again/i);
	});
});

describe('a verdict', () => {
	it.each<[string, boolean]>([
		['The 4K version of this video is unavailable. Please try a different video.', true],
		['the 4k version is UNAVAILABLE', true],
		['Please try a different video', true],
		['4K upscaling failed', true],
		['4K: failure upstream', true],
		['Service unavailable', false],
		['internal error', false],
		['Video generation failed', false],
		['Task 14k failed', false],
		['4k is processing. It should be ready in 5-10 minutes.', false],
		['The video has been generated successfully', false],
		['', false],
	])('is %p: %p', (message, verdict) => {
		expect(isFinalAnswer(message)).toBe(verdict);
	});
});

describe('a KieAI error', () => {
	it('carries KieAI’s words and everything that is known of the request', () => {
		const details = {
			outcome: 'refused',
			transient: true,
			code: 429,
			isAnswer: true,
			advice: 'Wait.',
			retryAfterMs: 5_000,
		} as const;
		const error = new KieAiError('too many', details);

		expect(error).toBeInstanceOf(Error);
		expect(error).toMatchObject({ name: 'KieAiError', message: 'too many', ...details });
	});
});
