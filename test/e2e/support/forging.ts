/** Callbacks of somebody who is not KieAI, and what they are answered. */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

import { N8N_VERSION } from '../../../scripts/n8n/installation';
import * as page from '../../engine/faults/page';

export interface Callback {
	url: string;
	/** A text is sent as it is, all else as JSON. */
	body?: unknown;
	/** A list is one header sent several times. */
	headers?: Record<string, string | string[]>;
	method?: string;
}

export interface Answer {
	status: number;
	/** All but the date. */
	headers: Record<string, unknown>;
	body: string;
}

export interface Forger {
	post(callback: Callback): Promise<Answer>;
	/** How many have been sent. */
	sent(): number;
}

/** No answer within this is none. */
const ANSWER_WITHIN_MS = 60_000;

export const AT_ONCE = 50;

/** For one test file. */
export function useForger(): Forger {
	// A connection that is kept may be closed by n8n while the next request is on its way.
	const agent = new Agent({ keepAlive: false, maxSockets: AT_ONCE });
	let sent = 0;
	return {
		sent: () => sent,
		async post(callback) {
			sent += 1;
			return await post(callback, agent);
		},
	};
}

async function post(
	{ url, body = {}, headers = {}, method = 'POST' }: Callback,
	agent: Agent,
): Promise<Answer> {
	const data = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
	return await new Promise((resolve, reject) => {
		const call = request(url, {
			agent,
			method,
			headers: {
				'content-type': 'application/json',
				'content-length': String(data.length),
				...headers,
			},
			signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
		});
		call.on('error', reject);
		call.on('response', (response) => {
			const others = { ...response.headers };
			delete others.date;
			text(response).then(
				(words) => resolve({ status: response.statusCode ?? 0, headers: others, body: words }),
				reject,
			);
		});
		call.end(data);
	});
}

/** The headers of KieAI's, as whoever has the key can make them. */
export function signature(taskId: string, key: string, at = Date.now()) {
	const timestamp = `${Math.floor(at / 1000)}`;
	const signed = `${taskId}.${timestamp}`;
	return {
		'x-webhook-timestamp': timestamp,
		'x-webhook-signature': createHmac('sha256', key).update(signed).digest('base64'),
	};
}

/** What its links lead to must never leave a node. */
export const EVIL = 'https://evil.example.com/film.mp4';

export function success(taskId: string): object {
	return { code: 200, msg: 'Video generated.', data: { taskId, info: { resultUrls: [EVIL] } } };
}

export function failure(taskId: string): object {
	return { code: 400, msg: 'Forged', data: { taskId } };
}

export function changed(url: string, change: (url: URL) => void): string {
	const copy = new URL(url);
	change(copy);
	return copy.href;
}

export function withParameter(url: string, name: string, value: string): string {
	return changed(url, ({ searchParams }) => searchParams.set(name, value));
}

export function parameter(url: string, name: string): string {
	return new URL(url).searchParams.get(name) ?? '';
}

/** What docs/reliability.md counts is of the newest n8n. */
export function expectOnPage(where: string, counts: page.Forgeries): void {
	const isOlder = N8N_VERSION.startsWith('1.');
	if (isOlder) expect(counts).toMatchObject(NOTHING_CAME_OF_IT);
	else page.expectOnPage((shown) => page.withForgeries(shown, where, counts));
}

const NOTHING_CAME_OF_IT = {
	'executions started by a stranger': 0,
	'executions ended by a stranger': 0,
};
