import { fromTransportError, readEnvelope, refusal } from '../../../nodes/KieAi/protocol/envelope';
import { adviceFor, KieAiError, type Outcome } from '../../../nodes/KieAi/protocol/errors';
import { TransportError } from '../../../nodes/KieAi/protocol/http';
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
		['the code 0 of another service', '{"code":0,"msg":"ok","data":{}}'],
		['a code just below 200', '{"code":"199","msg":"ok"}'],
		['a code under its prototype', '{"__proto__":{"code":200,"data":{}}}'],
	])('leaves open what became of the request where HTTP 200 brings %s', (_what, text) => {
		const error = thrownBy(() => readEnvelope(http(200, text)));

		expect(error).toBeInstanceOf(KieAiError);
		expect(error).toMatchObject({
			message: 'KieAI sent an answer that cannot be read',
			outcome: 'unknown',
			transient: true,
			code: undefined,
			advice: expect.stringContaining('Base URL'),
		});
	});

	it.each<[number, Outcome, boolean]>([
		[0, 'unknown', false],
		[199, 'unknown', false],
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

	it.each([
		[401, /API key/],
		[429, /20 new tasks/],
		[455, /maintenance/],
	])('with HTTP %i advises %p', (status, advice) => {
		expect(thrownBy(() => readEnvelope(html(status)))).toMatchObject({
			advice: expect.stringMatching(advice),
		});
	});

	it.each([400, 402, 404, 422, 451, 501, 502])(
		'with HTTP %i is a matter of the way to KieAI, not of the request',
		(status) => {
			const { advice } = thrownBy(() => readEnvelope(html(status))) as KieAiError;
			expect(advice).toContain('Base URL');
			expect(advice).not.toMatch(/prompt|image|Task ID|credits|values/);
		},
	);
});

describe('a redirect', () => {
	it.each([300, 301, 302, 303, 307, 308])('with HTTP %i is final', (status) => {
		const answer = http(status, JSON.stringify({ code: 200, msg: 'success', data: 1 }), {
			location: 'https://elsewhere.example.com',
		});
		const error = thrownBy(() => readEnvelope(answer));

		expect(error).toBeInstanceOf(KieAiError);
		expect(error).toMatchObject({
			message: `KieAI answered with a redirect (HTTP ${status}), which is not followed`,
			outcome: 'unknown',
			transient: false,
			code: status,
			advice: expect.stringContaining('Base URL'),
		});
	});
});

describe('a refusal', () => {
	it.each<[number, Outcome, boolean]>([
		[201, 'unknown', false],
		[300, 'refused', false],
		[400, 'refused', false],
		[401, 'refused', false],
		[402, 'refused', false],
		[403, 'refused', false],
		[404, 'refused', false],
		[408, 'unknown', true],
		[422, 'refused', false],
		[429, 'refused', true],
		[451, 'refused', false],
		[455, 'refused', true],
		[500, 'unknown', true],
		[501, 'refused', false],
		[503, 'unknown', true],
		[505, 'refused', false],
	])('with code %i is %s, transient %p', (code, outcome, transient) => {
		const error = refusal({ code, msg: 'record is null', data: null }, http(200, ''));

		expect(error).toBeInstanceOf(KieAiError);
		expect(error).toMatchObject({ message: 'record is null', code, outcome, transient });
		expect(error.advice).toBe(adviceFor(code, 'record is null'));
	});

	it.each([408, 429, 500, 503])('with code %i that carries a verdict is final', (code) => {
		const msg = 'The 4K version of this video is unavailable. Please try a different video.';
		const plain = refusal({ code, msg: 'trouble', data: null }, http(200, ''));

		expect(refusal({ code, msg, data: null }, http(200, ''))).toMatchObject({
			message: msg,
			outcome: plain.outcome,
			transient: false,
			advice: adviceFor(code, msg),
		});
	});
});

describe('whether KieAI itself said so', () => {
	it('is told of an envelope only', () => {
		const said = refusal({ code: 422, msg: 'record is null', data: null }, http(200, ''));
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
	it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])(
		'because of %s means that nothing was sent',
		(code) => {
			expect(fromTransportError(noAnswer(code))).toMatchObject({
				outcome: 'notSent',
				transient: true,
				message: 'KieAI could not be reached',
				advice: expect.stringContaining(code),
			});
		},
	);

	it.each(['ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH'])(
		'because of %s means so only where no connection was made',
		(code) => {
			expect(fromTransportError(new TransportError(code, code, 'connect'))).toMatchObject({
				outcome: 'notSent',
				transient: true,
			});
			expect(fromTransportError(new TransportError(code, code, 'read'))).toMatchObject({
				outcome: 'unknown',
			});
		},
	);

	it.each([
		'CERT_HAS_EXPIRED',
		'CERT_NOT_YET_VALID',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'ERR_TLS_CERT_ALTNAME_INVALID',
		'SELF_SIGNED_CERT_IN_CHAIN',
		'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	])('because of %s means that nothing was sent, and will not be later', (code) => {
		expect(fromTransportError(noAnswer(code))).toMatchObject({
			outcome: 'notSent',
			transient: false,
			message: 'KieAI could not be reached',
			advice: expect.stringContaining(code),
		});
	});

	it.each([
		'ECONNRESET',
		'ETIMEDOUT',
		'ECONNABORTED',
		'EHOSTUNREACH',
		'ENETUNREACH',
		'EPIPE',
		'ERR_BAD_RESPONSE',
		undefined,
	])('because of %s leaves open what became of the request', (code) => {
		const error = fromTransportError(noAnswer(code));

		expect(error).toBeInstanceOf(KieAiError);
		expect(error).toMatchObject({
			message: 'The connection to KieAI broke before its answer came',
			outcome: 'unknown',
			transient: true,
		});
	});
});
