/** KieAI as the tool of an AI agent: found, handed to the model, and waited for. */
import { useChatModel } from '../e2e/support/chat';
import { HELD, manualTrigger, sent, withAgent } from '../e2e/support/workflow';
import { useWorld } from '../e2e/support/world';
import { until } from '../../scripts/n8n/until';
import { journeySince2, useEditor } from './support/journey';

const PROMPT = 'A red fox runs through fresh snow at sunrise';

const world = useWorld(HELD);
const model = useChatModel({ Prompt: PROMPT }, (said) => `Here it is: ${said}`);
const editor = useEditor();

const AGENT = 'Agent';
const TOOL = 'KieAI Tool';
const AN_HOUR = 3600;

// In n8n 1.x no tool can pause.
journeySince2(
	'the model writes the prompt, the agent pauses for the film and answers with it',
	editor,
	async () => {
		const { canvas, node, panel } = editor;
		const stored = await world.create(withAgent(manualTrigger(), 3.1, model.openAiApi));
		await editor.openWorkflow(stored.id);
		await canvas.addTool(AGENT);
		for (const text of ['veo', '4k', 'kie']) {
			await panel.search(text);
			await panel.result(TOOL).waitFor();
		}
		await panel.result(TOOL).click();
		await node.choose('operation', 'Generate');
		await node.choose('waitForResult', 'Pause Until Callback');
		await node.definedByModel('prompt').waitFor();
		await node.takeFromModel('prompt');
		await node.letModelDefine('prompt');
		await node.definedByModel('prompt').waitFor();
		await node.close();

		await editor.execute();
		await until({ what: 'the request to generate' }, () => sent(world, 'generate')[0]);
		await world.executions(stored, 1, ['waiting']);
		expect(model.told).toEqual([]);
		await world.sandbox.advance(AN_HOUR);
		await canvas.succeeded(AGENT);
		await canvas.openNode(AGENT);
		const film = world.sandbox.tasks()[0]?.videos[0]?.url ?? 'no film';
		await node.output.getByText('Here it is:').filter({ hasText: film }).first().waitFor();
		expect(sent(world, 'generate')[0]?.body).toMatchObject({ prompt: PROMPT });
		expect(world.sandbox.ledger.map(({ operation }) => operation)).toEqual(['generate']);
	},
);
