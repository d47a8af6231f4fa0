/** Callbacks: signed, retried, sometimes repeated, and every attempt kept. */
import { createHmac } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

import axios from 'axios';

import type { Account } from './accounts';
import type { Envelope } from './answers';
import type { Clock } from './clock';
import type { Settings } from './settings';

export interface RecordedCallback {
	taskId: string;
	url: string;
	/** Of the latest attempt. */
	headers: Record<string, string>;
	body: Envelope;
	attempts: CallbackAttempt[];
	/** Whether the service is through with it: all delivered, or given up. */
	done: boolean;
}

export interface CallbackAttempt {
	/** Sandbox time in ms. */
	at: number;
	headers: Record<string, string>;
	/** HTTP status of the receiver's answer… */
	status?: number;
	/** …or why there was none. */
	error?: string;
}

export interface CallbackSender {
	send(url: string, taskId: string, body: Envelope, account: Account | undefined): void;
	/** Ends once no attempt is under way; retries that wait for their time do not count. */
	settled(): Promise<void>;
	/** Gives up whatever is under way. */
	stop(): Promise<void>;
}

const RETRIES = 3;

/**
 * @param records receives every callback at its first attempt
 * @param onAttempt hears of every attempt that has ended
 */
export function openCallbackSender(
	clock: Clock,
	settings: Settings,
	records: RecordedCallback[],
	onAttempt: (callback: RecordedCallback) => void,
): CallbackSender {
	const underWay = new Set<Promise<void>>();
	let ending = new AbortController();

	const attempt = async (
		callback: RecordedCallback,
		headers: Record<string, string>,
	): Promise<boolean> => {
		const entry: CallbackAttempt = { at: clock.now(), headers };
		callback.headers = headers;
		callback.attempts.push(entry);
		try {
			entry.status = await post(callback, headers, settings.callbackTimeoutMs, ending.signal);
		} catch (error) {
			entry.error = error instanceof Error ? error.message : String(error);
		}
		onAttempt(callback);
		return entry.status === 200;
	};

	const deliver = async (
		callback: RecordedCallback,
		account: Account | undefined,
		retriesLeft: number,
	): Promise<void> => {
		const signal = ending.signal;
		const headers = headersFor(callback.taskId, account, settings);
		const isFirst = retriesLeft === RETRIES;
		const atOnce = isFirst && settings.callbackConcurrent ? settings.callbackRepeats : 0;
		const answers = await Promise.all(
			Array.from({ length: 1 + atOnce }, () => attempt(callback, headers)),
		);
		if (signal.aborted) return;
		if (answers.includes(true)) {
			for (let i = atOnce; i < settings.callbackRepeats; i += 1) await attempt(callback, headers);
			callback.done = true;
		} else if (retriesLeft === 0) {
			callback.done = true;
		} else {
			clock.at(clock.now() + settings.callbackRetrySeconds * 1000, () =>
				track(deliver(callback, account, retriesLeft - 1)),
			);
		}
	};

	const track = (delivery: Promise<void>): void => {
		underWay.add(delivery);
		void delivery.finally(() => underWay.delete(delivery));
	};

	const settled = async (): Promise<void> => {
		while (underWay.size > 0) await Promise.all(underWay);
	};

	return {
		send(url, taskId, body, account) {
			const callback = { taskId, url, headers: {}, body, attempts: [], done: false };
			records.push(callback);
			track(deliver(callback, account, RETRIES));
		},
		settled,
		async stop() {
			ending.abort();
			await settled();
			ending = new AbortController();
		},
	};
}

/** The timestamp is real time, since the receiver compares it with its own clock. */
function headersFor(
	taskId: string,
	account: Account | undefined,
	settings: Settings,
): Record<string, string> {
	const headers = { 'content-type': 'application/json' };
	if (account?.hmacKey === undefined) return headers;
	const timestamp = Math.floor(Date.now() / 1000) + settings.webhookTimestampOffsetSeconds;
	const signature = createHmac('sha256', account.hmacKey)
		.update(`${taskId}.${timestamp}`)
		.digest('base64');
	return {
		...headers,
		'x-webhook-timestamp': `${timestamp}`,
		'x-webhook-signature': signature,
	};
}

async function post(
	{ url, body }: RecordedCallback,
	headers: Record<string, string>,
	timeoutMs: number,
	signal: AbortSignal,
): Promise<number> {
	const deadline = AbortSignal.timeout(timeoutMs);
	const { status } = await axios
		.post(url, JSON.stringify(body), {
			headers,
			signal: AbortSignal.any([signal, deadline]),
			validateStatus: () => true,
			maxRedirects: 0,
			proxy: false,
			// Kept connections would outlive the sandbox.
			httpAgent: new HttpAgent({ keepAlive: false }),
			httpsAgent: new HttpsAgent({ keepAlive: false }),
		})
		.catch((error: unknown) => {
			throw deadline.aborted ? new Error(`No answer within ${timeoutMs} ms`) : error;
		});
	return status;
}
