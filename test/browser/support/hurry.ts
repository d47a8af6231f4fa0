import type { Page } from 'playwright-core';

import type { NodeJson } from '../../engine/support/types';
import { AT_ONCE } from '../../e2e/support/world';

/** By type, what is other in a node that waits no longer than it must. */
const HURRIED: Record<string, NonNullable<NodeJson['parameters']>> = {
	'n8n-nodes-kieai.kieAi': { options: AT_ONCE },
	'n8n-nodes-base.wait': { amount: 1, unit: 'seconds' },
};

/**
 * Has our nodes look at once, and n8n's Wait node wait for a second: what the editor saves, and n8n
 * runs, gets shorter times on its way to n8n. What is on screen stays as it is.
 */
export async function hurryNodes(page: Page): Promise<void> {
	await page.route(/\/rest\/workflows(\/\w+(\/run)?)?(\?|$)/, async (route) => {
		const sent = route.request().postDataJSON() as (Workflow & { workflowData?: Workflow }) | null;
		if (!sent) return await route.continue();
		const { workflowData } = sent;
		const hurried = {
			...sent,
			...hurry(sent),
			// n8n 1.x runs what the editor shows.
			...(workflowData && { workflowData: { ...workflowData, ...hurry(workflowData) } }),
		};
		await route.continue({ postData: JSON.stringify(hurried) });
	});
}

interface Workflow {
	nodes?: NodeJson[];
}

function hurry({ nodes }: Workflow): Workflow {
	if (!nodes) return {};
	return {
		nodes: nodes.map((node) => {
			const hurried = HURRIED[node.type];
			return hurried ? { ...node, parameters: { ...node.parameters, ...hurried } } : node;
		}),
	};
}
