import type { IDataObject } from 'n8n-workflow';

import { callback, filmsOf, openTriggerWorld, type TriggerWorld } from './support/trigger';

let world: TriggerWorld;

beforeAll(async () => {
	world = await openTriggerWorld();
});
afterEach(() => expect(world.leftovers()).toEqual([]));
afterAll(async () => await world.close());

/** The output contract but for `raw`, in its order: the most used first. */
const FIELDS = [
	'videoUrl',
	'status',
	'taskId',
	'videoTaskId',
	'kind',
	'resolution',
	'resultUrls',
	'imageUrls',
	'errorMessage',
	'completedAt',
	'sourceTaskId',
	'index',
	'originUrls',
	'fullResultUrls',
	'mediaIds',
	'creditsConsumed',
	'errorCode',
	'createdAt',
	'metadata',
	'confirmed',
];
const LISTS = ['resultUrls', 'imageUrls', 'originUrls', 'fullResultUrls', 'mediaIds'];

type Build = () => Promise<object>;

const events: Array<[string, Build]> = [
	['a video', async () => callback.videoReady(finished().id)],
	['an extension', async () => callback.extendReady(finished({ kind: 'extend' }).id)],
	['a failed video', async () => callback.videoFailed(finished({ prompt: 'fail: it' }).id)],
	['a 4K video', async () => await upgradeReady(callback.upgradeReady)],
	['a 4K video in the nested shape', async () => await upgradeReady(callback.upgradeReadyNested)],
	['a failed 4K video', async () => callback.upgradeFailed(finished().id)],
];
const both = events.flatMap(([name, build]) =>
	[true, false].map((confirm): [string, boolean, Build] => [name, confirm, build]),
);

function finished(options: Parameters<TriggerWorld['sandbox']['addTask']>[0] = {}) {
	return world.sandbox.addTask({ ageSeconds: 1000, ...options });
}

async function upgradeReady(build: (id: string, urls: string[]) => object): Promise<object> {
	const source = finished();
	return build(source.id, filmsOf(await world.upgrade(source)));
}

async function itemFor(build: Build, parameters: IDataObject = {}): Promise<IDataObject> {
	const trigger = await world.publish(parameters as Parameters<TriggerWorld['publish']>[0]);
	await trigger.call(await build());
	const [item, ...more] = await trigger.started();
	if (!item || more.length > 0) throw new Error('The workflow was not started once');
	return item;
}

describe('the item of a KieAI Trigger', () => {
	it.each(both)(
		'has every field of the contract for %s (Confirm: %s)',
		async (_, confirm, build) => {
			expect(Object.keys(await itemFor(build, { confirm }))).toEqual(FIELDS);
		},
	);

	it.each(both)('has no undefined value for %s (Confirm: %s)', async (_, confirm, build) => {
		expect(Object.values(await itemFor(build, { confirm }))).not.toContain(undefined);
	});

	it.each(both)('has lists that are never null for %s (Confirm: %s)', async (_, confirm, build) => {
		const item = await itemFor(build, { confirm });

		for (const field of LISTS) expect(item[field]).toBeInstanceOf(Array);
	});

	it.each(events)('adds the callback as it came where wanted, for %s', async (_, build) => {
		let body: object = {};
		const remembering = async () => (body = await build());

		const item = await itemFor(remembering, { options: { includeRaw: true } });

		expect(Object.keys(item).sort()).toEqual([...FIELDS, 'raw'].sort());
		expect(item['raw']).toEqual(body);
	});

	it('adds no callback URL with it: whoever reads an item must not learn what proves callbacks', async () => {
		const { data, ...envelope } = callback.videoReady(finished().id);
		const callBackUrl = 'https://n8n.example.com/webhook/kieai?kieai=proof';
		const promptJson = JSON.stringify({ prompt: 'A red fox', callBackUrl });
		const build = async () => await Promise.resolve({ ...envelope, data: { ...data, promptJson } });

		const { raw } = await itemFor(build, { options: { includeRaw: true } });

		expect(raw).toMatchObject({
			data: { promptJson: JSON.stringify({ prompt: 'A red fox', callBackUrl: 'hidden' }) },
		});
	});

	it('is the only one, and carries no binary data', async () => {
		const trigger = await world.publish();

		await trigger.call(callback.videoReady(finished().id));

		const run = await trigger.host.execution();
		expect(run.items('KieAI Trigger').map(({ binary }) => binary)).toEqual([undefined]);
	});
});
