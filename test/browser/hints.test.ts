/** What a person should know, where they look: before it costs something, and before it is gone. */
import { chain, GET_4K, manualTrigger } from '../e2e/support/workflow';
import { AT_ONCE, useWorld } from '../e2e/support/world';
import { journey, useEditor } from './support/journey';

const world = useWorld();
const editor = useEditor();

const NAME = 'Veo get 4K video';

journey('4K is charged separately, and links live for 14 days', editor, async () => {
	const { canvas, node } = editor;
	const { id: taskId } = world.sandbox.addTask({ state: 'success', ageSeconds: 600 });
	const parameters = { ...GET_4K, taskId, options: AT_ONCE };
	const kieAi = { name: NAME, type: 'n8n-nodes-kieai.kieAi', parameters };
	const { id } = await world.create(chain(manualTrigger(), kieAi));
	await editor.openWorkflow(id);

	await canvas.openNode(NAME);
	await node.hint('KieAI charges for 4K on top of the video itself').waitFor();
	await node.close();
	await editor.execute();
	await canvas.succeeded(NAME);

	await canvas.openNode(NAME);
	await node.hint('KieAI keeps videos for 14 days. Switch on').waitFor();
	await node.hint('KieAI charges for 4K').waitFor({ state: 'hidden' });
	for (const view of ['table', 'json', 'schema'] as const) {
		await node.showOutputAs(view);
		await node.output.getByText('videoTaskId').first().waitFor();
		await node.output.getByText('upgrade4k').first().waitFor();
	}
});
