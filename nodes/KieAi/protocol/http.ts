/** One HTTP request with the key, as the client hands it to whoever can send. */
export interface HttpRequest {
	method: 'GET' | 'POST';
	url: string;
	query?: Record<string, string | number>;
	/** Sent as JSON where it is an object; as it is where it is bytes or a stream. */
	body?: object;
	headers?: Record<string, string>;
	/** A request that may be charged is not cut off by a person's Stop: its answer has the task ID. */
	outlivesStop?: boolean;
	timeoutMs: number;
}

export interface HttpResponse {
	status: number;
	headers: Record<string, unknown>;
	/** The body as text, unparsed: KieAI's own reading of "JSON" is wide. */
	text: string;
}

/**
 * Sends a request with the key and reads whatever comes back; follows no redirect and repeats nothing.
 * Throws a `TransportError` where no answer was read.
 */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

export class TransportError extends Error {
	/**
	 * @param code Node's name for it (`ECONNREFUSED`, `ETIMEDOUT`, …), where there is one
	 * @param syscall what the system was asked for, likewise
	 */
	constructor(
		message: string,
		readonly code: string | undefined,
		readonly syscall?: string,
	) {
		super(message);
	}
}

/** With these no connection was made, so that KieAI cannot have seen the request. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/** In place of Node's code: n8n itself lets nobody connect to the host. */
export const BLOCKED = 'BLOCKED';

/** Nothing is sent to a host whose certificate does not hold, or that is blocked, and trying again does not mend it. */
const PERMANENT = /CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|^BLOCKED$/;

export function isPermanent({ code }: TransportError): boolean {
	return PERMANENT.test(String(code));
}

export function wasNeverSent(error: TransportError): boolean {
	const { code, syscall } = error;
	return isPermanent(error) || syscall === 'connect' || NEVER_CONNECTED.has(String(code));
}
