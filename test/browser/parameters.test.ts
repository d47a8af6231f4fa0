/** What is to be filled in: only what matters, in the order in which one thinks of it. */
import { chain, manualTrigger } from '../e2e/support/workflow';
import { useWorld } from '../e2e/support/world';
import { journey, useEditor } from './support/journey';
import { takePicture } from './support/pictures';

const world = useWorld();
const editor = useEditor();

const NAME = 'Veo get 4K video';

beforeAll(async () => {
	const kieAi = { name: NAME, type: 'n8n-nodes-kieai.kieAi', parameters: { operation: 'get4k' } };
	const { id } = await world.create(chain(manualTrigger(), kieAi));
	await editor.openWorkflow(id);
	await editor.canvas.openNode(NAME);
});

const FIRST = ['Resource', 'Operation', 'Task ID', 'Video Index', 'Wait for Result'];
const WAITING = ['On Timeout', 'Download Video'];
const LAST = ['Simplify', 'Options'];

journey('Get 4K asks for what matters to each way of waiting', editor, async () => {
	const { node } = editor;

	expect(await node.choices('waitForResult')).toEqual([
		'Check Until Ready',
		'Do Not Wait',
		'Pause Until Callback',
	]);
	expect(await node.fields()).toEqual([...FIRST, ...WAITING, ...LAST]);

	await node.choose('waitForResult', 'Pause Until Callback');
	await node.field('onTimeout').waitFor();
	expect(await node.fields()).toEqual([...FIRST, ...WAITING, ...LAST]);

	await node.field('download').click();
	await node.field('binaryPropertyName').waitFor();
	expect(await node.fields()).toEqual([...FIRST, ...WAITING, 'Put Output File in Field', ...LAST]);
	await takePicture(editor.page, 'parameters', node.panel);

	await node.choose('waitForResult', 'Do Not Wait');
	await node.field('sendCallbackTo').waitFor();
	expect(await node.fields()).toEqual([...FIRST, 'Send Callback To', ...LAST]);
});

journey('Get 1080p, for which KieAI does not call back, offers no pause', editor, async () => {
	const { node } = editor;
	await node.choose('operation', 'Get 1080p');

	expect(await node.choices('waitForResult')).toEqual(['Check Until Ready', 'Do Not Wait']);
	// What both share is kept.
	expect(await node.fields()).toEqual([...FIRST, ...LAST]);
});
