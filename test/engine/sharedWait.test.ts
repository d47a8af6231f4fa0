/** Items that are waited for together, and are not equally patient. */
import { FOREVER_SECONDS, items, nodeClock, sent } from './support/action';
import { useParkingWorld } from './support/parking';
import { CLOCK_SCALE } from './support/world';

/** Callbacks are signed in real time, and so not at all here. */
const world = useParkingWorld({
	clockScale: CLOCK_SCALE,
	videoSeconds: FOREVER_SECONDS,
	upgrade4kSeconds: FOREVER_SECONDS,
	hmacKey: null,
});

const patience = { options: { timeout: '={{ $json.minutes }}' } };
const onError = 'continueRegularOutput';

it.each([
	[1, 5],
	[5, 1],
])('wait for one video as long as the most patient, and say so (%i and %i)', async (...minutes) => {
	const { id } = world.sandbox.addTask();
	const run = await world.run(
		{ operation: 'get4k', taskId: id, ...patience },
		{ items: items(...minutes.map((each) => ({ minutes: each }))), node: { onError } },
	);
	const times = sent(world, 'get4k').map(({ at }) => at);
	expect(Math.max(...times) - Math.min(...times)).toBeGreaterThanOrEqual(5 * 60_000);
	expect(run.json('KieAI')).toEqual(
		minutes.map(() => ({
			error: expect.stringContaining('The video was not ready after 5 minutes'),
			message: expect.any(String),
			details: expect.objectContaining({ status: 'timedOut', videoTaskId: id }),
		})),
	);
});

it('wait for each their own video as long as they themselves want', async () => {
	const [a, b] = [world.sandbox.addTask(), world.sandbox.addTask()];
	const run = await world.run(
		{ operation: 'get4k', taskId: '={{ $json.id }}', ...patience },
		{ items: items({ id: a.id, minutes: 1 }, { id: b.id, minutes: 5 }), node: { onError } },
	);
	expect(run.json('KieAI').map(({ error }) => error)).toEqual([
		expect.stringContaining('not ready after 1 minute '),
		expect.stringContaining('not ready after 5 minutes'),
	]);
});

it('pause the execution as long as the most patient wants, and say so', async () => {
	const [a, b] = [world.sandbox.addTask(), world.sandbox.addTask()];
	const run = await world.begin(
		{ operation: 'get4k', taskId: '={{ $json.id }}', ...patience },
		{ items: items({ id: a.id, minutes: 100 }, { id: b.id, minutes: 300 }), node: { onError } },
	);
	expect(run.status).toBe('waiting');
	const minutes = ((run.waitTill?.getTime() ?? 0) - nodeClock().now()) / 60_000;
	expect(minutes).toBeGreaterThan(200);
	expect(run.parked.map(({ json }) => json.error)).toEqual([
		expect.stringContaining('not ready after 300 minutes'),
		expect.stringContaining('not ready after 300 minutes'),
	]);
});
