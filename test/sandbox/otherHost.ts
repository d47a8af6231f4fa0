/** A host of somebody else: redirects can lead to it, and it tells what reached it. */
import type { Readable } from 'node:stream';

import { readMedia } from './files';
import { openHost } from './host';

export interface OtherHost {
	/** Without a slash at the end. `…/anything.mp4` is a film; all else is a small envelope. */
	url: string;
	requests: ForeignRequest[];
}

/** What reached the other host; no key should be among its headers. */
export interface ForeignRequest {
	method: string;
	path: string;
	headers: Record<string, string | string[] | undefined>;
	body: unknown;
}

export async function openOtherHost(port: number): Promise<OtherHost & { close(): Promise<void> }> {
	const host = await openHost(port);
	const requests: ForeignRequest[] = [];
	// Forms are not of interest here; they only have to be read to their end.
	host.app.addContentTypeParser('multipart/form-data', (_request, payload: Readable, done) => {
		payload.resume();
		payload.on('end', () => done(null, '(form)'));
	});
	host.app.all('/*', async ({ method, url, headers, body }, reply) => {
		requests.push({ method, path: url, headers, body });
		if (/\.mp4(\?|$)/.test(url)) {
			void reply.type('video/mp4');
			return readMedia({ resolution: '4k', aspectRatio: '16:9' }, 'mp4');
		}
		return { code: 200, msg: 'success', data: { taskId: 'task_of_another_host' } };
	});
	await host.app.ready();
	return { url: host.url, requests, close: async () => await host.close() };
}
