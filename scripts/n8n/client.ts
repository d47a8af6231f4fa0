import { z } from 'zod';

/** n8n answered with an error: its words, and the HTTP status. */
export class N8nError extends Error {
	constructor(
		readonly status: number,
		message: string,
	) {
		super(message);
	}
}

/** Sends a request of the editor and gives `data` of the answer, as the schema reads it. */
export type Send = <T>(
	schema: z.ZodType<T, z.ZodTypeDef, unknown>,
	method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
	path: string,
	body?: unknown,
) => Promise<T>;

export interface Client {
	send: Send;
	/** The whole of a file. */
	download(path: string): Promise<Buffer>;
	/** The session of whoever has signed in, to be handed to another client. */
	cookie(): string;
}

/** @param cookie a session to go on with */
export function openClient(url: string, cookie = ''): Client {
	const request = async (method: string, path: string, body?: unknown): Promise<Response> => {
		const response = await fetch(url + path, {
			method,
			headers: {
				cookie,
				// n8n closes a kept connection after a while, maybe while it is used again.
				connection: 'close',
				...(body !== undefined && { 'content-type': 'application/json' }),
			},
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		if (response.ok) return response;
		throw new N8nError(response.status, `${method} ${path}: ${await response.text()}`);
	};
	return {
		cookie: () => cookie,
		async send(schema, method, path, body) {
			const response = await request(method, path, body);
			const session = response.headers.getSetCookie().find((set) => set.startsWith('n8n-auth='));
			if (session !== undefined) cookie = session.split(';')[0] ?? '';
			const { data } = z.object({ data: z.unknown() }).parse(await response.json());
			return schema.parse(data);
		},
		async download(path) {
			return Buffer.from(await (await request('GET', path)).arrayBuffer());
		},
	};
}
