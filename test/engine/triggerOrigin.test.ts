import type { INodeParameters } from 'n8n-workflow';

import type { SettingsChange } from '../sandbox';
import {
	ACTION,
	callback,
	filmsOf,
	openTriggerWorld,
	type Hosted,
	type TriggerWorld,
} from './support/trigger';

let world: TriggerWorld;

beforeAll(async () => {
	world = await openTriggerWorld();
});
afterEach(async () => {
	const leftovers = world.leftovers();
	await world.sandbox.reset();
	expect(leftovers).toEqual([]);
});
afterAll(async () => await world.close());

const metadata = { row: 12, customer: { name: 'Zoë & Söhne', tags: ['a', 'b'] } };

/** Do Not Wait, with the callback to the trigger in the same workflow. */
function sendToTrigger(parameters: INodeParameters): INodeParameters {
	return { waitForResult: 'none', sendCallbackTo: 'trigger', metadata, ...parameters };
}

function source(options: Parameters<TriggerWorld['sandbox']['addTask']>[0] = {}) {
	return world.sandbox.addTask({ ageSeconds: 1000, ...options });
}

/** Runs the action, lets KieAI finish, and tells how the trigger answered. */
async function sendAndFinish(trigger: Hosted, items?: Array<Record<string, string>>) {
	const run = await trigger.send(items);
	expect(run.error()).toBeUndefined();
	await world.finishTasks();
	return world.sandbox.callbacks.flatMap(({ attempts }) => attempts.map(({ status }) => status));
}

describe('a callback to the KieAI Trigger in this workflow', () => {
	it('brings back a generated video with its metadata', async () => {
		const action = sendToTrigger({ operation: 'generate', prompt: 'A red fox' });
		const trigger = await world.publish({}, { action });

		expect(await sendAndFinish(trigger)).toEqual([200]);

		const [task] = world.sandbox.tasks();
		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				kind: 'generate',
				status: 'succeeded',
				taskId: task?.id,
				videoTaskId: task?.id,
				videoUrl: task?.videos[0]?.url,
				sourceTaskId: null,
				index: null,
				metadata,
				confirmed: true,
			}),
		]);
	});

	it('brings back a failed video with its metadata', async () => {
		const action = sendToTrigger({ operation: 'generate', prompt: 'fail: content policy' });
		const trigger = await world.publish({}, { action });

		expect(await sendAndFinish(trigger)).toEqual([200]);

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				kind: 'generate',
				status: 'failed',
				errorMessage: 'content policy',
				metadata,
			}),
		]);
	});

	it('brings back an extension with the video that it continues', async () => {
		const { id } = source();
		const action = sendToTrigger({ operation: 'extend', taskId: id, prompt: 'It stops' });
		const trigger = await world.publish({}, { action });

		expect(await sendAndFinish(trigger)).toEqual([200]);

		const extension = world.sandbox.tasks().find(({ kind }) => kind === 'extend');
		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				kind: 'extend',
				taskId: extension?.id,
				videoTaskId: extension?.id,
				videoUrl: extension?.videos[0]?.fullUrl,
				sourceTaskId: id,
				metadata,
			}),
		]);
	});

	const shapes: Array<[string, SettingsChange]> = [
		['the source’s task ID', { upgrade4kTaskId: 'source', callback4kShape: 'snake' }],
		['the source’s task ID, nested', { upgrade4kTaskId: 'source', callback4kShape: 'camel' }],
		['a task ID of its own', { upgrade4kTaskId: 'own', callback4kShape: 'snake' }],
		['a task ID of its own, nested', { upgrade4kTaskId: 'own', callback4kShape: 'camel' }],
		['lists as JSON text', { upgrade4kTaskId: 'own', arrayShape: 'json' }],
		['lists as bare text', { upgrade4kTaskId: 'own', arrayShape: 'text' }],
	];

	it.each(shapes)('brings back a 4K video under %s', async (_, settings) => {
		world.sandbox.configure(settings);
		const { id } = source({ videos: 2 });
		const action = sendToTrigger({ operation: 'get4k', taskId: id, index: 1 });
		const trigger = await world.publish({}, { action });

		expect(await sendAndFinish(trigger)).toEqual([200]);

		const upgraded = world.sandbox.tasks().find(({ kind }) => kind === 'upgrade4k');
		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				kind: 'upgrade4k',
				status: 'succeeded',
				taskId: upgraded?.id,
				videoTaskId: id,
				sourceTaskId: id,
				index: 1,
				resolution: '4K',
				resultUrls: upgraded && filmsOf(upgraded),
				metadata,
				confirmed: true,
			}),
		]);
	});

	it.each([
		['source', false],
		['own', true],
	] as const)(
		'brings back a failed 4K video under its %s task ID, confirmed: %s',
		async (upgrade4kTaskId, confirmed) => {
			world.sandbox.configure({ upgrade4kTaskId });
			const { id } = source({ prompt: 'fail 4k' });
			const action = sendToTrigger({ operation: 'get4k', taskId: id });
			const trigger = await world.publish({}, { action });

			expect(await sendAndFinish(trigger)).toEqual([200]);

			expect(await trigger.started()).toEqual([
				expect.objectContaining({
					kind: 'upgrade4k',
					status: 'failed',
					videoTaskId: id,
					sourceTaskId: id,
					index: 0,
					metadata,
					confirmed,
				}),
			]);
		},
	);

	it('brings every item its own metadata', async () => {
		const action = sendToTrigger({
			operation: 'generate',
			prompt: '={{ $json.prompt }}',
			metadata: '={{ { "prompt": $json.prompt } }}',
		});
		const trigger = await world.publish({}, { action });

		await sendAndFinish(trigger, [{ prompt: 'A fox' }, { prompt: 'A hare' }, { prompt: 'An owl' }]);

		const promptOf = new Map(world.sandbox.tasks().map(({ id, prompt }) => [id, prompt]));
		const started = await trigger.started();
		expect(started).toHaveLength(3);
		expect(started.map((item) => item['metadata'])).toEqual(
			started.map((item) => ({ prompt: promptOf.get(String(item['taskId'])) })),
		);
	});

	it('says null where there is no metadata', async () => {
		const action = sendToTrigger({ operation: 'generate', prompt: 'A red fox', metadata: '{}' });
		const trigger = await world.publish({}, { action });

		await sendAndFinish(trigger);

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ kind: 'generate', metadata: null }),
		]);
	});

	it('tells the action’s own item its metadata too', async () => {
		const action = sendToTrigger({ operation: 'generate', prompt: 'A fox', simplify: false });
		const trigger = await world.publish({}, { action });

		const run = await trigger.send();

		expect(run.json(ACTION)).toEqual([
			expect.objectContaining({ status: 'processing', metadata, taskId: expect.any(String) }),
		]);
	});

	it('is refused, and nothing sent, while the trigger is not active', async () => {
		const action = sendToTrigger({ operation: 'generate', prompt: 'A red fox' });
		const trigger = await world.host({}, { action });

		const run = await trigger.send();

		expect(run.error()?.message).toContain("'KieAI Trigger in This Workflow'");
		expect(world.sandbox.requests).toEqual([]);
	});

	it('is refused, and nothing sent, after the trigger was deactivated', async () => {
		const action = sendToTrigger({ operation: 'generate', prompt: 'A red fox' });
		const trigger = await world.publish({}, { action });
		await trigger.host.deactivate(trigger.workflow);

		const run = await trigger.send();

		expect(run.error()?.message).toContain("'KieAI Trigger in This Workflow'");
		expect(world.sandbox.requests).toEqual([]);
	});
});

describe('a callback to a URL', () => {
	/** A trigger, and another workflow whose action has its URL. */
	async function pair(query: string, parameters: INodeParameters) {
		const trigger = await world.publish();
		const { production } = trigger.host.url(trigger.workflow, 'KieAI Trigger');
		const sender = await world.host(
			{},
			{
				action: {
					operation: 'generate',
					prompt: 'A red fox',
					waitForResult: 'none',
					sendCallbackTo: 'url',
					callbackUrl: production + query,
					...parameters,
				},
			},
		);
		await sendAndFinish(sender);
		return { trigger, production, sent: world.sandbox.tasks()[0]?.callBackUrl };
	}

	it('brings its metadata to the trigger of another workflow', async () => {
		const { trigger } = await pair('', { metadata });

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ kind: 'generate', metadata, confirmed: true }),
		]);
	});

	it('adds nothing but its own parameter where there is no metadata', async () => {
		const { trigger, production, sent } = await pair('?row=1', {});

		const url = new URL(sent ?? '');
		expect(url.searchParams.get('kieai')).toMatch(/^[\w-]+\.[\w-]{43}$/);
		url.searchParams.delete('kieai');
		expect(url.href).toBe(`${production}?row=1`);
		expect(await trigger.started()).toEqual([
			expect.objectContaining({ kind: 'generate', metadata: null, confirmed: true }),
		]);
	});

	it.each(['source', 'own'] as const)(
		'tells the trigger of another workflow which 4K video it is for (%s task ID)',
		async (upgrade4kTaskId) => {
			world.sandbox.configure({ upgrade4kTaskId });
			const { id } = source({ videos: 2 });
			const { trigger } = await pair('', { operation: 'get4k', taskId: id, index: 1 });

			expect(await trigger.started()).toEqual([
				expect.objectContaining({
					kind: 'upgrade4k',
					sourceTaskId: id,
					videoTaskId: id,
					index: 1,
					metadata: null,
					confirmed: true,
				}),
			]);
		},
	);

	it('tells the trigger of another workflow which video an extension continues', async () => {
		const { id } = source();
		const { trigger } = await pair('', { operation: 'extend', taskId: id });

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ kind: 'extend', sourceTaskId: id, confirmed: true }),
		]);
	});

	it('keeps the query of the URL beside its own parameter', async () => {
		const { trigger, sent } = await pair('?row=1', { metadata });

		expect(new URL(sent ?? '').searchParams.get('row')).toBe('1');
		expect(await trigger.started()).toHaveLength(1);
	});
});

describe('the node’s own parameter in a callback URL', () => {
	/** A URL that the action has given to KieAI for a running task, and that task’s callback. */
	async function sent() {
		const action = sendToTrigger({ operation: 'generate', prompt: 'A red fox' });
		const trigger = await world.publish({}, { action });
		await trigger.send();
		const [task] = world.sandbox.tasks();
		const url = new URL(task?.callBackUrl ?? '');
		// The sandbox is not to deliver it itself.
		delete task?.callBackUrl;
		await world.finishTasks();
		return {
			trigger,
			body: callback.videoReady(task?.id ?? ''),
			parameter: url.searchParams.get('kieai') ?? '',
		};
	}

	it('is accepted as it was sent', async () => {
		const { trigger, body, parameter } = await sent();

		const { status } = await trigger.call(body, { query: `?kieai=${parameter}` });

		expect(status).toBe(200);
		expect(warnings(trigger)).toEqual([]);
		expect(await trigger.started()).toEqual([expect.objectContaining({ metadata })]);
	});

	const forgeries: Array<[string, (parameter: string) => string]> = [
		['other content', (given) => given.replace(/^[^.]*/, encoded({ kind: 'extend' }))],
		['no proof', (given) => given.split('.')[0] ?? ''],
		['an empty proof', (given) => `${given.split('.')[0] ?? ''}.`],
		['a proof with a wrong end', (given) => `${given.slice(0, -3)}AAA`],
		['a longer proof', (given) => `${given}AAAA`],
		['a third part', (given) => `${given}.AAAA`],
		['nothing in it', () => ''],
		['two values', (given) => `${given}&kieai=${given}`],
	];

	it.each(forgeries)('is refused with %s', async (_, forge) => {
		const { trigger, body, parameter } = await sent();

		const { status } = await trigger.call(body, { query: `?kieai=${forge(parameter)}` });

		expect(status).toBe(401);
		expect(await trigger.started()).toEqual([]);
		expect(warnings(trigger)).toEqual([expect.stringContaining('KieAI Trigger refused')]);
		expect(warnings(trigger).join()).not.toContain(world.sandbox.apiKey);
	});

	it('is refused where another account’s key has made it', async () => {
		const { parameter } = await sent();
		const other = world.sandbox.addAccount({ hmacKey: world.sandbox.hmacKey });
		const trigger = await world.publish({}, { credential: { apiKey: other.key } });
		const { id } = source({ account: other.id });

		const { status } = await trigger.call(callback.videoReady(id), {
			query: `?kieai=${parameter}`,
		});

		expect(status).toBe(401);
		expect(warnings(trigger)).toEqual([expect.stringContaining('KieAI Trigger refused')]);
	});

	it('does not show the API key or the HMAC key', async () => {
		const { parameter } = await sent();

		const shown = Buffer.from(parameter.split('.')[0] ?? '', 'base64url').toString();
		expect(JSON.parse(shown)).toEqual({ kind: 'generate', metadata });
	});

	it('does not stand in for the signature', async () => {
		const { trigger, body, parameter } = await sent();

		const { status } = await trigger.call(body, { query: `?kieai=${parameter}`, headers: {} });

		expect(status).toBe(401);
	});
});

/** What the log warned of while the trigger answered. */
function warnings({ host }: Hosted): string[] {
	return host.deliveries.flatMap(({ log }) =>
		log.filter(({ level }) => level === 'warn').map(({ message }) => message),
	);
}

function encoded(value: object): string {
	return Buffer.from(JSON.stringify(value)).toString('base64url');
}
