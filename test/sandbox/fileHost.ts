/** The file host: serves films, previews and uploads, whole or in ranges, without any key. */
import type { FastifyInstance } from 'fastify';
import parseRange from 'range-parser';

import type { FileStore, OpenedFile } from './files';
import type { Outgoing } from './outgoing';
import { respond, type Serving } from './serving';

/** Films take their size from `?filmBytes=` if it is there, else from the settings. */
export function serveFiles(app: FastifyInstance, serving: Serving, files: FileStore): void {
	app.route({
		method: ['GET', 'HEAD'],
		url: '/*',
		handler: async (request, reply) => {
			await respond(serving, 'file', request, reply, async ({ path, query }) => {
				const file = files.find(decoded(path));
				if (file === undefined) return notThere(404);
				if (file.expiresAt <= serving.clock.now()) return notThere(file.goneStatus);
				const filmBytes = Number(query.filmBytes ?? serving.settings.filmBytes);
				return ranged(file.open(filmBytes), file.contentType, request.headers.range);
			});
		},
	});
}

function ranged(file: OpenedFile, contentType: string, wanted: string | undefined): Outgoing {
	const headers = { 'accept-ranges': 'bytes', 'content-type': contentType };
	const ranges = wanted === undefined ? undefined : parseRange(file.size, wanted);
	if (ranges === -1) {
		return { status: 416, headers: { 'content-range': `bytes */${file.size}` }, body: '' };
	}
	// Several ranges at once, or nonsense, are answered with the whole file, as many servers do.
	const range = Array.isArray(ranges) && ranges.length === 1 ? ranges[0] : undefined;
	const { start, end } = range ?? { start: 0, end: file.size - 1 };
	return {
		status: range === undefined ? 200 : 206,
		headers: {
			...headers,
			'content-length': `${end - start + 1}`,
			...(range && { 'content-range': `bytes ${start}-${end}/${file.size}` }),
		},
		body: file.size === 0 ? '' : () => file.read(start, end),
	};
}

function notThere(status: 403 | 404): Outgoing {
	const body = status === 403 ? 'The link has expired' : 'Not found';
	return { status, headers: { 'content-type': 'text/plain' }, body };
}

function decoded(path: string): string {
	try {
		return decodeURIComponent(path);
	} catch {
		return path;
	}
}
