/** Requests to webhooks, read and answered as n8n does it. */
import { parse as parseQuery } from 'node:querystring';
import express from 'express';
import type { ErrorRequestHandler, Request, Response } from 'express';

/** n8n's default for N8N_PAYLOAD_SIZE_MAX. */
const largestBody = '16mb';

export interface HttpAnswer {
	status: number;
	body: unknown;
}

/** Leaves the bytes in `req.body`, for readBody. */
export const rawBody = express.raw({ type: () => true, limit: largestBody });

/** The same as a promise: rejects where the body is too large, or does not come. */
export async function receiveBody(req: Request, res: Response): Promise<void> {
	await new Promise<void>((done, fail) => {
		rawBody(req, res, (error?: unknown) => (error === undefined ? done() : fail(error)));
	});
}

/** Sets `rawBody` and `body` as n8n does; the answer where the body does not parse. */
export function readBody(req: Request): HttpAnswer | undefined {
	const raw: unknown = req.body; // of express.raw: a Buffer, or undefined without a body
	req.rawBody = Buffer.isBuffer(raw) ? raw : Buffer.alloc(0);
	req.body = undefined;
	if (req.rawBody.length === 0) return undefined;
	const text = req.rawBody.toString('utf8').replace(/^\uFEFF/, '');
	try {
		if (req.is('application/json')) req.body = JSON.parse(text);
		else if (req.is('application/x-www-form-urlencoded')) req.body = parseQuery(text);
		else if (req.is('text/plain')) req.body = text;
		return undefined;
	} catch (error) {
		const hint = error instanceof Error ? error.message : undefined;
		return { status: 422, body: { code: 422, message: 'Failed to parse request body', hint } };
	}
}

export function send(res: Response, { status, body }: HttpAnswer): void {
	if (res.headersSent) return;
	res.status(status);
	if (typeof body === 'string') res.send(body);
	else res.json(body);
}

export const answerError: ErrorRequestHandler = (
	error: { status?: number; message: string },
	_req,
	res,
	_next,
) => {
	// express needs the fourth parameter to know an error handler
	const status = error.status ?? 500;
	send(res, { status, body: { code: status, message: error.message } });
};

/** n8n's answer where its own words for an error are all that it says: an UnexpectedError, say. */
export function serverError(message: string): HttpAnswer {
	return { status: 500, body: { code: 0, message } };
}
