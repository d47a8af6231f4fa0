/** Examples, imported and run as a person does; n8n chooses the credential, as the only one. */
import { resolve } from 'node:path';

import { useWorld } from '../e2e/support/world';
import { hurryNodes } from './support/hurry';
import { journey, useEditor } from './support/journey';

const world = useWorld();
const editor = useEditor();

beforeAll(async () => await hurryNodes(editor.page));

/** What begins with a click, by file name: the node that ends it. */
const LAST_NODES = {
	'generate-to-4k': 'Veo get 4K video',
	'4k-on-callback': 'Veo get 4K video',
	'resume-or-retry': 'Film',
};

for (const [example, last] of Object.entries(LAST_NODES)) {
	journey(`${example} is imported, and runs to its end`, editor, async () => {
		const { canvas, notification } = editor;
		await editor.newWorkflow();
		await editor.importFile(resolve(__dirname, `../../examples/${example}.json`));
		await notification.getByText('Credentials auto-added').waitFor();
		await canvas.fit();
		await editor.execute();
		await canvas.succeeded(last);

		const charged = world.sandbox.ledger.map(({ operation }) => operation);
		expect(charged).toEqual(['generate', 'upgrade4k']);
	});
}
