import { adviceFor, KieAiError } from '../../../nodes/KieAi/protocol/errors';

describe('the advice', () => {
	it.each<[number, RegExp]>([
		[400, /Change the prompt or the images/],
		[401, /API key/],
		[402, /Add credits/],
		[404, /Task ID/],
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
		['seeds must be between 10000 and 99999', /Check the values/],
	])('for a 422 that says %p speaks of %p', (message, advice) => {
		expect(adviceFor(422, message)).toMatch(advice);
	});

	it.failing('for a 4K verdict does not send anybody back to pay again', () => {
		const verdict = 'The 4K version of this video is unavailable. Please try a different video.';
		expect(adviceFor(500, verdict)).not.toMatch(/run the node again/i);
	});
});

describe('a KieAI error', () => {
	it('carries KieAI’s words and everything that is known of the request', () => {
		const details = {
			outcome: 'refused',
			transient: true,
			code: 429,
			advice: 'Wait.',
			retryAfterMs: 5_000,
		} as const;
		const error = new KieAiError('too many', details);

		expect(error).toBeInstanceOf(Error);
		expect(error).toMatchObject({ name: 'KieAiError', message: 'too many', ...details });
	});
});
