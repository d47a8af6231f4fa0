import type { Fault, Task } from '../sandbox';
import {
	callback,
	film,
	filmsOf,
	openTriggerWorld,
	preview,
	type Hosted,
	type TriggerWorld,
} from './support/trigger';

let world: TriggerWorld;

beforeAll(async () => {
	world = await openTriggerWorld();
});
afterEach(() => {
	world.sandbox.faults.clear();
	world.sandbox.configure({ upgrade4kTaskId: 'source', videosPerTask: 1 });
	expect(world.leftovers()).toEqual([]);
});
afterAll(async () => await world.close());

/** Endpoints that KieAI has been asked at since `from`. */
function questions(from: number): string[] {
	return world.sandbox.requests.slice(from).map(({ endpoint }) => endpoint);
}

function task(options: Parameters<TriggerWorld['sandbox']['addTask']>[0] = {}): Task {
	return world.sandbox.addTask({ ageSeconds: 1000, ...options });
}

async function upgradeWithOwnId(source: Task): Promise<Task> {
	world.sandbox.configure({ upgrade4kTaskId: 'own' });
	return await world.upgrade(source);
}

describe('Confirm with KieAI, for a video', () => {
	it('lets out what KieAI says, and nothing of a forged body', async () => {
		const trigger = await world.publish();
		const done = task();

		await trigger.call(
			callback.videoReady(done.id, [film('forged')], {
				originUrls: [film('forged')],
				fullResultUrls: [film('forged')],
				resolution: '8k',
			}),
		);

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				videoUrl: filmsOf(done)[0],
				resultUrls: filmsOf(done),
				originUrls: [],
				fullResultUrls: [],
				resolution: '720p',
				confirmed: true,
			}),
		]);
	});

	it('lets out no forged preview either', async () => {
		const trigger = await world.publish();
		const { id } = task();

		await trigger.call(callback.videoReady(id, [film(id)], { imageUrls: [preview('forged')] }));

		expect(JSON.stringify(await trigger.started())).not.toContain('forged');
	});

	it('tells when it was made, by KieAI’s record', async () => {
		const trigger = await world.publish();
		const { id, createdAt, completedAt = 0 } = task();

		await trigger.call(callback.videoReady(id));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				createdAt: new Date(createdAt).toISOString(),
				completedAt: new Date(completedAt).toISOString(),
			}),
		]);
	});

	it('gives the whole film of an extension', async () => {
		const trigger = await world.publish();
		const { id, videos } = task({ kind: 'extend' });

		await trigger.call(callback.extendReady(id));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ kind: 'extend', videoUrl: videos[0]?.fullUrl }),
		]);
	});

	it('tells why a video failed, by KieAI’s record', async () => {
		const trigger = await world.publish();
		const { id } = task({ prompt: 'fail: content policy' });

		await trigger.call(callback.videoFailed(id, 'Your account is blocked, call +1 234'));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				status: 'failed',
				errorMessage: 'content policy',
				confirmed: true,
			}),
		]);
	});

	it('asks one question', async () => {
		const trigger = await world.publish();
		const { id } = task();
		const asked = world.sandbox.requests.length;

		await trigger.call(callback.videoReady(id));

		expect(questions(asked)).toEqual(['recordInfo']);
	});

	it.each<[string, () => object]>([
		['a success that KieAI calls a failure', () => callback.videoReady(task(failing).id)],
		['a failure that KieAI calls a success', () => callback.videoFailed(task().id)],
		['a task that KieAI does not know', () => callback.videoReady('unknown')],
		['a task of another account', () => callback.videoReady(taskOfSomebodyElse().id)],
	])('refuses %s', async (_, body) => {
		const trigger = await world.publish({ verifySignature: false });

		const { status } = await trigger.call(body());

		expect(status).toBe(401);
		expect(await trigger.started()).toEqual([]);
	});

	it('answers 503 while KieAI still calls the task unfinished', async () => {
		const trigger = await world.publish();
		const { id } = task({ state: 'running', ageSeconds: 0 });

		const { status } = await trigger.call(callback.videoReady(id));

		expect(status).toBe(503);
		expect(await trigger.started()).toEqual([]);
	});
});

const failing = { prompt: 'fail: content policy' };

function taskOfSomebodyElse(): Task {
	return task({ account: world.sandbox.addAccount().id });
}

describe('Confirm with KieAI, for a 4K video with a task ID of its own', () => {
	it('lets out what KieAI says of that task', async () => {
		const trigger = await world.publish();
		const upgraded = await upgradeWithOwnId(task());
		const asked = world.sandbox.requests.length;

		await trigger.call(callback.upgradeReadyNested(upgraded.id, filmsOf(upgraded)));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				kind: 'upgrade4k',
				taskId: upgraded.id,
				resultUrls: filmsOf(upgraded),
				resolution: '4K',
				confirmed: true,
			}),
		]);
		expect(questions(asked)).toEqual(['recordInfo', 'downloadUrl']);
	});

	it('lets out no forged film beside the true one', async () => {
		const trigger = await world.publish();
		const upgraded = await upgradeWithOwnId(task());

		await trigger.call(
			callback.upgradeReadyNested(upgraded.id, [film('forged'), ...filmsOf(upgraded)]),
		);

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				videoUrl: filmsOf(upgraded)[0],
				resultUrls: filmsOf(upgraded),
			}),
		]);
	});

	it('confirms that it failed', async () => {
		const trigger = await world.publish();
		const upgraded = await upgradeWithOwnId(task({ prompt: 'fail 4k' }));

		await trigger.call(callback.upgradeFailed(upgraded.id));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				status: 'failed',
				kind: 'upgrade4k',
				errorMessage: upgraded.error?.message,
				confirmed: true,
			}),
		]);
	});
});

describe('Confirm with KieAI, for a 4K video under its source’s task ID', () => {
	it('shows each film to KieAI', async () => {
		world.sandbox.configure({ videosPerTask: 2 });
		const trigger = await world.publish();
		const source = task({ videos: 2 });
		const films = [await world.upgrade(source, 0), await world.upgrade(source, 1)].flatMap(filmsOf);
		const asked = world.sandbox.requests.length;

		await trigger.call(callback.upgradeReady(source.id, films));

		expect(await trigger.started()).toEqual([
			expect.objectContaining({ kind: 'upgrade4k', resultUrls: films, confirmed: true }),
		]);
		const shown = world.sandbox.requests
			.slice(asked)
			.filter(({ endpoint }) => endpoint === 'downloadUrl')
			.map(({ body }) => body);
		expect(shown).toEqual(expect.arrayContaining(films.map((url) => ({ url }))));
	});

	it('refuses a film that is not KieAI’s', async () => {
		const trigger = await world.publish();
		const source = task();

		const { status } = await trigger.call(callback.upgradeReady(source.id, [film('forged')]));

		expect(status).toBe(401);
		expect(await trigger.started()).toEqual([]);
	});

	it('refuses a film that is not KieAI’s beside one that is', async () => {
		const trigger = await world.publish();
		const source = task();
		const films = [...filmsOf(await world.upgrade(source)), film('forged')];

		const { status } = await trigger.call(callback.upgradeReady(source.id, films));

		expect(status).toBe(401);
		expect(await trigger.started()).toEqual([]);
	});

	it.each(['fullResultUrls', 'originUrls', 'imageUrls'])(
		'lets out no %s that KieAI has not confirmed',
		async (field) => {
			const trigger = await world.publish();
			const source = task();
			const films = filmsOf(await world.upgrade(source));
			const body = callback.upgradeReadyNested(source.id, films);
			const info = { resultUrls: films, [field]: ['https://forged.example/'] };

			await trigger.call({ ...body, data: { ...body.data, info } });

			expect(JSON.stringify(await trigger.started())).not.toContain('forged');
		},
	);

	it('refuses a film that is hidden in a field that 4K videos do not have', async () => {
		const trigger = await world.publish({ verifySignature: false });

		const { status } = await trigger.call({
			code: 200,
			msg: '4K Video generated successfully.',
			data: { taskId: 'unknown', info: { fullResultUrls: [film('forged')] } },
		});

		expect([400, 401]).toContain(status);
		expect(await trigger.started()).toEqual([]);
	});

	it('asks about no film more, once one is not KieAI’s', async () => {
		const trigger = await world.publish();
		const source = task();
		const forged = Array.from({ length: 9 }, (_, n) => film(`forged-${n}`));
		const films = [...filmsOf(await world.upgrade(source)), ...forged];
		const asked = world.sandbox.requests.length;

		const { status } = await trigger.call(callback.upgradeReady(source.id, films));

		expect(status).toBe(401);
		expect(questions(asked)).toEqual(['recordInfo', 'downloadUrl', 'downloadUrl']);
	});

	it('asks nothing about more films than KieAI makes', async () => {
		const trigger = await world.publish();
		const source = task();
		const films = Array.from({ length: 11 }, (_, n) => film(`forged-${n}`));
		const asked = world.sandbox.requests.length;

		const { status } = await trigger.call(callback.upgradeReady(source.id, films));

		expect(status).toBe(400);
		expect(questions(asked)).toEqual([]);
	});

	it('lets a failure out unconfirmed, for nobody can be asked', async () => {
		const trigger = await world.publish();
		const source = task({ prompt: 'fail 4k' });
		await world.upgrade(source);

		const { status } = await trigger.call(callback.upgradeFailed(source.id));

		expect(status).toBe(200);
		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				status: 'failed',
				kind: 'upgrade4k',
				taskId: source.id,
				errorMessage: callback.upgradeFailed('').msg,
				confirmed: false,
			}),
		]);
	});

	it('refuses the failure of a task that KieAI does not know', async () => {
		const trigger = await world.publish({ verifySignature: false });

		const { status } = await trigger.call(callback.upgradeFailed('unknown'));

		expect(status).toBe(401);
		expect(await trigger.started()).toEqual([]);
	});
});

describe('a KieAI that cannot be asked', () => {
	type Trouble = [string, Omit<Fault, 'endpoint'>];

	const troubles: Trouble[] = [
		['refuses connections', { kind: 'refuse' } as Fault],
		['cuts the connection', { kind: 'resetBefore' } as Fault],
		['answers with code 500', { kind: 'code', code: 500 } as Fault],
		['is under maintenance', { kind: 'code', code: 455 } as Fault],
		['has had too many requests', { kind: 'status429' } as Fault],
		['does not accept the key', { kind: 'code', code: 401 } as Fault],
		['answers with a proxy’s HTML', { kind: 'html' } as Fault],
		['answers with HTML under status 200', { kind: 'html', status: 200 } as Fault],
		['answers with half a JSON', { kind: 'truncated' } as Fault],
		['answers with nothing', { kind: 'empty' } as Fault],
	];
	const misread: Trouble[] = [
		['answers with a redirect', { kind: 'redirect', redirectTo: 'https://proxy.invalid' } as Fault],
		['answers with HTML under status 403', { kind: 'html', status: 403 } as Fault],
		['answers with HTML under status 404', { kind: 'html', status: 404 } as Fault],
		['has switched this off', { kind: 'code', code: 505 } as Fault],
	];

	/** Delivers once in trouble and once after it. */
	async function deliverTwice(
		trigger: Hosted,
		body: object,
		endpoint: 'recordInfo' | 'downloadUrl',
		fault: Trouble[1],
	): Promise<number[]> {
		world.sandbox.faults.add({ ...fault, endpoint } as Fault);
		const first = await trigger.call(body);
		world.sandbox.faults.clear();
		const second = await trigger.call(body);
		return [first.status, second.status];
	}

	async function expectVideoLater(fault: Trouble[1]): Promise<void> {
		const trigger = await world.publish();
		const body = callback.videoReady(task().id);

		expect(await deliverTwice(trigger, body, 'recordInfo', fault)).toEqual([503, 200]);
		expect(await trigger.started()).toHaveLength(1);
	}

	async function expectUpgradeLater(fault: Trouble[1]): Promise<void> {
		const trigger = await world.publish();
		const source = task();
		const body = callback.upgradeReady(source.id, filmsOf(await world.upgrade(source)));

		expect(await deliverTwice(trigger, body, 'downloadUrl', fault)).toEqual([503, 200]);
		expect(await trigger.started()).toHaveLength(1);
	}

	it.each(troubles)(
		'and %s makes a video’s callback come again, and start then',
		async (_, fault) => await expectVideoLater(fault),
	);

	it.each(troubles)(
		'and %s makes a 4K video’s callback come again, and start then',
		async (_, fault) => await expectUpgradeLater(fault),
	);

	it.each(misread)(
		'and %s makes a video’s callback come again, and start then',
		async (_, fault) => await expectVideoLater(fault),
	);

	it.each(misread)(
		'and %s makes a 4K video’s callback come again, and start then',
		async (_, fault) => await expectUpgradeLater(fault),
	);

	it('is asked once for each delivery', async () => {
		const trigger = await world.publish();
		const { id } = task();
		world.sandbox.faults.add({ endpoint: 'recordInfo', kind: 'code', code: 500, times: 'always' });
		const asked = world.sandbox.requests.length;

		await trigger.call(callback.videoReady(id));

		expect(questions(asked)).toEqual(['recordInfo']);
	});

	it('is told nothing of the key by a redirect', async () => {
		const trigger = await world.publish();
		const { id } = task();
		world.sandbox.faults.add({
			endpoint: 'recordInfo',
			kind: 'redirect',
			redirectTo: world.sandbox.otherHost.url,
		});

		await trigger.call(callback.videoReady(id));

		expect(world.sandbox.otherHost.requests).toEqual([]);
	});
});

describe('Confirm with KieAI, switched off', () => {
	it('asks nothing, and lets the callback’s own words out unconfirmed', async () => {
		const trigger = await world.publish({ confirm: false });
		const asked = world.sandbox.requests.length;

		await trigger.call(callback.upgradeReady('source'));

		expect(questions(asked)).toEqual([]);
		expect(await trigger.started()).toEqual([
			expect.objectContaining({
				resultUrls: [film('source')],
				imageUrls: [preview('source')],
				confirmed: false,
			}),
		]);
	});
});
