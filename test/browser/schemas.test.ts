/** What an operation will put out, before anything has run: its fields can be dragged into the next node. */
import { outputSchemas } from '../../scripts/schemas/contract';
import type { NodeJson } from '../engine/support/types';
import { chain, manualTrigger } from '../e2e/support/workflow';
import { useWorld } from '../e2e/support/world';
import { journey, useEditor } from './support/journey';

const world = useWorld();
const editor = useEditor();

const NEXT: NodeJson = {
	name: 'Next',
	type: 'n8n-nodes-base.set',
	typeVersion: 3.4,
	parameters: { options: {} },
};

/** n8n's editor asks for no trigger's schema. */
const TRIGGER_SCHEMA = 'v1.1.0/output.json';

for (const [path, { properties }] of Object.entries(outputSchemas())) {
	if (path === TRIGGER_SCHEMA) continue;
	const [, resource = '', operation = ''] = path.replace('.json', '').split('/');
	journey(`${resource}/${operation}: the fields become expressions`, editor, async () => {
		const parameters = { resource, operation };
		const kieAi = { name: 'KieAI', type: 'n8n-nodes-kieai.kieAi', parameters };
		const { id } = await world.create(chain(manualTrigger(), kieAi, NEXT));
		await editor.openWorkflow(id);
		await editor.canvas.openNode(NEXT.name);

		const fields = Object.keys(properties);
		const [field = ''] = fields;
		await editor.node.inputField(field).waitFor();
		expect(await editor.node.inputFields()).toEqual(expect.arrayContaining(fields));
		await editor.node.dragInputField(field);
		await editor.node.parameters.getByText(`{{ $json.${field} }}`).waitFor();
	});
}
