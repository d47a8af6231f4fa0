/** All eight operations: each shows only what matters to it, and what two share is kept between them. */
import { chain, manualTrigger } from '../e2e/support/workflow';
import { useWorld } from '../e2e/support/world';
import { journey, useEditor } from './support/journey';

const world = useWorld();
const editor = useEditor();

const NAME = 'KieAI';
const ADDED_BY_N8N = 'Custom API Call';

const SOURCE = ['Resource', 'Operation', 'Task ID'];
const WAITING = ['Wait for Result', 'On Timeout', 'Download Video', 'Simplify', 'Options'];

/** By the operation's name on screen: labels, from top to bottom. */
const VEO_VIDEO = {
	Extend: [...SOURCE, 'Prompt', 'Model', ...WAITING],
	Generate: [
		'Resource',
		'Operation',
		'Prompt',
		'Make Video From',
		'Model',
		'Aspect Ratio',
		...WAITING,
	],
	Get: [...SOURCE, ...WAITING],
	'Get 1080p': [...SOURCE, 'Video Index', ...WAITING],
	'Get 4K': [...SOURCE, 'Video Index', ...WAITING],
};
const FILE = {
	Download: ['Resource', 'Operation', 'File URL', 'Put Output File in Field', 'Options'],
	Upload: ['Resource', 'Operation', 'File Source', 'Input Data Field Name', 'Options'],
};
const ACCOUNT = { 'Get Credit Balance': ['Resource', 'Operation'] };

beforeAll(async () => {
	const kieAi = { name: NAME, type: 'n8n-nodes-kieai.kieAi', parameters: {} };
	const { id } = await world.create(chain(manualTrigger(), kieAi));
	await editor.openWorkflow(id);
	await editor.canvas.openNode(NAME);
});

journey('each operation shows the fields that matter to it, in order', editor, async () => {
	const { node } = editor;
	const resources = { 'Veo Video': VEO_VIDEO, File: FILE, Account: ACCOUNT };
	const shown: Record<string, Record<string, string[]>> = {};
	for (const [resource, operations] of Object.entries(resources)) {
		await node.choose('resource', resource);
		const offered = await node.choices('operation');
		expect(offered.filter((name) => name !== ADDED_BY_N8N)).toEqual(Object.keys(operations));
		const fields: Record<string, string[]> = {};
		for (const operation of Object.keys(operations)) {
			await node.choose('operation', operation);
			fields[operation] = await node.fields();
		}
		shown[resource] = fields;
	}
	expect(shown).toEqual(resources);
});

journey('images are asked for where the video is made from them', editor, async () => {
	const { node } = editor;
	await node.choose('resource', 'Veo Video');
	await node.choose('operation', 'Generate');
	await node.choose('generationType', 'Reference Images');
	await node.parameters.getByText('Add image').waitFor();
	expect((await node.fields()).slice(2, 7)).toEqual([
		'Prompt',
		'Make Video From',
		'Image Source',
		'Image URLs',
		'Model',
	]);

	await node.choose('imageSource', 'Binary Fields');
	await node.field('imageFields').waitFor();
	expect((await node.fields()).slice(4, 6)).toEqual(['Image Source', 'Input Data Field Names']);
});

journey('switching the operation keeps what both have', editor, async () => {
	const { node } = editor;
	await node.choose('operation', 'Extend');
	await node.fill('prompt', 'The fox stops');
	await node.choose('model', 'Lite');
	await node.choose('waitForResult', 'Do Not Wait');
	await node.addOption('Watermark');

	await node.choose('operation', 'Generate');

	expect(await node.value('prompt')).toBe('The fox stops');
	expect(await node.value('model')).toBe('Lite');
	expect(await node.value('waitForResult')).toBe('Do Not Wait');
	await node.field('watermark').waitFor();
});
