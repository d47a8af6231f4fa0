/** From an empty n8n to a 4K film, with nothing to read but the editor. */
import { sandboxCredential } from '../../scripts/n8n/credential';
import { type Sandbox, startSandbox } from '../sandbox';
import { type Actions, countActions } from './support/actions';
import { playFilm } from './support/film';
import { hurryNodes } from './support/hurry';
import { journey, useEditor } from './support/journey';

const editor = useEditor();

const VIDEO = 'Veo generate video';
const FILM = 'Veo get 4K video';
const MOST_ACTIONS = 8;

let sandbox: Sandbox;
let actions: Actions;

beforeAll(async () => {
	sandbox = await startSandbox({ clockScale: 1000 });
	actions = await countActions(editor.page);
	await hurryNodes(editor.page);
});
afterAll(async () => await sandbox.close());

journey('a film in 4K takes few actions once the credential is there', editor, async () => {
	const { canvas, credential, node, page, panel } = editor;
	await editor.goHome();
	await editor.startWorkflow();
	await panel.open();
	await panel.search('veo');
	await panel.result('KieAI').click();
	await panel.expand('Actions');
	await panel.action(VIDEO).click();
	await credential.create();
	const { apiKey, baseUrl, uploadBaseUrl } = sandboxCredential(sandbox).data;
	for (const [field, value] of Object.entries({ apiKey, baseUrl, uploadBaseUrl })) {
		await credential.field(field).fill(String(value));
	}
	await credential.save();
	await credential.saved();
	expect(actions.count()).toBeGreaterThan(0);

	await node.field('prompt').locator('textarea').fill('A red fox runs through fresh snow');
	await node.close();
	await canvas.addNext();
	await panel.search('4k');
	await panel.result('KieAI').click();
	await panel.action(FILM).click();
	await node.field('download').click();
	await node.execute();
	await node.output.getByTestId('ndv-view-binary-data').waitFor();
	expect(actions.count()).toBeLessThanOrEqual(MOST_ACTIONS);

	await node.output.getByTestId('ndv-view-binary-data').click();
	expect(await playFilm(page.locator('video'))).toMatchObject({ width: 3840, height: 2160 });
	expect(sandbox.ledger.map(({ operation }) => operation)).toEqual(['generate', 'upgrade4k']);
});
