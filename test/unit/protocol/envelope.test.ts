import { fromTransportError, readEnvelope, refusal } from '../../../nodes/KieAi/protocol/envelope';
import { KieAiError, type Outcome } from '../../../nodes/KieAi/protocol/errors';
import { envelope, html, http, noAnswer } from '../support/kieAi';
import { NOON_MS } from '../support/clock';
import { thrownBy } from '../support/outcome';

describe('an envelope', () => {
	it('is read from the body', () => {
		expect(readEnvelope(envelope(200, { taskId: 'a' }))).toEqual({
			code: 200,
			msg: 'success',
			data: { taskId: 'a' },
		});
	});

	it.each([400, 401, 404, 422, 500, 502])('decides, though the HTTP status is %i', (status) => {
		const text = JSON.stringify({ code: 422, msg: 'done', data: { resultUrls: ['a'] } });
		expect(readEnvelope(http(status, text))).toEqual({
			code: 422,
			msg: 'done',
			data: { resultUrls: ['a'] },
		});
	});

	it('may write its code as text', () => {
		expect(readEnvelope(http(200, '{"code":"402","msg":"poor"}'))).toMatchObject({ code: 402 });
	});

	it.each([['{"code":402}'], ['{"code":402,"msg":null}'], ['{"code":402,"msg":" "}']])(
		'without words of its own, as %s, gets some',
		(text) => {
			expect(readEnvelope(http(200, text)).msg).toBe('KieAI answered with code 402');
		},
	);
});

describe('an answer that is no envelope', () => {
	it.each<[string, string]>([
		['an empty body', ''],
		['truncated JSON', '{"code":200,"msg":"success","da'],
		['an HTML page', '<html><body>Welcome</body></html>'],
		['an array', '[{"code":200}]'],
		['null', 'null'],
		['a text', '"success"'],
		['an object without a code', '{"msg":"success","data":{}}'],
		['a code that is no number', '{"code":"OK","data":{}}'],
		['a code under its prototype', '{"__proto__":{"code":200,"data":{}}}'],
	])('leaves open what became of the request where HTTP 200 brings %s', (_what, text) => {
		const error = thrownBy(() => readEnvelope(http(200, text)));

		expect(error).toBeInstanceOf(KieAiError);
		expect(error).toMatchObject({
			message: 'KieAI sent an answer that cannot be read',
			outcome: 'unknown',
			transient: true,
			code: undefined,
		});
	});

	it.each<[number, Outcome, boolean]>([
		[400, 'refused', false],
		[401, 'refused', false],
		[403, 'refused', false],
		[404, 'refused', false],
		[408, 'unknown', true],
		[413, 'refused', false],
		[429, 'refused', true],
		[500, 'unknown', true],
		[502, 'unknown', true],
		[503, 'unknown', true],
		[504, 'unknown', true],
	])('counts by its HTTP status: %i is %s, transient %p', (status, outcome, transient) => {
		const error = thrownBy(() => readEnvelope(html(status)));

		expect(error).toBeInstanceOf(KieAiError);
		expect(error).toMatchObject({ outcome, transient, code: status });
		expect(error).toMatchObject({ message: expect.stringContaining(`HTTP status ${status}`) });
	});

	it('blames the key where the HTTP status is 401', () => {
		expect(thrownBy(() => readEnvelope(html(401)))).toMatchObject({
			advice: expect.stringContaining('API key'),
		});
	});

	it.failing.each([
		[400, 'the prompt', /prompt/],
		[404, 'the task', /Task ID/],
	])('with HTTP %i is a matter of the way to KieAI, not of %s', (status, _what, blamed) => {
		const error = thrownBy(() => readEnvelope(html(status)));
		expect(error).toMatchObject({ advice: expect.not.stringMatching(blamed) });
	});
});

describe('a redirect', () => {
	it.each([300, 301, 302, 303, 307, 308])('with HTTP %i is final', (status) => {
		const answer = http(status, JSON.stringify({ code: 200, msg: 'success', data: 1 }), {
			location: 'https://elsewhere.example.com',
		});
		const error = thrownBy(() => readEnvelope(answer));

		expect(error).toBeInstanceOf(KieAiError);
		expect(error).toMatchObject({
			outcome: 'unknown',
			transient: false,
			code: status,
			advice: expect.stringContaining('Base URL'),
		});
	});
});

describe('a refusal', () => {
	it.each<[number, Outcome, boolean, RegExp]>([
		[400, 'refused', false, /prompt/],
		[401, 'refused', false, /API key/],
		[402, 'refused', false, /credits/],
		[403, 'refused', false, /later/],
		[404, 'refused', false, /does not know/],
		[408, 'unknown', true, /later/],
		[422, 'refused', false, /values/],
		[429, 'refused', true, /20 new tasks/],
		[451, 'refused', false, /image/],
		[455, 'refused', true, /maintenance/],
		[500, 'unknown', true, /later/],
		[501, 'refused', false, /prompt/],
		[503, 'unknown', true, /later/],
		[505, 'refused', false, /switched/],
	])('with code %i is %s, transient %p, and advises %p', (code, outcome, transient, advice) => {
		const error = refusal({ code, msg: 'KieAI’s words', data: null });

		expect(error).toBeInstanceOf(KieAiError);
		expect(error).toMatchObject({ message: 'KieAI’s words', code, outcome, transient });
		expect(error.advice).toMatch(advice);
	});

	it.each([
		['The 4K version of this video is unavailable. Please try a different video.', false],
		['the 4k version is UNAVAILABLE, try a different video', false],
		['Service unavailable', true],
		['Please try a different video', true],
		['internal error', true],
	])('with code 500 that says %p is transient: %p', (msg, transient) => {
		expect(refusal({ code: 500, msg, data: null }).transient).toBe(transient);
	});
});

describe('whether KieAI itself said so', () => {
	it('is told of an envelope only', () => {
		const said = refusal({ code: 422, msg: 'record is null', data: null });
		expect(said.isAnswer).toBe(true);
		expect(thrownBy(() => readEnvelope(html(404)))).toMatchObject({ isAnswer: false });
		expect(thrownBy(() => readEnvelope(http(302, '')))).toMatchObject({ isAnswer: false });
		expect(fromTransportError(noAnswer('ECONNRESET')).isAnswer).toBe(false);
	});
});

describe('Retry-After', () => {
	beforeEach(() => jest.spyOn(Date, 'now').mockReturnValue(NOON_MS));
	afterEach(() => jest.restoreAllMocks());

	it.each<[unknown, number | undefined]>([
		['7', 7_000],
		[7, 7_000],
		[' 7 ', 7_000],
		['0', 0],
		['-5', 0],
		['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
		['Thu, 01 Jan 2026 11:59:30 GMT', 0],
		['soon', undefined],
		['', undefined],
		[undefined, undefined],
		[['7', '8'], undefined],
	])('of %p asks for a wait of %p ms', (value, ms) => {
		const headers = { 'retry-after': value };
		const envelopeOf429 = { code: 429, msg: 'too many', data: null };

		expect(refusal(envelopeOf429, http(200, '', headers)).retryAfterMs).toBe(ms);
		expect(thrownBy(() => readEnvelope(http(503, 'busy', headers)))).toMatchObject({
			retryAfterMs: ms,
		});
	});
});

describe('no answer', () => {
	it.each([
		'ECONNREFUSED',
		'ENOTFOUND',
		'EAI_AGAIN',
		'EHOSTUNREACH',
		'ENETUNREACH',
		'CERT_HAS_EXPIRED',
		'SELF_SIGNED_CERT_IN_CHAIN',
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	])('because of %s means that nothing was sent', (code) => {
		expect(fromTransportError(noAnswer(code))).toMatchObject({
			outcome: 'notSent',
			transient: true,
			message: 'KieAI could not be reached',
			advice: expect.stringContaining(code),
		});
	});

	it.each(['ECONNRESET', 'ETIMEDOUT', 'ECONNABORTED', 'EPIPE', 'ERR_BAD_RESPONSE', undefined])(
		'because of %s leaves open what became of the request',
		(code) => {
			const error = fromTransportError(noAnswer(code));

			expect(error).toBeInstanceOf(KieAiError);
			expect(error).toMatchObject({ outcome: 'unknown', transient: true });
		},
	);
});
