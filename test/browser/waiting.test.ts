/** From a prompt to a 4K film that plays, with an execution that is paused in between. */
import { readExample, withCredential } from '../../scripts/n8n/examples';
import {
	chain,
	GENERATE,
	GET_4K,
	HELD,
	manualTrigger,
	pausing,
	sent,
} from '../e2e/support/workflow';
import { useWorld } from '../e2e/support/world';
import { until } from '../../scripts/n8n/until';
import { playFilm } from './support/film';
import { journey, useEditor } from './support/journey';
import { takePicture } from './support/pictures';

const world = useWorld(HELD);
const editor = useEditor();

const VIDEO = 'Veo generate video';
const FILM = 'Veo get 4K video';
const AN_HOUR = 3600;

const FILM_WORKFLOW = {
	name: 'A film in 4K',
	...chain(
		manualTrigger(),
		pausing(VIDEO, {
			...GENERATE,
			prompt: 'A red fox runs through fresh snow at sunrise, slow motion, golden light',
		}),
		pausing(FILM, { ...GET_4K, download: true }),
	),
};

journey(
	'a paused node says what it waits for; then the film is there, and plays',
	editor,
	async () => {
		const { canvas, node, page } = editor;
		const { id } = await world.create(FILM_WORKFLOW);
		await editor.openWorkflow(id);
		await editor.execute();

		await canvas.openNode(VIDEO);
		await node.output
			.getByText('Waiting for KieAI to call back: the video usually takes 1 to 3 minutes')
			.waitFor();
		await takePicture(page, 'waiting', node.panel);
		await node.close();
		await world.executions({ id, name: '', versionId: '' }, 1, ['waiting']);
		await world.sandbox.advance(AN_HOUR);
		await canvas.succeeded(VIDEO);

		await until({ what: 'the 4K request' }, () => sent(world, 'get4k').length > 0 || undefined);
		await world.executions({ id, name: '', versionId: '' }, 1, ['waiting']);
		await world.sandbox.advance(AN_HOUR);
		await canvas.succeeded(FILM);

		await canvas.openNode(FILM);
		await node.showOutputAs('json');
		await node.output.getByText('"upgrade4k"').waitFor();
		await node.showOutputAs('table');
		await node.output.getByText('videoTaskId').first().waitFor();
		await node.showOutputAs('schema');
		await node.output.getByText('videoTaskId').first().waitFor();
		await node.showOutputAs('binary');
		await node.output.getByTestId('ndv-view-binary-data').click();
		const film = await playFilm(page.locator('video'));
		expect(film).toMatchObject({ width: 3840, height: 2160 });
		expect(film.time).toBeGreaterThan(0);
		await takePicture(page, 'result', node.panel);
	},
);

journey('the example that pauses lies on the canvas as its author meant it', editor, async () => {
	const example = withCredential(await readExample('4k-on-callback.json'), world.credential);
	const { id } = await world.create(example);
	await editor.openWorkflow(id);
	await editor.canvas.fit();

	expect(await editor.canvas.node(VIDEO).getByTestId('node-issues').count()).toBe(0);
	expect(await editor.canvas.node(FILM).getByTestId('node-issues').count()).toBe(0);
	await takePicture(editor.page, 'workflow');
});
