/** What all of the service's models share: the balance, and fresh links to results. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { refusal, success } from './answers';
import type { FileStore } from './files';
import { serveEndpoint, type Serving } from './serving';

const downloadUrlSchema = z.object({ url: z.string() });

export function serveCommon(app: FastifyInstance, serving: Serving, files: FileStore): void {
	serveEndpoint(app, serving, 'credit', (account) => success(account.credits));

	serveEndpoint(app, serving, 'downloadUrl', (_account, { body }) => {
		const input = downloadUrlSchema.safeParse(body);
		if (!input.success) return refusal(422, 'url is required');
		const link = files.freshLink(input.data.url);
		return link === undefined ? refusal(422, 'The URL was not generated here') : success(link);
	});
}
