import type { Page } from 'playwright-core';

import type { NodeJson } from '../../engine/support/types';
import { AT_ONCE } from '../../e2e/support/world';

const A_SECOND = { amount: 1, unit: 'seconds' };

const HURRIED: Record<string, (parameters: NodeJson['parameters']) => NodeJson['parameters']> = {
	'n8n-nodes-kieai.kieAi': (parameters) => ({ ...parameters, options: AT_ONCE }),
	'n8n-nodes-base.wait': (parameters) => ({ ...parameters, ...A_SECOND }),
};

/**
 * Has our nodes look at once, and n8n's Wait node wait for a second: what the editor saves, and n8n
 * runs, gets shorter times on its way to n8n. What is on screen stays as it is.
 */
export async function hurryNodes(page: Page): Promise<void> {
	await page.route(/\/rest\/workflows(\/\w+)?(\?|$)/, async (route) => {
		const workflow = route.request().postDataJSON() as { nodes?: NodeJson[] } | null;
		if (!workflow?.nodes) return await route.continue();
		const nodes = workflow.nodes.map((node) => {
			const hurry = HURRIED[node.type];
			return hurry ? { ...node, parameters: hurry(node.parameters) } : node;
		});
		await route.continue({ postData: JSON.stringify({ ...workflow, nodes }) });
	});
}
