/** The way every request goes: recorded, delayed, struck by faults, worked on, answered. */
import { pipeline } from 'node:stream/promises';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Account, Accounts } from './accounts';
import { type Answer, refusal, TEXT } from './answers';
import type { Clock } from './clock';
import type { Contract } from './contract';
import { ENDPOINTS, type EndpointName } from './endpoints';
import type { Fault, FaultPlan } from './faults';
import { faultAfterWork, faultBeforeWork, json, type Outcome, type Outgoing } from './outgoing';
import type { Settings } from './settings';
import { sleep } from './sleep';

export interface RecordedRequest {
	/** `unknown` for what is no endpoint of the service. */
	endpoint: EndpointName | 'unknown';
	method: string;
	/** Without the query. */
	path: string;
	query: Record<string, string>;
	headers: Record<string, string | string[] | undefined>;
	/** Parsed JSON; text if it was none; the fields of a form. */
	body: unknown;
	/** Sandbox time in ms. */
	at: number;
	/** Real time in ms. */
	realAt: number;
	/** The fault it met. */
	fault?: Fault['kind'];
	/** Missing while the work goes on, and where the connection was cut or left hanging. */
	answer?: RecordedAnswer;
}

export interface RecordedAnswer {
	/** HTTP status. */
	status: number;
	/** The envelope's code, if there was an envelope. */
	code?: number;
	/** Parsed JSON, or text; nothing for films. */
	body?: unknown;
}

export interface Serving {
	settings: Settings;
	clock: Clock;
	accounts: Accounts;
	faults: FaultPlan;
	contract: Contract;
	requests: RecordedRequest[];
	tellViolation(violation: string): void;
	/** Hears of every request once it is answered. */
	onAnswered(request: RecordedRequest): void;
}

/** What an endpoint does for an account that may use it. */
export type Work = (
	account: Account,
	record: RecordedRequest,
	request: FastifyRequest,
) => Answer | Promise<Answer>;

/** Serves an endpoint that wants a key and answers with the envelope. */
export function serveEndpoint(
	app: FastifyInstance,
	serving: Serving,
	endpoint: EndpointName,
	work: Work,
): void {
	const { method, path, host } = ENDPOINTS[endpoint];
	const { accounts, contract, settings } = serving;

	const answerTo = async (record: RecordedRequest, request: FastifyRequest): Promise<Answer> => {
		const account = accounts.authenticate(request.headers.authorization);
		if (account === undefined) {
			return { ...refusal(401, TEXT.unauthorized), status: settings.authHttpStatus };
		}
		return await work(account, record, request);
	};

	app.route({
		method,
		url: path,
		handler: async (request, reply) => {
			await respond(serving, endpoint, request, reply, async (record) => {
				const { status, body } = await answerTo(record, request);
				const envelope = host === 'upload' ? { success: body.code === 200, ...body } : body;
				contract.checkAnswer(endpoint, status, envelope);
				return json(status, envelope);
			});
		},
	});
}

/** Answers one request with the outcome of some work, or with what a fault makes of it. */
export async function respond(
	serving: Serving,
	endpoint: EndpointName,
	request: FastifyRequest,
	reply: FastifyReply,
	work: (record: RecordedRequest) => Promise<Outgoing>,
): Promise<void> {
	const record = recordRequest(serving, endpoint, request);
	// A form is read by the endpoint's work, which checks it then.
	const isForm = endpoint === 'uploadStream';
	if (!isForm && endpoint !== 'file') {
		serving.contract.checkRequest(endpoint, record.query, record.body);
	}

	const fault = serving.faults.take(endpoint);
	if (fault !== undefined) record.fault = fault.kind;
	if (serving.settings.latencyMs > 0) await sleep(serving.settings.latencyMs);

	let outcome = fault === undefined ? undefined : await faultBeforeWork(fault);
	if (outcome === undefined) {
		const answer = await work(record).catch((error: unknown) => failure(serving, endpoint, error));
		outcome = fault === undefined ? answer : await faultAfterWork(fault, answer);
	}
	const answer = recordedAnswer(outcome);
	if (answer !== undefined) record.answer = answer;
	serving.onAnswered(record);
	await send(reply, outcome, request.method === 'HEAD');
}

/** Whatever is no endpoint is told as a violation and answered with 404. */
export function refuseUnknownPaths(app: FastifyInstance, serving: Serving): void {
	app.setNotFoundHandler(async (request, reply) => {
		const record = recordRequest(serving, 'unknown', request);
		serving.tellViolation(`${record.method} ${record.path}: no such endpoint`);
		const { body } = refusal(404, TEXT.notFound);
		record.answer = { status: 404, code: body.code, body };
		serving.onAnswered(record);
		await send(reply, json(404, body), false);
	});
}

function recordRequest(
	{ requests, clock }: Serving,
	endpoint: RecordedRequest['endpoint'],
	request: FastifyRequest,
): RecordedRequest {
	const url = new URL(request.url, 'http://sandbox');
	const record: RecordedRequest = {
		endpoint,
		method: request.method,
		path: url.pathname,
		query: Object.fromEntries(url.searchParams),
		headers: request.headers,
		body: request.body,
		at: clock.now(),
		realAt: Date.now(),
	};
	requests.push(record);
	return record;
}

function recordedAnswer(outcome: Outcome): RecordedAnswer | undefined {
	if (outcome === 'reset' || outcome === 'hang') return undefined;
	const { status, body } = outcome;
	if (typeof body !== 'string') return { status };
	try {
		const value: unknown = JSON.parse(body);
		const hasCode = typeof value === 'object' && value !== null && 'code' in value;
		return hasCode && typeof value.code === 'number'
			? { status, code: value.code, body: value }
			: { status, body: value };
	} catch {
		return { status, body };
	}
}

/** An error inside the sandbox is no behaviour of the service: it is told. */
function failure(serving: Serving, endpoint: EndpointName, error: unknown): Outgoing {
	const reason = error instanceof Error ? error.message : String(error);
	serving.tellViolation(`${endpoint}: the sandbox itself failed: ${reason}`);
	return json(500, refusal(500, reason).body);
}

/** Written by hand, past Fastify, so that a fault can end a connection at any byte. */
async function send(reply: FastifyReply, outcome: Outcome, isHead: boolean): Promise<void> {
	reply.hijack();
	const { raw } = reply;
	if (outcome === 'hang') return;
	if (outcome === 'reset') {
		raw.destroy();
		return;
	}
	const { status, headers, body } = outcome;
	if (typeof body === 'string') {
		raw.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
		raw.end(isHead ? undefined : body);
		return;
	}
	raw.writeHead(status, headers);
	raw.flushHeaders();
	if (isHead) {
		raw.end();
		return;
	}
	// An error here is a receiver that left, or a cut on purpose; `pipeline` closes the connection.
	await pipeline(body(), raw).catch(() => raw.destroy());
}
