/** Fetching what a request points at, without ever leaving this machine. */
import type { Readable } from 'node:stream';

import axios from 'axios';

/** The service gives itself this long to fetch a URL, in real ms. */
const FETCH_TIMEOUT_MS = 30_000;

export interface Fetched {
	contentType: string;
	content: Readable;
}

/** Whether the service could fetch a URL. What lies beyond the loopback is taken to be there. */
export async function isFetchable(url: string): Promise<boolean> {
	if (!isLoopback(url)) return true;
	try {
		(await fetchLoopback(url)).content.destroy();
		return true;
	} catch {
		return false;
	}
}

export function isLoopback(url: string): boolean {
	if (!URL.canParse(url)) return false;
	const { hostname } = new URL(url);
	return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** @throws if there is no answer, or one that is no success */
export async function fetchLoopback(url: string): Promise<Fetched> {
	const { data, headers } = await axios.get<Readable>(url, {
		responseType: 'stream',
		timeout: FETCH_TIMEOUT_MS,
		proxy: false,
		headers: { connection: 'close' },
	});
	const type: unknown = headers['content-type'];
	return {
		contentType: typeof type === 'string' ? type : 'application/octet-stream',
		content: data,
	};
}
