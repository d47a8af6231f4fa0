/** A 4K request whose first answer was lost, and which is repeated: KieAI may have taken it from this very run. */
import { errorText, first, RETRY_ON_FAIL, sent } from './support/action';
import type { Run } from './support/engine';
import { useParkingWorld } from './support/parking';
import { CLOCK_SCALE } from './support/world';

/** Callbacks are signed in real time, and so not at all here. */
const world = useParkingWorld({
	clockScale: CLOCK_SCALE,
	videoSeconds: 75,
	upgrade4kSeconds: 450,
	hmacKey: null,
});

const hints = (run: Run) => run.hints('KieAI').map(({ message }) => message);
const toUrl = () => ({
	waitForResult: 'none',
	sendCallbackTo: 'url',
	callbackUrl: `${world.sandbox.otherHost.url}/callback`,
});

const POSSIBLY_OURS = 'it calls back this run, or whoever asked before';

it('is said to be possibly charged where every answer was lost, and how to go on', async () => {
	const { id } = world.sandbox.addTask();
	world.sandbox.faults.add({ endpoint: 'get4k', kind: 'resetAfter', times: 'always' });
	const run = await world.run({ operation: 'get4k', taskId: id });
	expect(run.error()?.message).toContain(`(task ${id}) [item 0]`);
	expect(errorText(run)).toContain('KieAI may have accepted this upgrade, and charged for it');
	expect(errorText(run)).toContain(
		"'Get 4K' with the same Task ID and Video Index goes on with it, free of charge",
	);
	expect(world.sandbox.ledger).toHaveLength(1);
});

it('is said to be possibly charged where a later try of the node is only refused', async () => {
	const { id } = world.sandbox.addTask();
	world.sandbox.faults.add({ endpoint: 'get4k', kind: 'resetAfter', times: 4 });
	world.sandbox.faults.add({ endpoint: 'get4k', kind: 'code', code: 455, times: 'always' });
	const run = await world.run({ operation: 'get4k', taskId: id }, { node: RETRY_ON_FAIL });
	expect(errorText(run)).toContain(
		"'Get 4K' with the same Task ID and Video Index goes on with it, free of charge",
	);
	expect(sent(world, 'get4k')).toHaveLength(12);
	expect(world.sandbox.ledger).toHaveLength(1);
});

it('is not said to be somebody else’s', async () => {
	const { id } = world.sandbox.addTask();
	world.sandbox.faults.add({ endpoint: 'get4k', kind: 'resetAfter' });
	const run = await world.run({ operation: 'get4k', taskId: id, ...toUrl() });

	expect(first(run)).toMatchObject({ status: 'processing', videoTaskId: id });
	expect(hints(run)).toEqual([expect.stringContaining(POSSIBLY_OURS)]);
	await world.sandbox.advance(1000);
	await world.sandbox.settled();
	expect(world.sandbox.otherHost.requests).toHaveLength(1);
	expect(world.sandbox.ledger).toHaveLength(1);
});

it('is not said to be somebody else’s by a later try of the node', async () => {
	const { id } = world.sandbox.addTask();
	world.sandbox.faults.add({ endpoint: 'get4k', kind: 'resetAfter', times: 4 });
	const run = await world.run(
		{ operation: 'get4k', taskId: id, ...toUrl() },
		{ node: RETRY_ON_FAIL },
	);
	expect(sent(world, 'get4k')).toHaveLength(5);
	expect(hints(run)).toEqual([expect.stringContaining(POSSIBLY_OURS)]);
});

it('is checked for instead of paused for, as it may call back somebody else', async () => {
	const { id } = world.sandbox.addTask();
	world.sandbox.faults.add({ endpoint: 'get4k', kind: 'resetAfter' });
	const run = await world.begin({ operation: 'get4k', taskId: id });

	expect(run.status).toBe('success');
	expect(run.json('After')).toMatchObject([{ status: 'succeeded', videoTaskId: id }]);
	expect(hints(run)).toContainEqual(
		expect.stringContaining(`${POSSIBLY_OURS}, so that this video is checked until it is ready`),
	);
	expect(world.sandbox.ledger).toHaveLength(1);
});

it('is somebody else’s where KieAI surely had not taken it', async () => {
	const { id } = world.sandbox.addTask();
	await world.run({ operation: 'get4k', taskId: id, waitForResult: 'none' });
	world.sandbox.faults.add({ endpoint: 'get4k', kind: 'status429', retryAfter: 1 });
	const run = await world.run({ operation: 'get4k', taskId: id, ...toUrl() });
	expect(hints(run)).toEqual([expect.stringContaining('calls back whoever asked first')]);
});
