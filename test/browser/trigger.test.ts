/** KieAI Trigger: tested for nothing, published, and started by KieAI. */
import type { CredentialRef } from '../../scripts/n8n/api';
import { sandboxCredential } from '../../scripts/n8n/credential';
import type { WorkflowJson } from '../engine/support/types';
import { chain, GENERATE, kieAiTrigger, manualTrigger, noOp } from '../e2e/support/workflow';
import { useWorld } from '../e2e/support/world';
import { journey, journeySince2, useEditor } from './support/journey';
import { takePicture } from './support/pictures';

const world = useWorld();
const editor = useEditor();

const NAME = 'KieAI Trigger';
const VIDEO = 'Veo generate video';

let unsigned: CredentialRef;
beforeAll(async () => {
	const signed = sandboxCredential(world.sandbox, 'KieAI without HMAC key');
	const data = { ...signed.data, webhookHmacSecret: '' };
	unsigned = await world.n8n.api.credentials.create({ ...signed, data });
});
afterAll(async () => await world.n8n.api.credentials.delete(unsigned.id));

/** One workflow above the other. */
function stacked(above: WorkflowJson, below: WorkflowJson): WorkflowJson {
	const placed = below.nodes.map((node, index) => ({
		...node,
		position: [index * 220, 220] satisfies [number, number],
	}));
	return {
		nodes: [...above.nodes, ...placed],
		connections: { ...above.connections, ...below.connections },
	};
}

journey('a finished task, fed by its ID, comes out of the listening trigger', editor, async () => {
	const { canvas, node, page } = editor;
	const { id } = await world.create(chain(kieAiTrigger()));
	const task = world.sandbox.addTask({ state: 'success', ageSeconds: 600 });
	await editor.openWorkflow(id);
	await canvas.openNode(NAME);

	const url = await editor.trigger.testUrl();
	await editor.trigger.execute();
	await page.getByText('Listening for test event').waitFor();
	const response = await fetch(`${url}?${new URLSearchParams({ taskId: task.id })}`);
	expect(response.ok).toBe(true);

	await node.showOutputAs('json');
	await node.output.getByText(`"${task.id}"`).first().waitFor();
	await node.showOutputAs('schema');
	await node.output.getByText('confirmed').first().waitFor();
	await takePicture(page, 'trigger', node.panel);
	expect(world.sandbox.ledger).toEqual([]);
});

// A run from n8n 1.x's editor goes without the workflow's static data, where the trigger's URL is.
journeySince2(
	'an action calls the trigger beside it, with its metadata and no URL',
	editor,
	async () => {
		const { canvas, node } = editor;
		const video = { name: VIDEO, type: 'n8n-nodes-kieai.kieAi', parameters: GENERATE };
		const { id } = await world.create({
			name: 'Films by callback',
			...stacked(chain(manualTrigger(), video), chain(kieAiTrigger(), noOp('Film is ready'))),
		});
		await editor.openWorkflow(id);
		await canvas.openNode(VIDEO);
		await node.choose('waitForResult', 'Do Not Wait');
		await node.choose('sendCallbackTo', 'KieAI Trigger in This Workflow');
		await node.field('metadata').getByRole('textbox').fill('{"row": 12}');
		await node.close();
		await editor.publish();
		await editor.published();

		await canvas.openNode(VIDEO);
		await node.execute();
		await node.output.getByText('processing').first().waitFor();
		await node.close();
		const execution = await editor.openNewestExecution(2);
		await execution.canvas.succeeded('Film is ready');
		await execution.canvas.openNode(NAME);
		await execution.node.showOutputAs('json');
		await execution.node.output.getByText('"row"').waitFor();
		await execution.node.output.getByText('"generate"').waitFor();

		const production = await world.executions({ id, name: '', versionId: '' }, 2);
		expect(production.map(({ mode }) => mode)).toEqual(['webhook', 'manual']);
	},
);

journey('what anybody could start is not published, and the reason is there', editor, async () => {
	const { canvas, notification } = editor;
	const open = kieAiTrigger({
		parameters: { confirm: false },
		credentials: { kieAiApi: unsigned },
	});
	const { id } = await world.create(chain(open, noOp()));
	await editor.openWorkflow(id);
	await editor.publish();
	await notification.getByText(/Workflow could not be (published|activated)/).waitFor();
	await notification.getByText("switch on 'Confirm with KieAI'").waitFor();

	await canvas.openNode(NAME);
	await editor.trigger.execute();
	await notification.getByText('Problem running workflow').waitFor();
	await notification.getByText("switch on 'Confirm with KieAI'").last().waitFor();
});
