/** One of the sandbox's servers: a port on the loopback that can stop listening for a while. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import Fastify, { type FastifyInstance } from 'fastify';

export interface Host {
	/** Without a slash at the end. */
	url: string;
	app: FastifyInstance;
	/** Cuts all connections and refuses new ones, for `ms` real milliseconds or until reopened. */
	refuse(ms?: number): void;
	reopen(): void;
	close(): Promise<void>;
}

const ADDRESS = '127.0.0.1';

/** Requests larger than this many bytes are refused, save for uploads. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

/** @param port 0 takes a free one */
export async function openHost(port: number): Promise<Host> {
	const app = Fastify({ bodyLimit: BODY_LIMIT_BYTES });
	readBodiesLeniently(app);
	const server = createServer((request, response) => app.routing(request, response));
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, ADDRESS, resolve);
	});
	const actualPort = portOf(server.address());
	let timer: NodeJS.Timeout | undefined;

	const reopen = (): void => {
		clearTimeout(timer);
		if (!server.listening) server.listen(actualPort, ADDRESS);
	};
	const shut = (): void => {
		server.close();
		server.closeAllConnections();
	};

	return {
		url: `http://${ADDRESS}:${actualPort}`,
		app,
		refuse(ms) {
			clearTimeout(timer);
			shut();
			if (ms !== undefined) timer = setTimeout(reopen, ms);
		},
		reopen,
		async close() {
			clearTimeout(timer);
			if (server.listening) {
				const closed = new Promise((resolve) => server.once('close', resolve));
				shut();
				await closed;
			}
			await app.close();
		},
	};
}

function portOf(address: AddressInfo | string | null): number {
	if (address === null || typeof address === 'string') throw new Error('Not listening on a port');
	return address.port;
}

/** A body that is no JSON reaches the endpoint as text, and is refused and recorded there. */
function readBodiesLeniently(app: FastifyInstance): void {
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
		done(null, parsed(body.toString()));
	});
}

function parsed(text: string): unknown {
	if (text === '') return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
