import type { IDataObject } from 'n8n-workflow';

import { bodies, errorText, first, GENERATE, items, sent, useWorld } from './support/action';
import { chain } from './support/engine';
import type { Run } from './support/types';
import { KIEAI_NODE, KIEAI_TRIGGER_NODE } from './support/world';

const world = useWorld();

const WITHOUT_WAITING = { ...GENERATE, waitForResult: 'none' };
const TO_TRIGGER = { ...WITHOUT_WAITING, sendCallbackTo: 'trigger' };

const callbackUrl = () => `${world.sandbox.otherHost.url}/callback?row=1`;
const toUrl = (more: object = {}) => ({
	...WITHOUT_WAITING,
	sendCallbackTo: 'url',
	callbackUrl: callbackUrl(),
	...more,
});

function sentCallbackUrl(endpoint: 'generate' | 'extend' | 'get4k' = 'generate'): URL | undefined {
	const [body] = bodies(world, endpoint) as Array<{ callBackUrl?: string }>;
	return body?.callBackUrl === undefined ? undefined : new URL(body.callBackUrl);
}

/** What the node wrote into the callback URL, unsigned. */
function origin(url: URL | undefined): unknown {
	const [payload = ''] = url?.searchParams.get('kieai')?.split('.') ?? [];
	return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

/** Runs the node in an active workflow that has a KieAI Trigger too; tells the trigger's URL. */
async function runBesideTrigger(parameters: IDataObject): Promise<string> {
	const workflow = chain(
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		{ name: 'KieAI', type: KIEAI_NODE, parameters: parameters as never },
	);
	workflow.nodes.push({ name: 'Trigger', type: KIEAI_TRIGGER_NODE });
	const host = await world.engine.host();
	await host.activate(workflow, { credentials: world.credentials });
	const run = await host.run(workflow, { credentials: world.credentials, startNode: 'Start' });
	const { production } = host.url(workflow, 'Trigger');
	await host.close();
	expect(run.error()).toBeUndefined();
	return production;
}

describe('Do Not Wait', () => {
	it('sends all items and asks for none', async () => {
		const run = await world.run(WITHOUT_WAITING, { items: items({}, {}, {}) });
		expect(run.json('KieAI').map(({ status }) => status)).toEqual(Array(3).fill('processing'));
		expect(sent(world, 'recordInfo')).toEqual([]);
		expect(world.sandbox.ledger.map(({ taskId }) => taskId).sort()).toEqual(
			run
				.json('KieAI')
				.map(({ taskId }) => taskId)
				.sort(),
		);
	});

	it('outputs a film that is there already', async () => {
		const { id } = world.sandbox.addTask();
		await world.run({ operation: 'get4k', taskId: id });
		const run = await world.run({ operation: 'get4k', taskId: id, waitForResult: 'none' });
		expect(first(run)).toMatchObject({ status: 'succeeded', videoUrl: expect.any(String) });
		expect(world.sandbox.ledger).toHaveLength(1);
	});
});

describe('Send Callback To', () => {
	it('Nobody sends no callback URL', async () => {
		await world.run(WITHOUT_WAITING);
		expect(bodies(world, 'generate')).toEqual([{ prompt: GENERATE.prompt }]);
	});

	it('is not looked at where the node waits', async () => {
		await world.run({ ...toUrl(), waitForResult: 'poll' });
		expect(sentCallbackUrl()).toBeUndefined();
	});

	it('A URL sends that URL with what it is a callback for, signed', async () => {
		await world.run(toUrl());
		const url = sentCallbackUrl();
		expect(url?.searchParams.get('kieai')).toMatch(/^[\w-]+\.[\w-]{43}$/);
		expect(origin(url)).toEqual({ kind: 'generate' });
		url?.searchParams.delete('kieai');
		expect(url?.href).toBe(callbackUrl());
	});

	it('A URL is where KieAI posts the result', async () => {
		const run = await world.run(toUrl());
		await world.sandbox.advance(100);
		await world.sandbox.settled();
		expect(world.sandbox.otherHost.requests).toEqual([
			expect.objectContaining({
				method: 'POST',
				path: expect.stringMatching(/^\/callback\?row=1&kieai=[\w-]+\.[\w-]+$/),
				body: expect.objectContaining({
					data: expect.objectContaining({ taskId: first(run).taskId }),
				}),
			}),
		]);
	});

	it('A URL carries the metadata, signed, beside what was in it', async () => {
		const run = await world.run(toUrl({ metadata: '{"row": 12}', simplify: false }));
		const url = sentCallbackUrl();
		expect(url?.searchParams.get('row')).toBe('1');
		expect(url?.searchParams.get('kieai')).toMatch(/^[\w-]+\.[\w-]{43}$/);
		expect(origin(url)).toEqual({ kind: 'generate', metadata: { row: 12 } });
		expect(first(run)).toMatchObject({ metadata: { row: 12 } });
	});

	it('A URL has no quotes left, which would end it where it is to be hidden', async () => {
		await world.run(toUrl({ callbackUrl: `${callbackUrl()}&filter="a"` }));
		expect(sentCallbackUrl()?.href).toContain('&filter=%22a%22&kieai=');
		expect(bodies(world, 'generate')[0]).toEqual(
			expect.objectContaining({ callBackUrl: expect.not.stringContaining('"') as string }),
		);
	});

	it('A URL takes metadata from an expression', async () => {
		await world.run(toUrl({ metadata: '={{ $json }}' }), { items: items({ customer: 'Ada' }) });
		expect(origin(sentCallbackUrl())).toMatchObject({ metadata: { customer: 'Ada' } });
	});

	it('KieAI Trigger in This Workflow sends the URL that the trigger left', async () => {
		const triggerUrl = await runBesideTrigger(TO_TRIGGER);
		const url = sentCallbackUrl();
		expect(url?.href.split('?')[0]).toBe(triggerUrl);
		expect(origin(url)).toEqual({ kind: 'generate' });
	});

	it.each([
		['get4k', { operation: 'get4k', index: 1 }, { kind: 'upgrade4k', index: 1 }],
		['extend', { operation: 'extend', prompt: 'On' }, { kind: 'extend' }],
	] as const)(
		'KieAI Trigger in This Workflow says what it is a callback for: %s',
		async (endpoint, parameters, expected) => {
			const { id } = world.sandbox.addTask({ videos: 2 });
			await runBesideTrigger({ ...TO_TRIGGER, ...parameters, taskId: id });
			expect(origin(sentCallbackUrl(endpoint))).toEqual({ sourceTaskId: id, ...expected });
		},
	);

	it('says so where KieAI calls back whoever asked for the 4K video before', async () => {
		const { id } = world.sandbox.addTask();
		const get4k = { ...toUrl(), operation: 'get4k', taskId: id };
		const hints = (run: Run) => run.hints('KieAI').map(({ message }) => message);
		const asked = await world.run(get4k);
		const repeated = await world.run(get4k);
		const silent = await world.run({ ...get4k, sendCallbackTo: 'nobody' });

		expect(hints(asked)).toEqual([]);
		expect(hints(repeated)).toEqual([expect.stringContaining('calls back whoever asked first')]);
		expect(hints(silent)).toEqual([]);
		expect(first(repeated)).toMatchObject({ status: 'processing', videoTaskId: id });
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('does not say so where the 4K video is there', async () => {
		const { id } = world.sandbox.addTask();
		await world.run({ operation: 'get4k', taskId: id });
		const run = await world.run({ ...toUrl(), operation: 'get4k', taskId: id });
		expect(first(run)).toMatchObject({ status: 'succeeded' });
		expect(run.hints('KieAI')).toEqual([]);
	});

	it.each([
		['callback URLs', { callbackUrl: '={{ $json.url }}' }],
		['metadata', { metadata: '={{ { row: $json.row } }}' }],
	])('is refused where items for one video have different %s', async (_name, more) => {
		const { id } = world.sandbox.addTask();
		const url = callbackUrl();
		const run = await world.run(
			{ ...toUrl(more), operation: 'get4k', taskId: id },
			{ items: items({ url, row: 1 }, { url: `${url}2`, row: 2 }) },
		);
		expect(errorText(run)).toContain(
			'Items 0 and 1 ask for the same video, with different callbacks',
		);
		expect(errorText(run)).toContain('Nothing was sent for them.');
		expect(world.sandbox.requests).toEqual([]);
	});

	it('is refused for those items alone where On Error is set to continue', async () => {
		const [shared, other] = [world.sandbox.addTask(), world.sandbox.addTask()];
		const run = await world.run(
			{
				...toUrl({ metadata: '={{ { row: $json.row } }}' }),
				operation: 'get4k',
				taskId: '={{ $json.id }}',
			},
			{
				items: items(
					{ id: shared.id, row: 1 },
					{ id: other.id, row: 2 },
					{ id: shared.id, row: 3 },
				),
				node: { onError: 'continueRegularOutput' },
			},
		);
		const conflict = {
			error: expect.stringMatching(/^Items 0 and 2 ask for the same video/),
			details: expect.objectContaining({ status: 'failed', videoTaskId: shared.id }),
		};
		expect(run.json('KieAI')).toEqual([
			expect.objectContaining(conflict),
			expect.objectContaining({ status: 'processing', videoTaskId: other.id }),
			expect.objectContaining(conflict),
		]);
		expect(bodies(world, 'get4k')).toMatchObject([{ taskId: other.id }]);
	});

	it('is one request where items for one video have the same', async () => {
		const { id } = world.sandbox.addTask();
		const metadata = { row: 12 };
		const run = await world.run(
			{ ...toUrl({ metadata: JSON.stringify(metadata) }), operation: 'get4k', taskId: id },
			{ items: items({}, {}) },
		);
		expect(sent(world, 'get4k')).toHaveLength(1);
		expect(origin(sentCallbackUrl('get4k'))).toMatchObject({ sourceTaskId: id, metadata });
		expect(run.json('KieAI').map(({ videoTaskId }) => videoTaskId)).toEqual([id, id]);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('KieAI Trigger in This Workflow is refused where none is active', async () => {
		const run = await world.run(TO_TRIGGER);
		expect(errorText(run)).toContain(
			"'Send Callback To' is 'KieAI Trigger in This Workflow', and there is no published one",
		);
		expect(errorText(run)).toContain('publish (activate) the workflow');
		expect(errorText(run)).toContain('In n8n 1.x, runs started in the editor do not see it');
		expect(world.sandbox.requests).toEqual([]);
	});
});
