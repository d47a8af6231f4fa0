import type { Launch } from '../../../nodes/KieAi/actions/launch';
import { learn } from '../../../nodes/KieAi/actions/learn';
import type { Tools, VideoOperation } from '../../../nodes/KieAi/actions/operation';
import { failed, newTask, type VideoTask } from '../../../nodes/KieAi/protocol/video';
import type { Callback } from '../../../nodes/KieAi/waiting/park';
import { NOON_MS } from '../support/clock';
import { clientOf, envelope, html, noAnswer, type Answer } from '../support/kieAi';

const FILM = 'https://file.example.com/film.mp4';
const LOOK_FROM_MS = NOON_MS - 600_000;

function launched(taskId: string, itemIndex = 0, more: Partial<Launch> = {}): Launch {
	return {
		recipients: [{ itemIndex } as Launch['recipients'][number]], // nobody reads its settings here
		hash: taskId,
		state: newTask({ kind: 'generate', taskId }),
		lookFrom: LOOK_FROM_MS,
		callsBack: true,
		...more,
	};
}

function upgrade(taskId: string): Partial<Launch> {
	return { state: newTask({ kind: 'upgrade4k', taskId, sourceTaskId: 'source', index: 0 }) };
}

function succeeded(task: VideoTask): VideoTask {
	return { ...task, status: 'succeeded', videoUrl: FILM, resultUrls: [FILM], confirmed: false };
}

const claim = succeeded(newTask({ kind: 'generate', taskId: 'veo_1' }));
const claim4k = succeeded(
	newTask({ kind: 'upgrade4k', taskId: 'source', sourceTaskId: 'source', index: 0 }),
);

function record(successFlag: number, more: object = {}) {
	return envelope(200, { successFlag, response: { resultUrls: [FILM] }, ...more });
}

/** Tells the tasks' states after it, what was looked at, and what KieAI was asked. */
async function run(
	launches: Launch[],
	callbacks: Callback | Callback[],
	answers: Answer[],
	ready: string[] | Error = [],
) {
	const { client: once, clock, requests } = clientOf(answers, { maxAttempts: 1 });
	const looks: string[] = [];
	const warnings: string[] = [];
	const operation = {
		async look(task: VideoTask) {
			looks.push(task.taskId);
			if (ready instanceof Error) throw ready;
			return ready.includes(task.taskId) ? succeeded(task) : task;
		},
	} as unknown as VideoOperation; // the part of it that learning needs
	const tools = {
		context: { logger: { warn: (text: string) => warnings.push(text) } },
		connection: { quick: once, clock },
	} as unknown as Tools;
	const learning = learn(launches, [callbacks].flat(), operation, tools);
	await clock.runUntilSettled(learning);
	const known = await learning;
	const states = known.map(({ state }) => state as VideoTask);
	return {
		known,
		states,
		looks,
		warnings,
		asked: requests.map(({ url }) => new URL(url).pathname),
	};
}

const recordInfo = '/api/v1/veo/record-info';
const downloadUrl = '/api/v1/common/download-url';

describe('a callback', () => {
	it('is confirmed by one question, and KieAI’s answer counts', async () => {
		const { states, asked } = await run([launched('veo_1')], { item: 0, task: claim }, [
			record(1, { response: { resultUrls: ['https://file.example.com/true.mp4'] } }),
		]);
		expect(states).toMatchObject([
			{ status: 'succeeded', videoUrl: 'https://file.example.com/true.mp4', confirmed: true },
		]);
		expect(asked).toEqual([recordInfo]);
	});

	it('for a 4K film under its source’s ID is confirmed by its link alone', async () => {
		const task = { ...claim4k, imageUrls: ['https://file.example.com/film.jpg'] };
		const { states, asked } = await run(
			[launched('source', 0, upgrade('source'))],
			{ item: 0, task },
			[envelope(200, `${FILM}?fresh`)],
		);
		expect(states).toMatchObject([
			{ status: 'succeeded', videoUrl: FILM, imageUrls: task.imageUrls, confirmed: true },
		]);
		expect(asked).toEqual([downloadUrl]);
	});

	it('under the source’s ID is asked about by the upgrade’s own', async () => {
		const { states, asked } = await run(
			[launched('own', 0, upgrade('own'))],
			{ item: 0, task: claim4k },
			[record(1)],
		);
		expect(states).toMatchObject([{ status: 'succeeded', taskId: 'own', videoTaskId: 'source' }]);
		expect(asked).toEqual([recordInfo]);
	});

	it('that tells an upgrade’s own ID, of which its answer was silent, is asked about by that', async () => {
		const { states, asked } = await run(
			[launched('source', 0, upgrade('source'))],
			{ item: 0, task: { ...claim4k, taskId: 'own' } },
			[record(1)],
		);
		expect(states).toMatchObject([{ status: 'succeeded', taskId: 'own', videoTaskId: 'source' }]);
		expect(asked).toEqual([recordInfo]);
	});

	it('of a failed 4K under its source’s ID counts, for nobody can be asked', async () => {
		const { states, asked } = await run(
			[launched('source', 0, upgrade('source'))],
			{ item: 0, task: failed(claim4k, 'No 4K', 500) },
			[],
		);
		expect(states).toMatchObject([{ status: 'failed', errorMessage: 'No 4K', confirmed: false }]);
		expect(asked).toEqual([]);
	});

	it.each<[string, Answer]>([
		['is down', html(502)],
		['cannot be reached', noAnswer('ECONNREFUSED')],
		['no longer takes the key', envelope(401)],
	])('counts as it is where KieAI %s', async (_why, answer) => {
		const { states, asked } = await run([launched('veo_1')], { item: 0, task: claim }, [answer]);
		expect(states).toMatchObject([{ status: 'succeeded', videoUrl: FILM, confirmed: false }]);
		expect(asked).toHaveLength(3);
	});

	it('is confirmed where KieAI cannot be reached once', async () => {
		const { states, asked } = await run([launched('veo_1')], { item: 0, task: claim }, [
			noAnswer('ECONNRESET'),
			record(1),
		]);
		expect(states).toMatchObject([{ status: 'succeeded', confirmed: true }]);
		expect(asked).toHaveLength(2);
	});

	it('is ahead of KieAI’s record now and then: it is asked again', async () => {
		const { states, asked } = await run([launched('veo_1')], { item: 0, task: claim }, [
			record(0, { response: null }),
			record(1),
		]);
		expect(states).toMatchObject([{ status: 'succeeded' }]);
		expect(asked).toHaveLength(2);
	});

	it.each<[string, Answer]>([
		['says the contrary', record(2)],
		['does not know the task', envelope(200)],
		['says no', envelope(400)],
		['says that it has failed', envelope(501)],
	])('counts where KieAI %s once', async (_what, answer) => {
		const { states, asked, warnings } = await run([launched('veo_1')], { item: 0, task: claim }, [
			answer,
			record(1),
		]);
		expect(states).toMatchObject([{ status: 'succeeded', confirmed: true }]);
		expect(asked).toHaveLength(2);
		expect(warnings).toEqual([]);
	});

	it.each<[string, Answer[]]>([
		['that it is still at it', [record(0, { response: null })]],
		['the contrary', [record(2)]],
		['no, and then nothing any more', [envelope(400), noAnswer('ECONNREFUSED')]],
	])(
		'is doubted where KieAI says %s: the task is looked at from then on',
		async (_what, answers) => {
			const launch = launched('veo_1', 0, { lookFrom: NOON_MS + 1 });
			const { known, asked, warnings } = await run([launch], { item: 0, task: claim }, answers);
			const state = { status: 'processing', videoUrl: null };
			expect(known).toMatchObject([{ state, callsBack: false }]);
			expect(known[0]?.lookFrom).toBeGreaterThanOrEqual(NOON_MS);
			expect(asked).toHaveLength(3);
			expect(warnings).toEqual([expect.stringContaining('veo_1')]);
		},
	);

	it.each(['source', 'own'])(
		'with a film that is not KieAI’s has no effect on a 4K task by its %s ID',
		async (taskId) => {
			const launch = launched(taskId, 0, upgrade(taskId));
			const { known, asked, looks } = await run([launch], { item: 0, task: claim4k }, [
				envelope(422, null, 'not ours'),
			]);
			expect(known).toEqual([expect.objectContaining({ state: launch.state, callsBack: true })]);
			expect(asked.filter((path) => path === downloadUrl)).toHaveLength(3);
			expect(looks).toEqual(taskId === 'own' ? ['own'] : []);
		},
	);

	it('that a 4K upgrade has failed may be ahead of its record', async () => {
		const task = failed({ ...claim4k, taskId: 'own' }, 'Unavailable', 500);
		const launch = launched('own', 0, upgrade('own'));
		const [underWay, inItsWords] = [record(0), record(2, { errorMessage: 'Too dark' })];
		const known = await run([launch], { item: 0, task }, [underWay, inItsWords]);
		expect(known.states).toMatchObject([{ errorMessage: 'Too dark', confirmed: true }]);
		const behind = await run([launch], { item: 0, task }, [underWay]);
		expect(behind.states).toMatchObject([{ errorMessage: 'Unavailable', confirmed: false }]);
		expect(behind.asked).toEqual([recordInfo, recordInfo, recordInfo]);
	});

	it('that a 4K upgrade has failed gives way to its record', async () => {
		const launch = launched('own', 0, { ...upgrade('own'), lookFrom: NOON_MS + 600_000 });
		const task = failed({ ...claim4k, taskId: 'own' }, 'Unavailable', 500);
		const { states } = await run([launch], { item: 0, task }, [record(1)], ['own']);
		expect(states).toMatchObject([{ status: 'succeeded', taskId: 'own' }]);
	});

	it('that tells an upgrade’s own ID, and is ahead of its record, leaves that to be looked at', async () => {
		const launch = launched('source', 0, upgrade('source'));
		const task = { ...claim4k, taskId: 'own' };
		const { known, looks } = await run([launch], { item: 0, task }, [record(0)]);
		const state = { status: 'processing', taskId: 'own', videoTaskId: 'source' };
		expect(known).toMatchObject([{ state, callsBack: false }]);
		expect(looks).toEqual(['own']);
	});

	it('is for one item, and changes no other', async () => {
		const launches = [launched('veo_0', 0), launched('veo_1', 1), launched('veo_2', 2)].map(
			(launch) => ({ ...launch, lookFrom: NOON_MS + 1 }),
		);
		const { states } = await run(launches, { item: 1, task: claim }, [record(1)]);
		expect(states.map(({ taskId, status }) => [taskId, status])).toEqual([
			['veo_0', 'processing'],
			['veo_1', 'succeeded'],
			['veo_2', 'processing'],
		]);
	});

	it('may bring others along', async () => {
		const launches = [launched('veo_0', 0), launched('veo_1', 1), launched('veo_2', 2)];
		const callbacks = [1, 2].map((item) => ({ item, task: claim }));
		const { states } = await run(launches, callbacks, [record(1), record(1)]);
		expect(states.map(({ status }) => status)).toEqual(['processing', 'succeeded', 'succeeded']);
	});

	it.each([
		['that is final', { state: failed(newTask({ kind: 'generate', taskId: 'veo_1' }), 'Dark') }],
		['that failed to start', { state: { message: 'No', advice: '' } }],
		['that calls somebody else', { callsBack: false, lookFrom: NOON_MS + 1 }],
	])('says nothing of a task %s', async (_what, more) => {
		const launch = launched('veo_1', 0, more);
		const { known, asked } = await run([launch], { item: 0, task: claim }, []);
		expect(known).toEqual([launch]);
		expect(asked).toEqual([]);
	});
});

describe('other tasks', () => {
	const many = (count: number) =>
		Array.from({ length: count }, (_, item) =>
			launched(`veo_${item}`, item, { lookFrom: LOOK_FROM_MS + item }),
		);

	it('are looked at, two at first, until one is not ready', async () => {
		const { looks, states } = await run(many(10), [], [], ['veo_0']);
		expect(looks).toEqual(['veo_0', 'veo_1']);
		expect(states.map(({ status }) => status)).toEqual([
			'succeeded',
			...Array<string>(9).fill('processing'),
		]);
	});

	it('are all caught up with where all are ready', async () => {
		const launches = many(100);
		const ready = launches.map(({ hash }) => hash);
		const { looks, states } = await run(launches, [], [], ready);
		expect(looks).toEqual(ready);
		expect(states.every(({ status }) => status === 'succeeded')).toBe(true);
	});

	it('take turns', async () => {
		const { known } = await run(many(5), [], []);
		const { looks } = await run(known, [], []);
		expect(looks).toEqual(['veo_2', 'veo_3']);
	});

	it('cost no more calls than in proportion to their number, however often the node is woken', async () => {
		let known = many(50);
		let calls = 0;
		for (const { recipients, hash } of known) {
			const item = recipients[0]?.itemIndex ?? 0;
			const task = { ...claim, taskId: hash };
			const { looks, asked, known: learnt } = await run(known, { item, task }, [record(1)]);
			calls += looks.length + asked.length;
			known = learnt;
		}
		expect(known.every(({ state }) => 'status' in state && state.status === 'succeeded')).toBe(
			true,
		);
		expect(calls).toBeLessThanOrEqual(3 * 50);
	});

	it('are left alone while they cannot be ready', async () => {
		const launch = launched('veo_1', 0, { lookFrom: NOON_MS + 1 });
		expect((await run([launch], [], [], ['veo_1'])).looks).toEqual([]);
	});

	it('are looked at too where they call somebody else, or have called and not been believed', async () => {
		const launch = launched('veo_1', 0, { callsBack: false });
		const { states } = await run([launch], [], [], ['veo_1']);
		expect(states).toMatchObject([{ status: 'succeeded' }]);
	});

	it.each<[string, Partial<Launch>]>([
		['a 4K task without a record', upgrade('source')],
		['one that failed to start', { state: { message: 'No', advice: '' } }],
		['a failed one', { state: failed(newTask({ kind: 'generate', taskId: 'veo_1' }), 'Dark') }],
	])('are not looked at: %s', async (_what, more) => {
		const launch = launched('veo_1', 0, more);
		const { looks, known } = await run([launch], [], [], ['veo_1', 'source']);
		expect(looks).toEqual([]);
		expect(known).toEqual([launch]);
	});

	it('stay as they are where KieAI cannot be asked', async () => {
		const { states, looks } = await run(many(3), [], [], new Error('down'));
		expect(looks).toEqual(['veo_0', 'veo_1']);
		expect(states.every(({ status }) => status === 'processing')).toBe(true);
	});
});
