/** Entering the keys: where they come from, and whether they are right. */
import { sandboxCredential } from '../../scripts/n8n/credential';
import { sharedN8n } from '../e2e/support/shared';
import { chain, manualTrigger } from '../e2e/support/workflow';
import { type Sandbox, startSandbox } from '../sandbox';
import { journey, useEditor } from './support/journey';
import { takePicture } from './support/pictures';

const { api } = sharedN8n();
const editor = useEditor();

const NAME = 'Veo get 4K video';
const KEYS = { apiKey: 'https://kie.ai/api-key', webhookHmacSecret: 'https://kie.ai/settings' };

let sandbox: Sandbox;
/** What is to be removed from the shared n8n. */
let workflowId: string | undefined;

beforeAll(async () => {
	sandbox = await startSandbox();
	const kieAi = { name: NAME, type: 'n8n-nodes-kieai.kieAi', parameters: { operation: 'get4k' } };
	workflowId = (await api.workflows.create(chain(manualTrigger(), kieAi))).id;
});

afterAll(async () => {
	if (workflowId) await api.workflows.delete(workflowId);
	await sandbox.close();
});

journey(
	'a credential says where its keys come from, and whether they are right',
	editor,
	async () => {
		const { canvas, credential, node, page } = editor;
		const good = sandboxCredential(sandbox).data;
		await editor.openWorkflow(workflowId ?? '');
		await canvas.openNode(NAME);
		await credential.create();

		await credential.dialog.getByText('From kie.ai/api-key').waitFor();
		await credential.dialog.getByText('Optional, from kie.ai/settings').waitFor();
		for (const [field, url] of Object.entries(KEYS)) {
			await (await credential.helpLink(field, url)).waitFor();
		}
		await takePicture(
			page,
			'credential',
			page.locator('.el-dialog').filter({ has: credential.field('apiKey') }),
		);

		await credential.field('apiKey').fill('sk-wrong');
		for (const field of ['baseUrl', 'uploadBaseUrl'] as const) {
			await credential.field(field).fill(String(good[field]));
		}
		await credential.save();
		// The visible line is n8n's own, whatever the credential; what the node says stands behind it.
		await credential.dialog.getByText('Couldn’t connect with these settings').waitFor();
		await credential.dialog.getByText('More details').click();
		await credential.dialog
			.getByText('KieAI does not accept this API key. Copy it again from kie.ai/api-key.')
			.waitFor();

		await credential.field('apiKey').fill(sandbox.apiKey);
		await credential.field('webhookHmacSecret').fill(sandbox.hmacKey);
		await credential.save();
		await credential.saved();
		await credential.edit();
		await credential.dialog.getByText('Connection tested successfully').waitFor();
		await credential.close();

		await node.close();
		await canvas.node(NAME).getByTestId('node-issues').waitFor({ state: 'hidden' });
	},
);
