/** Pause Until Callback, where something fails: at the start, at KieAI, on the way to the file. */
import type { IDataObject } from 'n8n-workflow';

import {
	bodies,
	errorText,
	GENERATE,
	items,
	RETRY_ON_FAIL,
	sent,
	shortenRequests,
} from './support/action';
import { coreIsAtLeast, type Run } from './support/engine';
import { HELD, parkingWorkflow, useParkingWorld } from './support/parking';

const world = useParkingWorld();

const PROMPTS = { ...GENERATE, prompt: '={{ $json.prompt }}' };
const FAILS = { ...GENERATE, prompt: 'fail: content policy' };

const finished = async (run: Run) => await world.host.until(run.executionId, 'finished');

async function runToEnd(...begin: Parameters<typeof world.begin>): Promise<Run> {
	return await finished(await world.begin(...begin));
}

const failing4k = () => ({
	operation: 'get4k',
	taskId: world.sandbox.addTask({ prompt: 'fail 4k' }).id,
});

describe('A task that KieAI reports as failed', () => {
	it.each<[string, () => IDataObject, RegExp]>([
		['Generate', () => FAILS, /content policy/],
		['Get 4K', failing4k, /4K/],
	])('fails the node natively, in KieAI’s words: %s', async (_name, parameters, words) => {
		const run = await runToEnd(parameters());
		expect(run.status).toBe('error');
		expect(run.error('KieAI')?.name).toBe('NodeApiError');
		expect(errorText(run)).toMatch(words);
		expect(run.error('KieAI')?.message).toContain(String(world.sandbox.callbacks[0]?.taskId));
		expect(run.runs('After')).toBe(0);
	});

	it('leaves as an error item with On Error set to continue', async () => {
		const run = await runToEnd(FAILS, { node: { onError: 'continueRegularOutput' } });
		expect(run.status).toBe('success');
		expect(run.json('After')).toEqual([
			{
				error: expect.stringContaining('content policy'),
				message: expect.stringContaining('content policy'),
				details: expect.objectContaining({ status: 'failed', kind: 'generate' }),
			},
		]);
	});

	it('leaves by the error output, with its data where n8n lets it through', async () => {
		const workflow = parkingWorkflow(PROMPTS, { onError: 'continueErrorOutput' });
		workflow.nodes.push({ name: 'Failed', type: 'n8n-nodes-base.noOp' });
		workflow.connections['KieAI'] = {
			main: ['After', 'Failed'].map((node) => [{ node, type: 'main', index: 0 }]),
		};
		const parked = await world.host.run(workflow, {
			credentials: world.credentials,
			input: items({ prompt: 'a' }, { prompt: 'fail: too dark' }, { prompt: 'c' }),
		});
		const run = await finished(parked);
		expect(run.json('After')).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }]);
		expect(run.items('KieAI').map(({ pairedItem }) => pairedItem)).toMatchObject([
			{ item: 0 },
			{ item: 2 },
		]);
		expect(run.json('Failed')).toMatchObject([
			{
				error: expect.stringContaining('too dark'),
				...(coreIsAtLeast('2.36') && { details: { status: 'failed' } }),
			},
		]);
	});

	it.each(['own', 'source', 'untold'] as const)(
		'is not requested again by itself, whatever Retry On Fail says: 4K by its %s ID',
		async (upgrade4kTaskId) => {
			world.sandbox.configure({ upgrade4kTaskId });
			const run = await runToEnd(failing4k(), { node: RETRY_ON_FAIL });
			expect(run.status).toBe('error');
			expect(sent(world, 'get4k')).toHaveLength(1);
			expect(world.sandbox.ledger).toHaveLength(1);
			expect(sent(world, 'recordInfo')).toHaveLength(upgrade4kTaskId === 'source' ? 0 : 1);
		},
	);

	it('is not started again by Retry On Fail, but by a person’s Retry', async () => {
		const failed = await runToEnd(FAILS, { node: RETRY_ON_FAIL });
		expect(failed.status).toBe('error');
		expect(sent(world, 'generate')).toHaveLength(1);

		const retry = world.host.retry(failed.executionId);
		await retry.result;
		expect(sent(world, 'generate')).toHaveLength(2);
		expect(bodies(world, 'generate')[1]).toMatchObject({ prompt: FAILS.prompt });
		await world.host.until(retry.executionId, 'finished');
	});
});

describe('Among several items', () => {
	const three = items({ prompt: 'a' }, { prompt: 'fail: too dark' }, { prompt: 'c' });

	it('a failed task ends the run only when all others are settled, and the error lists them', async () => {
		const run = await runToEnd(PROMPTS, { items: three });
		expect(run.status).toBe('error');
		expect(errorText(run)).toMatch(/too dark.*\[item 1\]/);
		for (const { id, state, videos } of world.sandbox.tasks()) {
			expect(errorText(run)).toContain(id);
			if (state === 'success') expect(errorText(run)).toContain(videos[0]?.url);
		}
		expect(run.runs('After')).toBe(0);
	});

	it('a person’s Retry starts only the failed one anew', async () => {
		const failed = await runToEnd(PROMPTS, { items: three });
		const { executionId } = world.host.retry(failed.executionId);
		await world.host.until(executionId, 'finished');
		expect(bodies(world, 'generate')).toMatchObject(
			['a', 'fail: too dark', 'c', 'fail: too dark'].map((prompt) => ({ prompt })),
		);
	});

	it('what KieAI refuses at once does not keep the others from being waited for', async () => {
		world.sandbox.faults.add({
			endpoint: 'generate',
			kind: 'code',
			code: 400,
			msg: 'Unsafe image',
			after: 1,
		});
		const parked = await world.begin(PROMPTS, {
			items: items({ prompt: 'a' }, { prompt: 'b' }, { prompt: 'c' }),
			node: { onError: 'continueRegularOutput', ...RETRY_ON_FAIL },
		});
		expect(parked.status).toBe('waiting');
		expect(parked.json('KieAI').map((json) => 'error' in json)).toEqual([false, false, false]);
		const run = await finished(parked);
		expect(run.json('After').map(({ status, error }) => status ?? error)).toEqual([
			'succeeded',
			expect.stringContaining('Unsafe image'),
			'succeeded',
		]);
		expect(sent(world, 'generate')).toHaveLength(3);
	});

	it('one that cannot be read leaves in its place, as an error item', async () => {
		const run = await runToEnd(PROMPTS, {
			items: items({ prompt: 'a' }, { prompt: '' }, { prompt: 'c' }),
			node: { onError: 'continueRegularOutput' },
		});
		expect(run.json('After').map(({ status, error }) => status ?? error)).toEqual([
			'succeeded',
			"'Prompt' is empty [item 1]",
			'succeeded',
		]);
		expect(run.items('KieAI').map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 1, 2].map((item) => ({ item })),
		);
	});
});

describe('Nothing is parked', () => {
	it('where nothing was accepted', async () => {
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'code', code: 402 });
		const run = await world.begin(GENERATE);
		expect(run.status).toBe('error');
		expect(errorText(run)).toContain('Add credits');
	});

	it('where nobody knows whether it was accepted: the warning comes at once, and nothing is paid twice', async () => {
		const restore = shortenRequests(400);
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter', times: 'always' });
		const run = await world.begin(GENERATE, { node: RETRY_ON_FAIL });
		restore();
		expect(run.status).toBe('error');
		expect(errorText(run)).toContain('KieAI may have accepted this video');
		expect(world.sandbox.ledger).toHaveLength(1);
		// KieAI calls back for it all the same, and is told that nobody waits.
		await world.sandbox.settled();
	});
});

it('Retry On Fail does not make a parking node run again', async () => {
	world.sandbox.configure(HELD);
	const run = await world.begin(GENERATE, { node: RETRY_ON_FAIL });
	expect(run.status).toBe('waiting');
	expect(world.sandbox.requests).toHaveLength(1);
});

describe('A film that cannot be downloaded', () => {
	const parameters = { ...GENERATE, download: true };
	const breakDownloads = () =>
		world.sandbox.faults.add({ endpoint: 'downloadUrl', kind: 'code', code: 401, times: 'always' });

	it('fails the node, and its link is not lost', async () => {
		breakDownloads();
		const run = await runToEnd(parameters);
		expect(run.status).toBe('error');
		const [task] = world.sandbox.tasks();
		expect(errorText(run)).toContain(task?.id);
		expect(errorText(run)).toContain(task?.videos[0]?.url);
	});

	it('is fetched by a person’s Retry, without another charge or question', async () => {
		breakDownloads();
		const failed = await runToEnd(parameters);
		world.sandbox.faults.clear();
		const run = await world.host.retry(failed.executionId).result;
		expect(run.error()).toBeUndefined();
		expect(run.items('After')[0]?.binary?.['data']).toMatchObject({ mimeType: 'video/mp4' });
		expect(world.sandbox.ledger).toHaveLength(1);
		expect(sent(world, 'generate')).toHaveLength(1);
		expect(sent(world, 'recordInfo')).toHaveLength(1);
	});

	it('is tried again by Retry On Fail', async () => {
		world.sandbox.faults.add({ endpoint: 'downloadUrl', kind: 'code', code: 401 });
		const run = await runToEnd(parameters, { node: RETRY_ON_FAIL });
		expect(run.error()).toBeUndefined();
		expect(run.items('After')[0]?.binary?.['data']).toBeDefined();
		expect(sent(world, 'recordInfo')).toHaveLength(1);
		expect(world.sandbox.ledger).toHaveLength(1);
	});
});

it('What opens the paused execution is not in the items, with Simplify off too', async () => {
	const run = await runToEnd({ ...GENERATE, simplify: false });
	const text = JSON.stringify(run.json('After'));
	expect(text).toContain('paramJson');
	expect(text).not.toContain('webhook-waiting');
	expect(text).not.toContain('signature=');
});

it('KieAI being down when the callback comes does not lose the film', async () => {
	world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'code', code: 401, times: 'always' });
	const run = await runToEnd({ ...GENERATE, simplify: false });
	expect(run.error()).toBeUndefined();
	const items = run.json('After');
	expect(items).toMatchObject([
		{ status: 'succeeded', confirmed: false, videoUrl: expect.any(String) },
	]);
	expect(JSON.stringify(items)).toContain('callBackUrl');
	expect(JSON.stringify(items)).not.toContain('webhook-waiting');
});
