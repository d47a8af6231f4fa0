import { adviceFor, isFinalAnswer, KieAiError, type Outcome } from './errors';
import { isPermanent, TransportError, wasNeverSent, type HttpResponse } from './http';
import { asNumber, asObject, asText, parseJson } from './parse';

/** KieAI's answer to every call. The HTTP status says 200 for nearly all of them: `code` decides. */
export interface Envelope {
	code: number;
	msg: string;
	data: unknown;
}

/** Reads an answer as an envelope. Throws a `KieAiError` for a redirect, HTML, or JSON of another shape. */
export function readEnvelope(response: HttpResponse): Envelope {
	const { status } = response;
	if (status >= 300 && status < 400) {
		throw new KieAiError(`KieAI answered with a redirect (HTTP ${status}), which is not followed`, {
			outcome: 'unknown',
			transient: false,
			code: status,
			advice:
				"Check the Base URL in the 'KieAI API' credential: the key is sent to that host only.",
		});
	}
	const body = asObject(parseJson(response.text)) ?? {};
	const code = asNumber(body.code);
	// Other services number their answers too, from 0 or 1.
	if (code === undefined || code < 200) throw notAnEnvelope(response);
	return { code, msg: asText(body.msg) ?? `KieAI answered with code ${code}`, data: body.data };
}

const CHECK_BASE_URL =
	'Run the node again later; if it stays like this, check the Base URL in the credential.';

/** An HTTP status may be a proxy's: what it says of the task is not KieAI's word. */
function adviceForStatus(status: number): string {
	const isKieAis = status === 401 || status === 429 || status === 455;
	return isKieAis ? adviceFor(status, '') : CHECK_BASE_URL;
}

function notAnEnvelope({ status, headers }: HttpResponse): KieAiError {
	const succeeded = Math.floor(status / 100) === 2;
	return new KieAiError(
		succeeded
			? 'KieAI sent an answer that cannot be read'
			: `KieAI, or a proxy before it, answered with HTTP status ${status}`,
		{
			outcome: outcomeOf(status),
			transient: succeeded || isTransient(status),
			code: succeeded ? undefined : status,
			advice: succeeded ? CHECK_BASE_URL : adviceForStatus(status),
			retryAfterMs: readRetryAfter(headers),
		},
	);
}

/** The error that an envelope other than a success stands for. */
export function refusal(envelope: Envelope, { headers }: HttpResponse): KieAiError {
	return new KieAiError(envelope.msg, {
		outcome: outcomeOf(envelope.code),
		transient: isTransient(envelope.code) && !isFinalAnswer(envelope.msg),
		code: envelope.code,
		isAnswer: true,
		advice: adviceFor(envelope.code, envelope.msg),
		retryAfterMs: readRetryAfter(headers),
	});
}

/** 408 and what begins with 5 but for KieAI's own refusals leave open what became of the request. */
function outcomeOf(code: number): Outcome {
	if (code === 501 || code === 505) return 'refused';
	return code === 408 || code >= 500 || code < 300 ? 'unknown' : 'refused';
}

function isTransient(code: number): boolean {
	if (code === 501 || code === 505) return false;
	return code === 408 || code === 429 || code === 455 || code >= 500;
}

/** `Retry-After` in ms: whole seconds or an HTTP date. */
function readRetryAfter(headers: Record<string, unknown>): number | undefined {
	const text = asText(headers['retry-after']);
	if (text === undefined) return undefined;
	const seconds = asNumber(text);
	const ms = seconds !== undefined ? seconds * 1000 : Date.parse(text) - Date.now();
	return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** No answer at all, told as what it means for the request. */
export function fromTransportError(error: TransportError): KieAiError {
	const notSent = wasNeverSent(error);
	return new KieAiError(
		notSent ? 'KieAI could not be reached' : 'The connection to KieAI broke before its answer came',
		{
			outcome: notSent ? 'notSent' : 'unknown',
			transient: !isPermanent(error),
			advice: `Check the network and the Base URL in the 'KieAI API' credential (${error.message}).`,
		},
	);
}
