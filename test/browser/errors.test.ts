/** Errors as people cause them: the panel says in KieAI's words what is wrong, and what to do about it. */
import { sandboxCredential } from '../../scripts/n8n/credential';
import { sharedN8n } from '../e2e/support/shared';
import { chain, GENERATE, GET_4K, manualTrigger } from '../e2e/support/workflow';
import { AT_ONCE, useWorld } from '../e2e/support/world';
import { journey, useEditor } from './support/journey';

const { api } = sharedN8n();
const world = useWorld();
const editor = useEditor();

const NAME = 'Veo video';
const DAY_SECONDS = 86_400;

/** Runs a node by *Execute workflow*, and opens it. */
async function fail(
	parameters: object,
	credentials?: object,
): Promise<{ title: string; text: string }> {
	const node = {
		name: NAME,
		type: 'n8n-nodes-kieai.kieAi',
		parameters: { options: AT_ONCE, ...parameters },
		...credentials,
	};
	const { id } = await world.create(chain(manualTrigger(), node));
	await editor.openWorkflow(id);
	await editor.execute();
	await editor.canvas.failed(NAME);
	await editor.canvas.openNode(NAME);
	return await editor.node.error();
}

journey('a bad key: which credential to look at', editor, async () => {
	const { type, data } = sandboxCredential(world.sandbox);
	const wrong = { name: 'Wrong key', type, data: { ...data, apiKey: 'sk-wrong' } };
	const { id, name } = await api.credentials.create(wrong);
	try {
		const { title, text } = await fail(
			{ ...GET_4K, taskId: 'veo_task_1' },
			{ credentials: { kieAiApi: { id, name } } },
		);
		expect(title).toContain('You do not have access permissions');
		expect(text).toContain("Check the API key in the 'KieAI API' credential.");
	} finally {
		await api.credentials.delete(id);
	}
});

journey('no credits: add some, and run it again', editor, async () => {
	for (const account of world.sandbox.accounts()) account.credits = 0;

	const { title, text } = await fail(GENERATE);

	expect(title).toContain('The current credits are insufficient. Please top up.');
	expect(text).toContain('Add credits to your KieAI account, then run the node again.');
});

journey('a task that is too old: generate it again', editor, async () => {
	const { id } = world.sandbox.addTask({ state: 'success', ageSeconds: 15 * DAY_SECONDS });

	const { title, text } = await fail({ ...GET_4K, taskId: id });

	expect(title).toContain('Temporarily supports records within 14 days');
	expect(title).toContain(id);
	expect(text).toContain('KieAI keeps videos for 14 days. Generate the video again.');
});

journey('a source video that is not finished: wait for it', editor, async () => {
	world.sandbox.configure({ clockScale: 1 });
	const { id } = world.sandbox.addTask({ state: 'running' });

	const { title, text } = await fail({ ...GET_4K, taskId: id });

	expect(title).toContain('record status is not success');
	expect(text).toContain('The source video is not finished, or it failed.');
	expect(text).toContain("wait until its status is 'succeeded'");
});

journey('a video taken to 1080p, to be extended: extend first', editor, async () => {
	const { sandbox } = world;
	const { id } = sandbox.addTask({ state: 'success', ageSeconds: 600 });
	await fetch(`${sandbox.apiUrl}/api/v1/veo/get-1080p-video?taskId=${id}`, {
		headers: { authorization: `Bearer ${sandbox.apiKey}` },
	});

	const { title, text } = await fail({ operation: 'extend', taskId: id, prompt: 'It stops' });

	expect(title).toContain('Videos that were upgraded to 1080P cannot be extended');
	expect(text).toContain('extend it before you upgrade it');
});
