/** What goes out over a connection, and what a fault makes of it. */
import { Readable } from 'node:stream';

import type { Fault } from './faults';
import { sleep } from './sleep';

export interface Outgoing {
	status: number;
	headers: Record<string, string>;
	/** Text, or a stream that is opened only if it is sent. */
	body: string | (() => Readable);
}

/** `reset` cuts the connection, `hang` keeps it open and silent. */
export type Outcome = Outgoing | 'reset' | 'hang';

const HUGE_PIECE = 'x'.repeat(64 * 1024);
const DRIP_PIECE_BYTES = 16;
/** Lets what was written leave the machine before the connection is cut. */
const FLUSH_MS = 25;

export function json(status: number, body: unknown): Outgoing {
	return {
		status,
		headers: { 'content-type': 'application/json; charset=utf-8' },
		body: JSON.stringify(body),
	};
}

/**
 * What a fault answers in place of the work.
 * @returns nothing if the work goes on
 */
export async function faultBeforeWork(fault: Fault): Promise<Outcome | undefined> {
	if ('when' in fault && fault.when === 'after') return undefined;
	if (fault.kind === 'delay') await sleep(fault.ms);
	return replacement(fault, 'resetBefore');
}

/** What a fault makes of the true answer, the work being done. */
export async function faultAfterWork(fault: Fault, answer: Outgoing): Promise<Outcome> {
	switch (fault.kind) {
		case 'truncated':
			return typeof answer.body === 'string'
				? { ...answer, body: answer.body.slice(0, answer.body.length / 2) }
				: answer;
		case 'empty':
			return { ...answer, headers: withoutLength(answer.headers), body: '' };
		case 'reshape':
			return typeof answer.body === 'string' ? reshaped(answer, answer.body, fault.as) : answer;
		case 'contentType':
			return { ...answer, headers: { ...answer.headers, 'content-type': fault.contentType } };
		case 'huge':
			return { ...json(200, ''), body: () => Readable.from(hugeJson(fault.bytes)) };
		case 'drip':
			return {
				...answer,
				body: () => Readable.from(dripping(answer, fault.pieceBytes, fault.pauseMs)),
			};
		case 'resetMidway':
			return cutAfter(answer, fault.afterBytes);
		case 'stall':
			return silentAfter(answer, fault.afterBytes);
		case 'delay':
			if (fault.when === 'after') await sleep(fault.ms);
			return answer;
		default: {
			const isDue = fault.kind === 'resetAfter' || ('when' in fault && fault.when === 'after');
			return (isDue ? replacement(fault, 'resetAfter') : undefined) ?? answer;
		}
	}
}

function replacement(fault: Fault, reset: 'resetBefore' | 'resetAfter'): Outcome | undefined {
	switch (fault.kind) {
		case reset:
			return 'reset';
		case 'hang':
			return 'hang';
		case 'status429': {
			const answer = json(429, { code: 429, msg: 'Too many requests', data: null });
			if (fault.retryAfter !== undefined) answer.headers['retry-after'] = `${fault.retryAfter}`;
			return answer;
		}
		case 'code': {
			const { code, msg = `Sandbox fault ${code}`, data = null, httpStatus = 200 } = fault;
			return json(httpStatus, { code, msg, data });
		}
		case 'http':
			return { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' };
		case 'html': {
			const { status = 502 } = fault;
			return {
				status,
				headers: { 'content-type': 'text/html' },
				body: `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
			};
		}
		case 'redirect':
			return { status: fault.status ?? 302, headers: { location: fault.redirectTo }, body: '' };
		default:
			return undefined;
	}
}

type Reshaping = Extract<Fault, { kind: 'reshape' }>['as'];

function reshaped({ status, headers }: Outgoing, body: string, as: Reshaping): Outgoing {
	const reshape = (key: string, value: unknown): unknown => {
		if (as === 'noData') return key === 'data' ? undefined : value;
		if (as === 'textsForLists') return Array.isArray(value) ? value.join(', ') : value;
		return typeof value === 'string' ? value.length : value;
	};
	return { status, headers, body: JSON.stringify(JSON.parse(body, reshape)) };
}

async function* buffersOf({ body }: Outgoing): AsyncGenerator<Buffer> {
	if (typeof body === 'string') {
		yield Buffer.from(body);
		return;
	}
	const stream: AsyncIterable<Uint8Array> = body();
	for await (const chunk of stream) yield Buffer.from(chunk);
}

function withoutLength(headers: Record<string, string>): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-length'));
}

function* hugeJson(bytes: number): Generator<string> {
	yield '{"code":200,"msg":"';
	for (let sent = 0; sent < bytes; sent += HUGE_PIECE.length) yield HUGE_PIECE;
	yield '","data":null}';
}

async function* dripping(
	answer: Outgoing,
	pieceBytes = DRIP_PIECE_BYTES,
	pauseMs: number,
): AsyncGenerator<Buffer> {
	for await (const bytes of buffersOf(answer)) {
		for (let start = 0; start < bytes.length; start += pieceBytes) {
			yield bytes.subarray(start, start + pieceBytes);
			await sleep(pauseMs);
		}
	}
}

async function* firstBytes(answer: Outgoing, count: number): AsyncGenerator<Buffer> {
	let left = count;
	for await (const chunk of buffersOf(answer)) {
		const bytes = chunk.subarray(0, left);
		if (bytes.length > 0) yield bytes;
		left -= bytes.length;
		if (left <= 0) break;
	}
}

function withLength({ headers, body }: Outgoing): Record<string, string> {
	return typeof body === 'string'
		? { ...headers, 'content-length': `${Buffer.byteLength(body)}` }
		: headers;
}

function cutAfter(answer: Outgoing, afterBytes: number): Outgoing {
	async function* cut(): AsyncGenerator<Buffer> {
		yield* firstBytes(answer, afterBytes);
		await sleep(FLUSH_MS);
		throw new Error('The sandbox cut this connection on purpose');
	}
	return { ...answer, headers: withLength(answer), body: () => Readable.from(cut()) };
}

function silentAfter(answer: Outgoing, afterBytes: number): Outgoing {
	const open = (): Readable => {
		// Nothing ends it but the receiver, or the host that closes.
		const silent = new Readable({ read: () => undefined });
		const fill = async (): Promise<void> => {
			for await (const bytes of firstBytes(answer, afterBytes)) silent.push(bytes);
		};
		fill().catch((error: Error) => silent.destroy(error));
		return silent;
	};
	return { ...answer, headers: withLength(answer), body: open };
}
