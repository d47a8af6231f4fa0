import type { Page } from 'playwright-core';

import type { NodeJson } from '../../engine/support/types';
import { AT_ONCE } from '../../e2e/support/world';

/**
 * Has our nodes look at once: what the editor saves, and n8n runs, gets shorter times on its way to
 * n8n. What is on screen stays as it is.
 */
export async function hurryNodes(page: Page): Promise<void> {
	await page.route(/\/rest\/workflows(\/\w+)?(\?|$)/, async (route) => {
		const workflow = route.request().postDataJSON() as { nodes?: NodeJson[] } | null;
		if (!workflow?.nodes) return await route.continue();
		const nodes = workflow.nodes.map((node) =>
			node.type === 'n8n-nodes-kieai.kieAi'
				? { ...node, parameters: { ...node.parameters, options: AT_ONCE } }
				: node,
		);
		await route.continue({ postData: JSON.stringify({ ...workflow, nodes }) });
	});
}
