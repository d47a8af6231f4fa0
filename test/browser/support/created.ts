import type { Page } from 'playwright-core';
import { z } from 'zod';

import type { N8nApi } from '../../../scripts/n8n/api';

/** Workflows and credentials that a page has created in the shared n8n. */
export interface Created {
	remove(): Promise<void>;
}

const answer = z.object({ data: z.object({ id: z.string() }) });

export function collectCreated(page: Page, api: N8nApi): Created {
	const ids: Record<'workflows' | 'credentials', Promise<string>[]> = {
		workflows: [],
		credentials: [],
	};
	page.on('response', (response) => {
		if (response.request().method() !== 'POST' || !response.ok()) return;
		const kind = /\/rest\/(workflows|credentials)$/.exec(new URL(response.url()).pathname)?.[1];
		if (kind !== 'workflows' && kind !== 'credentials') return;
		ids[kind].push(response.json().then((body) => answer.parse(body).data.id));
	});
	return {
		async remove() {
			for (const id of await Promise.all(ids.workflows)) await api.workflows.delete(id);
			for (const id of await Promise.all(ids.credentials)) await api.credentials.delete(id);
		},
	};
}
