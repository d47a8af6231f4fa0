/** Every example, imported and run as a person does, to its end or its question; n8n chooses the credentials, as the only ones. */
import { resolve } from 'node:path';

import { useChatModel } from '../e2e/support/chat';
import { useWorld } from '../e2e/support/world';
import { hurryNodes } from './support/hurry';
import { journey, journeySince2, useEditor } from './support/journey';

const world = useWorld();
const called = { toolParameters: { Prompt: 'A red fox' }, hitlParameters: {} };
useChatModel(called, (said) => `Here it is: ${said}`);
const editor = useEditor();

beforeAll(async () => await hurryNodes(editor.page));

const PHOTO = resolve(__dirname, '../sandbox/media/720p-landscape.jpg');

const charged = () => world.sandbox.ledger.map(({ operation }) => operation);
const GENERATED_AND_UPGRADED = ['generate', 'upgrade4k'];

/** @returns the workflow, once n8n has stored it */
async function importExample(name: string): Promise<string> {
	const { canvas, notification } = editor;
	await editor.newWorkflow();
	await editor.importFile(resolve(__dirname, `../../examples/${name}.json`));
	await notification.getByText('Credentials auto-added').waitFor();
	await canvas.fit();
	return await editor.workflowId();
}

/** What begins with a click, by file name: the node that ends it. */
const LAST_NODES = {
	'generate-to-4k': 'Veo get 4K video',
	'4k-on-callback': 'Veo get 4K video',
	'durable-poll': 'Download file',
	'resume-or-retry': 'Film',
};

for (const [example, last] of Object.entries(LAST_NODES)) {
	journey(`${example} runs to its end`, editor, async () => {
		await importExample(example);
		await editor.execute();
		await editor.canvas.succeeded(last);

		expect(charged()).toEqual(GENERATED_AND_UPGRADED);
	});
}

journey('image-to-video-4k takes a photo from its form', editor, async () => {
	await importExample('image-to-video-4k');
	const [form] = await Promise.all([editor.page.waitForEvent('popup'), editor.execute()]);
	await form.getByLabel('Photo').setInputFiles(PHOTO);
	await form.getByLabel('Prompt').fill('The fox looks up');
	await form.getByRole('button', { name: 'Submit' }).click();
	await editor.canvas.succeeded('Veo get 4K video');

	expect(charged()).toEqual(GENERATED_AND_UPGRADED);
});

journey('callback-to-download fetches what KieAI calls about', editor, async () => {
	const { canvas } = editor;
	await importExample('callback-to-download');
	await canvas.openNode('KieAI Trigger');
	const callBackUrl = await editor.trigger.productionUrl();
	await editor.node.close();
	await editor.publish();
	await editor.published();

	const { apiUrl, apiKey } = world.sandbox;
	await fetch(`${apiUrl}/api/v1/veo/generate`, {
		method: 'POST',
		headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
		body: JSON.stringify({ prompt: 'A red fox', callBackUrl }),
	});
	const execution = await editor.openNewestExecution(1);
	await execution.canvas.succeeded('Download file');
});

// A run from n8n 1.x's editor does not find the trigger beside it.
journeySince2('batch-do-not-wait collects each film, with its row', editor, async () => {
	const { canvas, node } = editor;
	const id = await importExample('batch-do-not-wait');
	await editor.publish();
	await editor.published();
	await canvas.openNode('Veo generate video');
	await node.execute();
	await node.output.getByText('processing').first().waitFor();
	await node.close();
	// One that starts three videos, and two for each of them: the video, and the film in 4K.
	await world.executions({ id, name: 'the batch', versionId: '' }, 7, ['success']);
	const execution = await editor.openNewestExecution(7);
	await execution.canvas.succeeded('Download file');
	await execution.canvas.openNode('KieAI Trigger');
	await execution.node.showOutputAs('json');
	await execution.node.output.getByText('"row"').waitFor();

	expect(charged().sort()).toEqual([...Array(3).fill('generate'), ...Array(3).fill('upgrade4k')]);
});

journeySince2('scheduled-batch makes its table, and has nothing to do', editor, async () => {
	const { canvas, node } = editor;
	await importExample('scheduled-batch');
	await canvas.openNode('Films to make');
	await node.execute();
	await node.output.getByText('Films to make').first().waitFor();

	expect(charged()).toEqual([]);
});

journeySince2('agent-with-approval pays once it may, as it asks in the chat', editor, async () => {
	const { chat } = editor;
	await importExample('agent-with-approval');
	await chat.open();
	await chat.say('A film of a red fox');
	await chat.messages.getByText('The agent wants to spend credits on').waitFor();
	await chat.messages.getByText('"A red fox"').waitFor();
	expect(charged()).toEqual([]);

	await chat.approve();
	await chat.messages.getByText('Here it is:').waitFor();
	expect(charged()).toEqual(['generate']);
});
