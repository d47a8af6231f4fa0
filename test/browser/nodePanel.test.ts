/** From an empty canvas to a node that asks for its credential. */
import { IS_N8N_1 } from '../../scripts/n8n/installation';
import { journey, useEditor } from './support/journey';
import { takePicture } from './support/pictures';

const editor = useEditor();

const ACTION = 'Veo get 4K video';

/** Behind Google's own, if any; n8n 1.x finds its "Vero" by "veo", too. */
const LOWEST_RANK = IS_N8N_1 ? 3 : 2;

journey('KieAI is found by its name, its model and what it is for', editor, async () => {
	const { panel } = editor;
	await editor.newWorkflow();
	await panel.open();

	for (const text of ['kie', 'veo', '4k']) {
		await panel.search(text);

		expect(await panel.rank('KieAI')).toBeLessThanOrEqual(LOWEST_RANK);
		// Throws for an image that does not load.
		await panel
			.result('KieAI')
			.locator('img')
			.first()
			.evaluate(async (image) => {
				await image.decode();
			});
	}
});

journey(
	'its actions are listed, and one becomes a node that says what it does',
	editor,
	async () => {
		const { panel, canvas, node } = editor;
		await editor.newWorkflow();
		await panel.open();
		await panel.search('4k');
		await panel.result('KieAI').click();
		await panel.expand('Actions');
		await panel.action(ACTION).waitFor();

		expect(await panel.actions()).toEqual(
			expect.arrayContaining([
				'Get credit balance',
				'Download file',
				'Upload file',
				'Veo extend video',
				'Veo generate video',
				'Veo get video',
				'Veo get 1080p video',
				ACTION,
				'On 4K video failed',
				'On 4K video ready',
				'On video failed',
				'On video ready',
			]),
		);

		await panel.action(ACTION).click();
		await editor.credential.asked('KieAI').waitFor();
		await node.close();

		await canvas.node(ACTION).getByText('Get 4K Video', { exact: true }).waitFor();
		await canvas.node(ACTION).getByTestId('node-issues').hover();
		await editor.page.getByText('Credentials for KieAI are not set').waitFor();

		await canvas.fit();
		await panel.open();
		await panel.search('veo');
		await panel.result('KieAI').click();
		await panel.action(ACTION).waitFor();
		await takePicture(editor.page, 'node-panel');
	},
);
