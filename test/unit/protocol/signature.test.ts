import {
	isSame,
	isSignatureValid,
	signCallback,
	type SignedCallback,
} from '../../../nodes/KieAi/protocol/signature';

const taskId = 'veo_task_abcdef123456';
const timestamp = '1767225600';
const key = 'whsec_example2';
/** printf 'veo_task_abcdef123456.1767225600' | openssl dgst -sha256 -hmac whsec_example2 -binary | base64 */
const signature = 'i3fvCiiTaWR+oiG3hMH6JOnRbaMNif6piuM6vEk/o0w=';
const signedAtMs = 1767225600_000;
const TOLERANCE_SECONDS = 300;

function isValid(changes: Partial<SignedCallback> = {}) {
	const signed = { taskId, timestamp, signature, ...changes };
	return isSignatureValid(signed, key, TOLERANCE_SECONDS, signedAtMs);
}

it('is base64 of HMAC-SHA256 over task ID, dot and timestamp', () => {
	expect(signCallback(taskId, timestamp, key)).toBe(signature);
});

it('is valid for the task, the timestamp and the key that it was made with', () => {
	expect(isValid()).toBe(true);
});

describe('is not valid', () => {
	it.each<[string, object]>([
		['another task', { taskId: 'veo_task_abcdef123457' }],
		['no task', { taskId: '' }],
		['another timestamp', { timestamp: '1767225601' }],
		['the same timestamp with a zero before it', { timestamp: '01767225600' }],
		['a dot moved between the two', { taskId: `${taskId}.1`, timestamp: '767225600' }],
	])('for %s', (_what, changes) => {
		expect(isValid(changes)).toBe(false);
	});

	it.each(['whsec_example', 'whsec_example2 ', 'WHSEC_EXAMPLE2', 'other'])(
		'for the key %p',
		(other) => {
			const signed = { taskId, timestamp, signature };
			expect(isSignatureValid(signed, other, TOLERANCE_SECONDS, signedAtMs)).toBe(false);
		},
	);

	it('where there is no key, even if it was made with none', () => {
		const signed = { taskId, timestamp, signature: signCallback(taskId, timestamp, '') };
		expect(isSignatureValid(signed, '', TOLERANCE_SECONDS, signedAtMs)).toBe(false);
	});

	it.each<[string, unknown]>([
		['missing', undefined],
		['null', null],
		['empty', ''],
		['a list', [signature]],
		['an object', { toString: () => signature }],
		['a number', 12],
		['without its padding', signature.replace(/=+$/, '')],
		[
			'in the alphabet of URLs',
			signature.replaceAll('+', '-').replaceAll('/', '_').replace('=', ''),
		],
		['in hex', Buffer.from(signature, 'base64').toString('hex')],
		['in other letters', signature.toLowerCase()],
		['followed by white space', `${signature}\n`],
		['preceded by white space', ` ${signature}`],
		['longer', `${signature}=`],
		['of the same length', 'A'.repeat(signature.length)],
	])('when the signature is %s', (_what, given) => {
		expect(isValid({ signature: given })).toBe(false);
	});

	it.each<[string, unknown]>([
		['missing', undefined],
		['null', null],
		['empty', ''],
		['a list', [timestamp]],
		['a number', Number(timestamp)],
		['followed by white space', `${timestamp} `],
		['with a fraction', `${timestamp}.0`],
		['signed', `+${timestamp}`],
		['in exponents', '1767225600e0'],
		['in hex', '0x69560A00'],
		['endless', 'Infinity'],
		['no number', 'now'],
	])('when the timestamp is %s, even if it was signed', (_what, given) => {
		const changes = { timestamp: given, signature: signCallback(taskId, String(given), key) };
		expect(isValid(changes)).toBe(false);
	});
});

describe('tolerance', () => {
	it.each([
		['signed now', 0, true],
		['299 s old', 299, true],
		['300 s old', 300, true],
		['300.999 s old', 300.999, true],
		['301 s old', 301, false],
		['a day old', 86_400, false],
		['299 s ahead', -299, true],
		['300 s ahead', -300, true],
		['300.001 s ahead', -300.001, false],
		['301 s ahead', -301, false],
	])('of 300 s takes a callback that is %s: %p', (_what, ageSeconds, valid) => {
		const nowMs = signedAtMs + ageSeconds * 1000;
		const signed = { taskId, timestamp, signature };
		expect(isSignatureValid(signed, key, TOLERANCE_SECONDS, nowMs)).toBe(valid);
	});

	it('of 0 s takes the very second only', () => {
		const signed = { taskId, timestamp, signature };
		expect(isSignatureValid(signed, key, 0, signedAtMs)).toBe(true);
		expect(isSignatureValid(signed, key, 0, signedAtMs + 999)).toBe(true);
		expect(isSignatureValid(signed, key, 0, signedAtMs + 1000)).toBe(false);
		expect(isSignatureValid(signed, key, 0, signedAtMs - 1)).toBe(false);
	});

	it.each([Number.NaN, -1])('of %d s takes nothing', (tolerance) => {
		const signed = { taskId, timestamp, signature };
		expect(isSignatureValid(signed, key, tolerance, signedAtMs)).toBe(false);
	});

	it('does not take milliseconds for seconds', () => {
		const inMs = String(signedAtMs);
		const signed = { taskId, timestamp: inMs, signature: signCallback(taskId, inMs, key) };
		expect(isSignatureValid(signed, key, TOLERANCE_SECONDS, signedAtMs)).toBe(false);
	});
});

describe('comparing secrets', () => {
	it.each([
		['same', 'same', true],
		['', '', true],
		['same', 'sane', false],
		['same', 'same ', false],
		['', 'same', false],
		['é', 'e\u0301', false],
		['é', 'ab', false],
	])('%p and %p are the same: %p', (given, expected, same) => {
		expect(isSame(given, expected)).toBe(same);
	});
});
