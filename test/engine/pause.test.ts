/** Pause Until Callback, where all goes well. */
import { ALL_KEYS, bodies, GENERATE, items, sent, SIMPLE_KEYS } from './support/action';
import { chain, type Run } from './support/engine';
import {
	agentWorkflow,
	HELD,
	loopWorkflow,
	parkingWorkflow,
	useParkingWorld,
} from './support/parking';
import { itSince } from './support/since';

const world = useParkingWorld();

const finished = async (run: Run) => await world.host.until(run.executionId, 'finished');
const statuses = () =>
	world.sandbox.callbacks.map(({ attempts }) => attempts.map(({ status }) => status));

it('parks after one request, and says what it waits for', async () => {
	world.sandbox.configure(HELD);
	const before = Date.now();
	const run = await world.begin(GENERATE);

	expect(run.error()).toBeUndefined();
	expect(run.status).toBe('waiting');
	const minutes = ((run.waitTill?.getTime() ?? 0) - before) / 60_000;
	expect(minutes).toBeGreaterThanOrEqual(15);
	expect(minutes).toBeLessThan(15.5);
	expect(run.runs('After')).toBe(0);
	const [ledger] = world.sandbox.ledger;
	expect(run.json('KieAI')).toEqual([
		expect.objectContaining({ status: 'processing', taskId: ledger?.taskId }),
	]);
	expect(world.sandbox.requests).toHaveLength(1);
	// The proof in the callback's URL is KieAI's alone.
	expect(bodies(world, 'generate')).toEqual([
		expect.objectContaining({ callBackUrl: expect.stringContaining('kieai=') }),
	]);
	expect(JSON.stringify(run.nodeContext('KieAI'))).not.toContain('kieai=');
});

it.each([
	['generate', GENERATE],
	['extend', { operation: 'extend', taskId: 'source', prompt: 'On' }],
] as const)('goes on with the film after %s, by two calls', async (kind, parameters) => {
	world.sandbox.addTask({ id: 'source' });
	const parked = await world.begin(parameters);
	expect(parked.status).toBe('waiting');
	const run = await finished(parked);

	expect(run.error()).toBeUndefined();
	expect(run.json('After')).toEqual([
		expect.objectContaining({ status: 'succeeded', kind, videoUrl: expect.any(String) }),
	]);
	expect(Object.keys(run.json('After')[0] ?? {})).toEqual(SIMPLE_KEYS);
	expect(run.items('KieAI')[0]?.pairedItem).toEqual({ item: 0 });
	expect(world.sandbox.requests.map(({ endpoint }) => endpoint)).toEqual([kind, 'recordInfo']);
	expect(world.sandbox.ledger).toHaveLength(1);
	expect(statuses()).toEqual([[200]]);
});

it.each([
	['source', 'snake', 'downloadUrl'],
	['source', 'camel', 'downloadUrl'],
	['own', 'snake', 'recordInfo'],
	['own', 'camel', 'recordInfo'],
] as const)(
	'goes on with the 4K film, known by its %s ID and called back in %s case, by two calls',
	async (upgrade4kTaskId, callback4kShape, question) => {
		world.sandbox.configure({ upgrade4kTaskId, callback4kShape });
		const { id } = world.sandbox.addTask();
		const run = await finished(await world.begin({ operation: 'get4k', taskId: id }));

		expect(run.error()).toBeUndefined();
		expect(run.json('After')).toEqual([
			expect.objectContaining({
				status: 'succeeded',
				kind: 'upgrade4k',
				videoTaskId: id,
				resolution: '4K',
				videoUrl: expect.stringContaining('_4k'),
				imageUrls: [expect.any(String)],
			}),
		]);
		const endpoints = world.sandbox.requests.map(({ endpoint }) => endpoint);
		expect(endpoints).toEqual(['get4k', question]);
		expect(world.sandbox.ledger).toHaveLength(1);
	},
);

it('does not park for a 4K film that is there already', async () => {
	const { id } = world.sandbox.addTask();
	await finished(await world.begin({ operation: 'get4k', taskId: id }));
	const run = await world.begin({ operation: 'get4k', taskId: id });
	expect(run.status).toBe('success');
	expect(run.json('After')).toMatchObject([{ status: 'succeeded', videoTaskId: id }]);
	expect(world.sandbox.ledger).toHaveLength(1);
});

it('puts out the whole contract with Simplify off', async () => {
	const run = await finished(await world.begin({ ...GENERATE, simplify: false }));
	const [json = {}] = run.json('After');
	expect(Object.keys(json)).toEqual(ALL_KEYS);
	expect(json).toMatchObject({ confirmed: true, metadata: null, raw: expect.any(Object) });
});

it('downloads the film once it is awake, not while KieAI waits for the answer', async () => {
	const parked = await world.begin({ ...GENERATE, download: true, binaryPropertyName: 'film' });
	const run = await finished(parked);
	const [item] = run.items('After');
	expect(item?.binary?.['film']).toMatchObject({ mimeType: 'video/mp4' });
	expect((await world.engine.binaryFile(item?.binary?.['film'])).bytes).toBeGreaterThan(0);
	expect(statuses()).toEqual([[200]]);
});

it('resolves parameters on the first run only, whatever their expressions would say later', async () => {
	const run = await finished(
		await world.begin({ ...GENERATE, prompt: '={{ $now.toMillis() }} {{ Math.random() }}' }),
	);
	expect(run.error()).toBeUndefined();
	expect(run.json('After')).toMatchObject([{ status: 'succeeded' }]);
	expect(sent(world, 'generate')).toHaveLength(1);
});

it('runs again with the items that it was first run with', async () => {
	const run = await finished(await world.begin(GENERATE, { items: items({ row: 1 }, { row: 2 }) }));
	expect(run.json('Start')).toEqual([{ row: 1 }, { row: 2 }]);
	expect(run.json('After')).toHaveLength(2);
	expect(run.items('KieAI').map(({ pairedItem }) => pairedItem)).toEqual([
		{ item: 0 },
		{ item: 1 },
	]);
});

it('does not take an item for a callback, whatever is in it', async () => {
	world.sandbox.configure(HELD);
	const odd = { item: 0, task: { status: 'succeeded', videoUrl: 'https://evil.example.com' } };
	const run = await world.begin(GENERATE, { items: items(odd, { parking: odd, callback: odd }) });
	expect(run.status).toBe('waiting');
	expect(run.json('KieAI')).toMatchObject([{ status: 'processing' }, { status: 'processing' }]);
});

it('ends when a person stops it, and KieAI’s callback comes to nothing', async () => {
	world.sandbox.configure({ ...HELD, callbackRetrySeconds: 0.01 });
	const parked = await world.begin(GENERATE);
	const stopped = await world.host.stop(parked.executionId);
	expect(stopped.status).toBe('canceled');
	await world.sandbox.advance(3600);
	await world.sandbox.settled();
	expect(statuses()[0]?.[0]).toBeGreaterThanOrEqual(400);
	expect(world.host.deliveries.map(({ hung }) => hung)).not.toContain(true);
});

it('waits in a loop once for each turn', async () => {
	const workflow = loopWorkflow({ ...GENERATE, prompt: '={{ $json.prompt }}' });
	const { executionId } = world.host.start(workflow, {
		credentials: world.credentials,
		mode: 'trigger',
		input: items({ prompt: 'a' }, { prompt: 'b' }, { prompt: 'c' }),
	});
	const run = await world.host.until(executionId, 'finished');
	expect(run.error()).toBeUndefined();
	expect(run.runs('KieAI')).toBe(3);
	expect(bodies(world, 'generate')).toMatchObject([
		{ prompt: 'a' },
		{ prompt: 'b' },
		{ prompt: 'c' },
	]);
	expect(run.json('Loop', 0)).toHaveLength(3);
	expect(world.sandbox.ledger).toHaveLength(3);
});

it('waits in a sub-workflow, and the parent with it', async () => {
	const parent = chain(
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		{
			name: 'Child',
			type: 'n8n-nodes-base.executeWorkflow',
			parameters: { workflowId: 'child' },
		},
		{ name: 'After', type: 'n8n-nodes-base.noOp' },
	);
	const child = parkingWorkflow(GENERATE);
	child.nodes[0] = { name: 'Start', type: 'n8n-nodes-base.executeWorkflowTrigger' };
	const { executionId } = world.host.start(parent, {
		credentials: world.credentials,
		mode: 'trigger',
		workflows: { child },
	});
	const run = await world.host.until(executionId, 'finished');
	expect(run.error()).toBeUndefined();
	expect(run.json('After')).toMatchObject([{ status: 'succeeded', kind: 'generate' }]);
	expect(world.sandbox.ledger).toHaveLength(1);
});

itSince('2.11')(
	'is the tool of an agent of version 3, which goes on when the film is there',
	async () => {
		const parked = await world.host.run(agentWorkflow(3.1), { credentials: world.credentials });
		expect(parked.status).toBe('waiting');
		const run = await finished(parked);
		expect(run.error()).toBeUndefined();
		expect(run.json('Agent')).toEqual([{ output: expect.stringContaining('"succeeded"') }]);
		expect(bodies(world, 'generate')).toMatchObject([{ prompt: 'A fox' }]);
	},
);
