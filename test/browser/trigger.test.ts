/** KieAI Trigger, tested with a finished task: nothing is waited for, and nothing is paid. */
import { chain } from '../e2e/support/workflow';
import { useWorld } from '../e2e/support/world';
import { journey, useEditor } from './support/journey';
import { takePicture } from './support/pictures';

const world = useWorld();
const editor = useEditor();

const NAME = 'KieAI Trigger';

journey('a finished task, fed by its ID, comes out of the listening trigger', editor, async () => {
	const { canvas, node, page, trigger } = editor;
	const { id } = await world.create(
		chain({ name: NAME, type: 'n8n-nodes-kieai.kieAiTrigger', parameters: {} }),
	);
	const task = world.sandbox.addTask({ state: 'success', ageSeconds: 600 });
	await editor.openWorkflow(id);
	await canvas.openNode(NAME);

	const url = await trigger.testUrl();
	await trigger.listen();
	const response = await fetch(`${url}?${new URLSearchParams({ taskId: task.id })}`);
	expect(response.ok).toBe(true);

	await node.showOutputAs('json');
	await node.output.getByText(`"${task.id}"`).first().waitFor();
	await node.showOutputAs('schema');
	await node.output.getByText('confirmed').first().waitFor();
	await takePicture(page, 'trigger', node.panel);
	expect(world.sandbox.ledger).toEqual([]);
});
