import fc, { type Stream } from 'fast-check';

import { KieAiError, type KieAiErrorDetails } from '../../../nodes/KieAi/protocol/errors';
import { withRetries, type RetryContext, type Safety } from '../../../nodes/KieAi/protocol/retry';
import { manualClock } from '../support/clock';

function trouble(details: Partial<KieAiErrorDetails> = {}): KieAiError {
	return new KieAiError('trouble', { outcome: 'unknown', transient: true, ...details });
}

const RATE_LIMIT = trouble({ outcome: 'refused', code: 429 });

/** Runs an attempt that always fails, and tells how long each wait was. */
async function waitsAfter(
	failure: Error,
	context: Partial<RetryContext> = {},
	safety: Safety = 'repeatable',
) {
	const clock = manualClock();
	const attempt = jest.fn().mockRejectedValue(failure);
	const run = withRetries(safety, attempt, { clock, random: () => 0, ...context });
	await clock.runUntilSettled(run);
	await expect(run).rejects.toBe(failure);
	return { waits: clock.sleeps, attempts: attempt.mock.calls.length };
}

describe('which failures are tried again', () => {
	const failures = {
		'what was never sent': trouble({ outcome: 'notSent' }),
		'a rate limit': RATE_LIMIT,
		maintenance: trouble({ outcome: 'refused', code: 455 }),
		'what nobody knows': trouble({ outcome: 'unknown', code: 500 }),
		'a lost answer': trouble({ outcome: 'unknown' }),
		'a final refusal': trouble({ outcome: 'refused', transient: false, code: 422 }),
		'a final riddle': trouble({ outcome: 'unknown', transient: false }),
		'an error that is not KieAI’s': new TypeError('a bug'),
	};

	it.each<[keyof typeof failures, Safety[]]>([
		['what was never sent', ['repeatable', 'charged']],
		['a rate limit', ['repeatable', 'charged']],
		['maintenance', ['repeatable']],
		['what nobody knows', ['repeatable']],
		['a lost answer', ['repeatable']],
		['a final refusal', []],
		['a final riddle', []],
		['an error that is not KieAI’s', []],
	])('%s: those that are %p', async (name, allowed) => {
		const all = name === 'a rate limit' ? 19 : 4;
		for (const safety of ['repeatable', 'charged'] as const) {
			const { attempts } = await waitsAfter(failures[name], {}, safety);
			expect([safety, attempts]).toEqual([safety, allowed.includes(safety) ? all : 1]);
		}
	});
});

describe('how long it waits', () => {
	it('twice as long each time, from 1 s on', async () => {
		const { waits } = await waitsAfter(trouble());
		expect(waits).toEqual([1_000, 2_000, 4_000]);
	});

	it('spread by as much again, so that many items do not come back together', async () => {
		const { waits } = await waitsAfter(trouble(), { random: () => 1 });
		expect(waits).toEqual([2_000, 4_000, 8_000]);
	});

	it('of its own accord at random', async () => {
		const clock = manualClock();
		const run = withRetries('repeatable', async () => await Promise.reject(trouble()), { clock });
		await clock.runUntilSettled(run);
		await expect(run).rejects.toThrow('trouble');
		const factors = clock.sleeps.map((ms, i) => ms / (1_000 * 2 ** i));

		expect(factors).toHaveLength(3);
		expect(Math.min(...factors)).toBeGreaterThanOrEqual(1);
		expect(Math.max(...factors)).toBeLessThan(2);
		expect(new Set(factors).size).toBeGreaterThan(1);
	});

	it('for KieAI’s window of 10 s after a rate limit, spread more each time', async () => {
		const atLeast = await waitsAfter(RATE_LIMIT);
		const atMost = await waitsAfter(RATE_LIMIT, { random: () => 1 });

		expect(new Set(atLeast.waits)).toEqual(new Set([10_000]));
		expect(atMost.waits.slice(0, 4)).toEqual([11_000, 12_000, 14_000, 18_000]);
		expect(new Set(atMost.waits.slice(4))).toEqual(new Set([20_000]));
	});

	it.each([0, 7_000, 120_000])('for the %i ms that KieAI asks for', async (retryAfterMs) => {
		const context = { maxAttempts: 3 };
		const plain = await waitsAfter(trouble({ retryAfterMs }), context);
		const limited = await waitsAfter(trouble({ retryAfterMs, code: 429 }), context);
		const spread = await waitsAfter(trouble({ retryAfterMs }), { ...context, random: () => 1 });

		expect(plain.waits).toEqual([retryAfterMs, retryAfterMs]);
		expect(limited.waits).toEqual([retryAfterMs, retryAfterMs]);
		expect(spread.waits).toEqual([retryAfterMs + 1_000, retryAfterMs + 2_000]);
	});

	it('not at all where KieAI asks for more than 2 minutes', async () => {
		const { waits, attempts } = await waitsAfter(trouble({ retryAfterMs: 120_001 }));
		expect({ waits, attempts }).toEqual({ waits: [], attempts: 1 });
	});
});

it('lets a hundred executions that start in the same moment through', async () => {
	const chance = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
	const everyOneGetsThrough = async (chances: Stream<number>) => {
		const clock = manualClock();
		const accepted: number[] = [];
		const submit = async () => {
			const inWindow = accepted.filter((at) => clock.now() - at < 10_000);
			if (inWindow.length >= 20) throw RATE_LIMIT;
			accepted.push(clock.now());
		};
		const random = () => Number(chances.next().value);
		const one = async () => await withRetries('charged', submit, { clock, random });
		const all = Promise.all(Array.from({ length: 100 }, one));
		await clock.runUntilSettled(all);
		await all;
		expect(accepted).toHaveLength(100);
	};

	await fc.assert(fc.asyncProperty(chance, everyOneGetsThrough), { numRuns: 10 });
});

describe('when it ends', () => {
	it('after four attempts', async () => {
		expect((await waitsAfter(trouble())).attempts).toBe(4);
	});

	it.each([
		[undefined, 19],
		[7_000, 27],
		[100_000, 3],
	])('three minutes after a rate limit that asks for %p ms', async (retryAfterMs, attempts) => {
		const rateLimit = trouble({ outcome: 'refused', code: 429, retryAfterMs });
		expect(await waitsAfter(rateLimit, {}, 'charged')).toMatchObject({ attempts });
	});

	it('three minutes after a rate limit by its own waits, where the clock is set back meanwhile', async () => {
		const clock = manualClock();
		const attempt = jest.fn().mockRejectedValue(RATE_LIMIT);
		const stopped = { ...clock, now: () => 0 };
		const run = withRetries('charged', attempt, { clock: stopped, random: () => 0 });
		await clock.runUntilSettled(run);

		await expect(run).rejects.toBe(RATE_LIMIT);
		expect(attempt).toHaveBeenCalledTimes(19);
	});

	it('after four attempts that found another trouble, however often the rate limit was met before', async () => {
		const clock = manualClock();
		const attempt = jest.fn().mockRejectedValue(trouble());
		for (let refusals = 0; refusals < 5; refusals++) attempt.mockRejectedValueOnce(RATE_LIMIT);
		const run = withRetries('repeatable', attempt, { clock, random: () => 0 });
		await clock.runUntilSettled(run);

		await expect(run).rejects.not.toMatchObject({ code: 429 });
		const windows = Array.from({ length: 5 }, () => 10_000);
		expect(clock.sleeps).toEqual([...windows, 1_000, 2_000, 4_000]);
	});

	it('with one more attempt where nothing of the run has been taken for three minutes', async () => {
		const clock = manualClock();
		const context = { clock, random: () => 0, rateLimit: {} };
		const tries = async (attempt: jest.Mock) => {
			const run = withRetries('charged', attempt, context);
			await clock.runUntilSettled(run);
			await run.catch(() => undefined);
			return attempt.mock.calls.length;
		};
		const refused = () => jest.fn().mockRejectedValue(RATE_LIMIT);

		expect(await tries(refused())).toBe(19);
		expect(await tries(refused())).toBe(1);
		expect(await tries(jest.fn().mockResolvedValue('taken'))).toBe(1);
		expect(await tries(refused())).toBe(19);
	});

	it('with the first success', async () => {
		const clock = manualClock();
		const attempt = jest.fn().mockRejectedValueOnce(trouble()).mockResolvedValue('done');
		const run = withRetries('repeatable', attempt, { clock });
		await clock.runUntilSettled(run);

		expect(await run).toBe('done');
		expect(attempt).toHaveBeenCalledTimes(2);
	});

	it('with the first failure where one attempt is all', async () => {
		const { waits, attempts } = await waitsAfter(trouble(), { maxAttempts: 1 });
		expect({ waits, attempts }).toEqual({ waits: [], attempts: 1 });
	});

	it('before the first attempt where it was aborted before', async () => {
		const attempt = jest.fn();
		const signal = AbortSignal.abort('stopped');

		const run = withRetries('repeatable', attempt, { clock: manualClock(), signal });
		await expect(run).rejects.toBe('stopped');
		expect(attempt).not.toHaveBeenCalled();
	});

	it('at once, with what is known of it, where it is aborted while it waits', async () => {
		const clock = manualClock();
		const abort = new AbortController();
		const attempt = jest.fn().mockRejectedValue(RATE_LIMIT);
		const run = withRetries('repeatable', attempt, { clock, signal: abort.signal });
		const ended = expect(run).rejects.toBe(RATE_LIMIT);
		await clock.advance(500);
		abort.abort('stopped');

		await ended;
		expect(attempt).toHaveBeenCalledTimes(1);
	});

	it('with the attempt during which it is aborted', async () => {
		const clock = manualClock();
		const abort = new AbortController();
		const attempt = jest.fn().mockImplementation(async () => {
			abort.abort('stopped');
			return await Promise.reject(trouble());
		});
		const run = withRetries('repeatable', attempt, { clock, signal: abort.signal });

		await expect(run).rejects.toThrow('trouble');
		expect(attempt).toHaveBeenCalledTimes(1);
	});
});
