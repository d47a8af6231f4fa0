import { NodeOperationError, type IDataObject, type IWebhookResponseData } from 'n8n-workflow';

import { systemClock } from '../../../nodes/KieAi/protocol/clock';
import { addOrigin, type Origin } from '../../../nodes/KieAi/protocol/origin';
import { signCallback } from '../../../nodes/KieAi/protocol/signature';
import { audienceOf, forgetParking, park, recallParking } from '../../../nodes/KieAi/waiting/park';
import { receiveWakeUp } from '../../../nodes/KieAi/waiting/wake';
import { NOON_MS } from '../support/clock';
import {
	EXECUTION_ID,
	NODE_ID,
	nodeInExecution,
	type Call,
	type Surroundings,
} from '../support/parkedNode';

const API_KEY = 'sk-0123456789';
const HMAC_KEY = 'whsec';
/** Long enough to be told from other words. */
const HMAC_LONG = 'whsec-0123456789';
const FILM = 'https://file.example.com/film.mp4';

const UNPROVEN = [401, { message: 'Unauthorized' }];
const NO_CALLBACK = [400, { message: 'This is no KieAI callback' }];
const LATER = [503, { message: 'Try again later' }];
const OK: IWebhookResponseData = { webhookResponse: { message: 'OK' } };

const input = [{ json: { prompt: 'A fox' } }, { json: { prompt: 'A bear' } }];
const mine: Origin = { kind: 'generate', item: 1, run: 0 };

beforeEach(() => void jest.spyOn(systemClock, 'now').mockReturnValue(NOON_MS));
afterEach(() => jest.restoreAllMocks());

/** As many executions as tests: this process remembers which of them it has woken. */
let executions = 0;

/** A node that has parked with two items, and waits for the second one's task. */
async function parked(surroundings: Surroundings = {}) {
	const world = nodeInExecution(surroundings);
	world.node.id = `${NODE_ID} ${++executions}`;
	const error = new NodeOperationError(world.node, 'Too late');
	const items: Array<{ json: IDataObject }> = [
		{ json: { status: 'succeeded', taskId: 'veo_0' } },
		{ json: { status: 'timedOut', taskId: 'veo_1', videoTaskId: 'veo_1', kind: 'generate' } },
	];
	const parking = {
		executionId: EXECUTION_ID,
		runIndex: 0,
		deadline: NOON_MS,
		awaited: [{ item: 1, taskIds: ['veo_1', 'veo_source'] }],
		input,
		state: 'started',
		times: 1,
	};
	const parkAgain = async (times: number) =>
		await park(world.executing, { ...parking, times }, { items, error });
	await parkAgain(1);
	const recall = () => recallParking(world.executing, parking);
	return {
		...world,
		parkAgain,
		recall,
		async call(changes: Call = {}) {
			const call = { body: success(), query: proof(world.node.id), ...changes };
			return await receiveWakeUp(world.called(call));
		},
		expectUnharmed() {
			expect(world.node.disabled).toBe(true);
			expect(world.entry.metadata).toEqual({ resumeError: error });
			expect(recall()).not.toHaveProperty('callbacks');
		},
	};
}

function success(taskId = 'veo_1'): object {
	return { code: 200, msg: 'Video generated.', data: { taskId, info: { resultUrls: [FILM] } } };
}

function proof(nodeId: string, origin = mine, key = API_KEY, execution = EXECUTION_ID) {
	const url = addOrigin('https://n8n', origin, key, audienceOf(execution, nodeId));
	return Object.fromEntries(new URL(url).searchParams);
}

function signature(key: string, ageSeconds = 0, taskId = 'veo_1') {
	const timestamp = String(NOON_MS / 1000 - ageSeconds);
	return {
		'x-webhook-timestamp': timestamp,
		'x-webhook-signature': signCallback(taskId, timestamp, key),
	};
}

describe('A proven callback', () => {
	it('has the node run again, with its first input and what the callback says', async () => {
		const { call, node, entry, refusals, logged, recall } = await parked();

		expect(await call()).toEqual({ ...OK, workflowData: [input] });
		expect(node).not.toHaveProperty('disabled');
		expect(entry.metadata).toEqual({});
		expect(recall()?.callbacks).toMatchObject([
			{ item: 1, task: { taskId: 'veo_1', kind: 'generate', videoUrl: FILM } },
		]);
		expect({ refusals, logged }).toEqual({ refusals: [], logged: [] });
	});

	it('wakes again where n8n could not begin', async () => {
		const { call, answered, node } = await parked();
		await call();
		answered(500);
		node.disabled = true;

		expect(await call()).toHaveProperty('workflowData');
	});

	it('wakes once where n8n has begun', async () => {
		const { call, answered, refusals } = await parked();
		await call();
		answered(200);

		await call();
		expect(refusals).toEqual([LATER]);
	});

	it('leaves no key behind that it repeats', async () => {
		const { call, recall } = await parked({
			credential: { apiKey: API_KEY, webhookHmacSecret: HMAC_LONG },
		});
		const msg = `No such key: ${API_KEY}, ${HMAC_LONG}`;

		await call({
			body: { code: 501, msg, data: { taskId: 'veo_1' } },
			headers: signature(HMAC_LONG),
		});
		expect(recall()?.callbacks).toMatchObject([
			{
				task: {
					errorMessage: 'No such key: [key], [key]',
					raw: { msg: 'No such key: [key], [key]' },
				},
			},
		]);
	});

	it('may name the task by its source', async () => {
		const { call } = await parked();
		expect(await call({ body: success('veo_source') })).toHaveProperty('workflowData');
	});

	it.each([0, 300, -300])('may be signed %i seconds ago', async (age) => {
		const { call } = await parked({
			credential: { apiKey: API_KEY, webhookHmacSecret: HMAC_KEY },
		});
		expect(await call({ headers: signature(HMAC_KEY, age) })).toHaveProperty('workflowData');
	});

	it('is told to come again where another one has woken the node meanwhile', async () => {
		const { call, refusals, parkAgain, recall } = await parked();
		await call();
		await parkAgain(1);

		expect(await call()).toEqual({ noWebhookResponse: true });
		expect(refusals).toEqual([LATER]);
		await parkAgain(2);
		expect(await call()).toHaveProperty('workflowData');
		expect(recall()?.callbacks).toHaveLength(1);
	});
});

describe('Without effect', () => {
	it.each<[string, (nodeId: string) => Call]>([
		['no proof', () => ({ query: {} })],
		['the proof of another key', (id) => ({ query: proof(id, mine, 'sk-guess') })],
		['that of another node', () => ({ query: proof('another') })],
		['that of another execution', (id) => ({ query: proof(id, mine, API_KEY, '43') })],
		['one that names no item', (id) => ({ query: proof(id, { kind: 'generate', run: 0 }) })],
	])('is a callback with %s', async (_what, change) => {
		const { call, node, refusals, logged, expectUnharmed } = await parked();
		expect(await call(change(node.id))).toEqual({ noWebhookResponse: true });
		expect(refusals).toEqual([UNPROVEN]);
		expect(logged).toEqual([expect.stringContaining('API key')]);
		expectUnharmed();
	});

	it.each<[string, IDataObject]>([
		['no signature', {}],
		['one of another key', signature('guess')],
		['one of another task', signature(HMAC_KEY, 0, 'veo_2')],
		['one that is too old', signature(HMAC_KEY, 301)],
		['one of the future', signature(HMAC_KEY, -301)],
	])('is a callback with %s, where the account signs', async (_what, headers) => {
		const { call, refusals, logged, expectUnharmed } = await parked({
			credential: { apiKey: API_KEY, webhookHmacSecret: ` ${HMAC_KEY} ` },
		});
		expect(await call({ headers })).toEqual({ noWebhookResponse: true });
		expect(refusals).toEqual([UNPROVEN]);
		expect(logged).toEqual([expect.stringMatching(/'Webhook HMAC Key'.* 300 seconds/)]);
		expectUnharmed();
	});

	it('is a proof made with no key, where the credential has none', async () => {
		const { call, node, refusals, expectUnharmed } = await parked({ credential: {} });
		await call({ query: proof(node.id, mine, '') });
		expect(refusals).toEqual([UNPROVEN]);
		expectUnharmed();
	});

	it.each([undefined, 'hello', { code: 200 }, { ...success(), code: undefined }])(
		'is what is no callback: %p',
		async (body) => {
			const { call, credentialsRead, refusals, expectUnharmed } = await parked();
			expect(await call({ body, query: {} })).toEqual({ noWebhookResponse: true });
			expect(refusals).toEqual([NO_CALLBACK]);
			expect(credentialsRead).toEqual([]);
			expectUnharmed();
		},
	);

	it('is one that is nested too deep to be looked through for keys', async () => {
		const { call, refusals, expectUnharmed } = await parked();
		let deep: unknown = [];
		for (let depth = 0; depth < 100_000; depth++) deep = [deep];

		expect(await call({ body: { ...success(), deep } })).toEqual({ noWebhookResponse: true });
		expect(refusals).toEqual([NO_CALLBACK]);
		expectUnharmed();
	});

	it.each<[string, (nodeId: string) => Call]>([
		['a task that nobody waits for', () => ({ body: success('veo_2') })],
		['an item that waits for nothing', (id) => ({ query: proof(id, { ...mine, item: 0 }) })],
		['another run of the node', (id) => ({ query: proof(id, { ...mine, run: 1 }) })],
	])('is a callback for %s', async (_what, change) => {
		const { call, node, refusals, logged, expectUnharmed } = await parked();
		expect(await call(change(node.id))).toEqual(OK);
		expect(refusals).toEqual([]);
		expect(logged).toEqual([expect.stringMatching(/^KieAI has called about 'veo_[12]', and/)]);
		expectUnharmed();
	});

	it('is one that comes while the credential cannot be read, of which the log tells', async () => {
		const { call, refusals, logged, expectUnharmed } = await parked({
			credential: new Error('No such credential'),
		});
		expect(await call()).toEqual({ noWebhookResponse: true });
		expect(refusals).toEqual([LATER]);
		expect(logged).toEqual(['KieAI cannot receive a callback: Error: No such credential']);
		expectUnharmed();
	});
});

describe('Where n8n does not let itself be reached into', () => {
	const task = { status: 'succeeded', taskId: 'veo_1', videoUrl: FILM };

	it('the node passes on what the callback says, and what else is known', async () => {
		const { call, parkedItems } = await parked({ isOpen: false });
		const other = { status: 'timedOut', taskId: 'veo_2', videoTaskId: 'veo_2' };
		const done = { status: 'succeeded', taskId: 'veo_0' };
		parkedItems(
			{ json: done },
			{ json: { ...task, status: 'timedOut', videoUrl: null } },
			{ json: other },
		);

		const answer = await call();
		expect(answer).toEqual({
			...OK,
			workflowData: [
				[
					{ json: done, pairedItem: { item: 0 } },
					{ json: expect.objectContaining(task), pairedItem: { item: 1 } },
					{ json: { ...other, status: 'processing' }, pairedItem: { item: 2 } },
				],
			],
		});
		expect(answer.workflowData?.[0]?.[1]?.json).not.toHaveProperty('raw');
	});

	it('it does so, too, where the node remembers nothing', async () => {
		const { call, executing } = await parked();
		forgetParking(executing);
		const { workflowData } = await call();
		expect(workflowData?.[0]?.[1]?.json).toMatchObject(task);
	});

	it('it tells all where the user wants it all', async () => {
		const { call } = await parked({ isOpen: false, simplify: false });
		const { workflowData } = await call();
		expect(workflowData?.[0]?.[1]?.json).toMatchObject({ ...task, raw: success() });
	});
});
