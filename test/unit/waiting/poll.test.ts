import { KieAiError } from '../../../nodes/KieAi/protocol/errors';
import { failed, newTask, type VideoTask } from '../../../nodes/KieAi/protocol/video';
import { poll, type PollPolicy } from '../../../nodes/KieAi/waiting/poll';
import { manualClock, NOON_MS } from '../support/clock';

const started = newTask({ kind: 'generate', taskId: 'veo_1' });
const succeeded: VideoTask = { ...started, status: 'succeeded', videoUrl: 'https://film' };
const failedTask = failed(started, 'Too dark', 501);
const overloaded = new KieAiError('overloaded', { outcome: 'unknown', transient: true, code: 503 });
const proxyPage = new KieAiError('HTTP 403', { outcome: 'refused', transient: false, code: 403 });
const unknownTask = new KieAiError('record is null', {
	outcome: 'refused',
	transient: false,
	isAnswer: true,
	code: 422,
});
const badKey = new KieAiError('bad key', { outcome: 'refused', transient: false, code: 401 });

const policy: PollPolicy = { firstCheckAfterMs: 60_000, intervalMs: 20_000, timeoutMs: 120_000 };

type Look = VideoTask | Error;

/** Starts to wait at 0 s for a task that looks as told, the last look again and again; `looks` are in seconds. */
function wait(answers: Look[], changes: Partial<PollPolicy> = {}, task = started) {
	const clock = manualClock();
	const abort = new AbortController();
	const looks: number[] = [];
	const asked: VideoTask[] = [];
	let checkTakesMs = 0;
	const check = async (last: VideoTask) => {
		const answer = answers[Math.min(looks.length, answers.length - 1)] ?? started;
		looks.push((clock.now() - NOON_MS) / 1000);
		asked.push(last);
		if (checkTakesMs > 0) await clock.sleep(checkTakesMs);
		if (answer instanceof Error) throw answer;
		return answer;
	};
	const run = poll(check, task, { ...policy, ...changes }, clock, abort.signal);
	run.catch(() => undefined);
	return {
		run,
		clock,
		abort,
		looks,
		asked,
		slow(ms: number) {
			checkTakesMs = ms;
		},
		async end() {
			await clock.runUntilSettled(run);
			return await run;
		},
	};
}

describe('a task that is final already', () => {
	it.each([succeeded, failedTask])('is not asked for ($status)', async (task) => {
		const { run, looks, clock } = wait([started], {}, task);

		expect(await run).toBe(task);
		expect(looks).toEqual([]);
		expect(clock.sleeps).toEqual([]);
	});
});

describe('a task that takes a while', () => {
	it.each<[Partial<PollPolicy>, number[]]>([
		[{}, [60, 80, 100]],
		[{ firstCheckAfterMs: 0 }, [0, 20, 40]],
		[{ firstCheckAfterMs: 5_000, intervalMs: 30_000 }, [5, 35, 65]],
		[{ firstCheckAfterMs: 50_000, intervalMs: 1_000 }, [50, 51, 52]],
	])('is asked for first after a while, then at the interval: %p', async (changes, seconds) => {
		const { end, looks } = wait([started, started, succeeded], changes);

		expect(await end()).toBe(succeeded);
		expect(looks).toEqual(seconds);
	});

	it('is not asked for a moment too early', async () => {
		const { clock, looks } = wait([started]);

		await clock.advance(59_999);
		expect(looks).toEqual([]);
		await clock.advance(1);
		expect(looks).toEqual([60]);
	});

	it('is given as it was last known to each check', async () => {
		const known = { ...started, resolution: '720p' };
		const { end, asked } = wait([known, overloaded, succeeded]);
		await end();
		expect(asked).toEqual([started, known, known]);
	});

	it('ends the wait when it fails', async () => {
		const { end, looks } = wait([started, failedTask]);

		expect(await end()).toBe(failedTask);
		expect(looks).toEqual([60, 80]);
	});
});

describe('the deadline', () => {
	it.each<[string, Partial<PollPolicy>, number[]]>([
		['falls together with a check', {}, [60, 80, 100, 120]],
		['falls between two checks', { timeoutMs: 110_000 }, [60, 80, 100, 110]],
		['comes before the first check', { timeoutMs: 30_000 }, [30]],
		['comes with the first check', { timeoutMs: 60_000 }, [60]],
		['comes before the second check', { timeoutMs: 70_000 }, [60, 70]],
		['is at once', { timeoutMs: 0 }, [0]],
	])('has one last look where it %s', async (_when, changes, seconds) => {
		const { end, looks } = wait([started], changes);

		expect(await end()).toEqual({ ...started, status: 'timedOut', errorMessage: null });
		expect(looks).toEqual(seconds);
	});

	it('may be the moment in which the task is done', async () => {
		const { end } = wait([started, started, started, succeeded]);
		expect(await end()).toBe(succeeded);
	});

	it('leaves what is known of the task', async () => {
		const known: VideoTask = { ...started, resolution: '720p', raw: { successFlag: 0 } };
		const { end } = wait([known]);
		expect(await end()).toEqual({ ...known, status: 'timedOut' });
	});

	it('counts the time that the checks take', async () => {
		const { end, looks, slow, clock } = wait([started], { firstCheckAfterMs: 0 });
		slow(50_000);
		await end();

		expect(looks).toEqual([0, 70, 120]);
		expect(clock.now()).toBe(NOON_MS + 170_000);
	});
});

describe('trouble', () => {
	it('that may pass does not end the wait', async () => {
		const { end, looks } = wait([overloaded, overloaded, succeeded]);

		expect(await end()).toBe(succeeded);
		expect(looks).toEqual([60, 80, 100]);
	});

	it('that is not KieAI’s own word does not end the wait', async () => {
		const { end, looks } = wait([proxyPage, proxyPage, succeeded]);

		expect(await end()).toBe(succeeded);
		expect(looks).toEqual([60, 80, 100]);
	});

	it('at the last check is told with the timeout', async () => {
		const { end } = wait([started, started, started, overloaded]);
		expect(await end()).toEqual({ ...started, status: 'timedOut', errorMessage: 'overloaded' });
	});

	it('all the way is told with the timeout', async () => {
		const { end } = wait([overloaded]);
		expect(await end()).toEqual({ ...started, status: 'timedOut', errorMessage: 'overloaded' });
	});

	it('that has passed is not told', async () => {
		const { end } = wait([overloaded, started]);
		expect(await end()).toMatchObject({ status: 'timedOut', errorMessage: null });
	});

	it.each<[string, Error]>([
		['is final', unknownTask],
		['is a bad key, whoever says so', badKey],
		['is none of KieAI’s', new TypeError('a bug')],
	])('that %s ends the wait at once', async (_what, error) => {
		const { end, looks } = wait([started, error]);

		await expect(end()).rejects.toBe(error);
		expect(looks).toEqual([60, 80]);
	});

	it('that is final is no timeout, even at the deadline', async () => {
		const { end } = wait([badKey], { timeoutMs: 0 });
		await expect(end()).rejects.toBe(badKey);
	});
});

describe('an abort', () => {
	it('ends the wait at once, with its reason', async () => {
		const { run, clock, abort, looks } = wait([started]);
		await clock.advance(70_000);
		abort.abort('stopped');

		await expect(run).rejects.toBe('stopped');
		expect(looks).toEqual([60]);
		await clock.advance(300_000);
		expect(looks).toEqual([60]);
	});

	it('before the wait keeps it from beginning', async () => {
		const check = jest.fn();
		const run = poll(check, started, policy, manualClock(), AbortSignal.abort('stopped'));

		await expect(run).rejects.toBe('stopped');
		expect(check).not.toHaveBeenCalled();
	});

	it('during a check is not taken for trouble that may pass', async () => {
		const { run, clock, abort, looks, slow } = wait([overloaded]);
		slow(5_000);
		await clock.advance(62_000);
		abort.abort('stopped');
		await clock.advance(3_000);

		await expect(run).rejects.toBe('stopped');
		expect(looks).toEqual([60]);
	});
});
