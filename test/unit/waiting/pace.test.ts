import { concurrencyGate, paceGate } from '../../../nodes/KieAi/waiting/pace';
import { manualClock, NOON_MS, type ManualClock } from '../support/clock';

describe('the concurrency gate', () => {
	/** Work that ends when it is told to. */
	function openWork() {
		const started: number[] = [];
		const finish: Array<() => void> = [];
		const work = (name: number) => async () => {
			started.push(name);
			await new Promise<void>((resolve) => {
				finish[name] = resolve;
			});
			return name;
		};
		return { started, work, finish: (name: number) => finish[name]?.() };
	}

	const soon = async () => await new Promise((resolve) => setImmediate(resolve));

	it('lets as many in as it may, and the next when one is done', async () => {
		const gate = concurrencyGate(2);
		const { started, work, finish } = openWork();
		for (const name of [0, 1, 2, 3]) void gate(work(name));
		await soon();
		expect(started).toEqual([0, 1]);

		finish(1);
		await soon();
		expect(started).toEqual([0, 1, 2]);
	});

	it('keeps the order of the calls, whoever is done first', async () => {
		const gate = concurrencyGate(2);
		const { started, work, finish } = openWork();
		for (const name of [0, 1, 2, 3, 4]) void gate(work(name));
		for (const name of [1, 0, 3, 2]) {
			await soon();
			finish(name);
		}
		await soon();
		expect(started).toEqual([0, 1, 2, 3, 4]);
	});

	it('lets nobody slip in before those who wait', async () => {
		const gate = concurrencyGate(1);
		const started: string[] = [];
		const first = gate(async () => 'first').then(async () => {
			await gate(async () => started.push('late'));
		});
		await Promise.all([first, gate(async () => started.push('waiting'))]);
		expect(started).toEqual(['waiting', 'late']);
	});

	it('is never fuller than it may be, and never shut for good', async () => {
		const clock = manualClock();
		const gate = concurrencyGate(3);
		let inside = 0;
		let most = 0;
		const run = Promise.all(
			Array.from({ length: 20 }, async (_, i) => {
				await clock.sleep((i * 7) % 5);
				await gate(async () => {
					most = Math.max(most, ++inside);
					await clock.sleep((i * 13) % 11);
					inside--;
				});
			}),
		);
		await clock.runUntilSettled(run);

		expect(await run).toHaveLength(20);
		expect(most).toBe(3);
	});

	it('hands out results and failures, and frees the place of both', async () => {
		const gate = concurrencyGate(1);
		const failing = gate(async () => await Promise.reject(new Error('no')));
		const next = gate(async () => 'done');

		await expect(failing).rejects.toThrow('no');
		expect(await next).toBe('done');
		expect(await gate(async () => 'again')).toBe('again');
	});
});

describe('the pace gate', () => {
	const LIMIT = 3;
	const WINDOW_MS = 10_000;

	interface Journey {
		/** From the sender to KieAI, and back again. */
		thereMs: number;
		backMs: number;
	}

	/** Sends through a gate; when each request left and when it arrived, in ms from the start. */
	async function send(journeys: Journey[], { clock = manualClock(), limit = LIMIT } = {}) {
		const gate = paceGate(limit, WINDOW_MS, clock);
		const left: number[] = [];
		const arrived: number[] = [];
		const order: number[] = [];
		const run = Promise.all(
			journeys.map(
				async ({ thereMs, backMs }, i) =>
					await gate(async () => {
						order.push(i);
						left.push(clock.now() - NOON_MS);
						await clock.sleep(thereMs);
						arrived.push(clock.now() - NOON_MS);
						await clock.sleep(backMs);
					}),
			),
		);
		await clock.runUntilSettled(run);
		await run;
		return { left, arrived: arrived.sort((a, b) => a - b), order };
	}

	function mostInOneWindow(arrived: number[]): number {
		return Math.max(
			...arrived.map((from) => arrived.filter((at) => at >= from && at < from + WINDOW_MS).length),
		);
	}

	const prompt: Journey = { thereMs: 0, backMs: 0 };

	it.each<[string, (i: number) => Journey]>([
		['at once', () => prompt],
		['after a second', () => ({ thereMs: 500, backMs: 500 })],
		['slower than the window', () => ({ thereMs: 100, backMs: 25_000 })],
		['after a long way there', () => ({ thereMs: 9_000, backMs: 0 })],
		['now after a long way there, now at once', (i) => ({ thereMs: i < 3 ? 9_000 : 0, backMs: 0 })],
		[
			'some soon, some late',
			(i) => ({ thereMs: (i * 3_700) % 9_100, backMs: (i * 5_300) % 13_000 }),
		],
	])(
		'never lets more arrive in any window than it may, where answers come %s',
		async (_when, of) => {
			const { arrived } = await send(Array.from({ length: 20 }, (_, i) => of(i)));

			expect(arrived).toHaveLength(20);
			expect(mostInOneWindow(arrived)).toBeLessThanOrEqual(LIMIT);
		},
	);

	it('is no slower than it has to be', async () => {
		const { left } = await send(Array.from({ length: 7 }, () => prompt));
		expect(left).toEqual([0, 0, 0, 10_000, 10_000, 10_000, 20_000]);
	});

	it('counts a window from the answer: only then the request had surely arrived', async () => {
		const { left } = await send([{ thereMs: 0, backMs: 4_000 }, prompt], { limit: 1 });
		expect(left).toEqual([0, 14_000]);
	});

	it('keeps the order of the calls', async () => {
		const journeys = Array.from({ length: 12 }, (_, i) => ({
			thereMs: (i * 3_700) % 9_100,
			backMs: (i * 5_300) % 13_000,
		}));
		const { order } = await send(journeys);
		expect(order).toEqual([...journeys.keys()]);
	});

	it('has all its places from the start, also for one call after the other', async () => {
		const clock = manualClock();
		const gate = paceGate(2, WINDOW_MS, clock);
		await gate(async () => undefined);
		await gate(async () => undefined);
		expect(clock.sleeps).toEqual([]);
	});

	it('does not make anybody wait for a window that has long passed', async () => {
		const clock = manualClock();
		const gate = paceGate(1, WINDOW_MS, clock);
		await gate(async () => undefined);
		await clock.advance(10_000);
		await gate(async () => undefined);
		expect(clock.sleeps).toEqual([]);
	});

	it('counts what failed: KieAI counts it too', async () => {
		const clock = manualClock();
		const gate = paceGate(1, WINDOW_MS, clock);
		const failing = gate(async () => await Promise.reject(new Error('no')));
		const next = gate(async () => clock.now() - NOON_MS);
		await expect(failing).rejects.toThrow('no');
		await clock.runUntilSettled(next);
		expect(await next).toBe(10_000);
	});

	it('hands out results', async () => {
		expect(await paceGate(1, WINDOW_MS, manualClock())(async () => 'done')).toBe('done');
	});

	describe('an abort', () => {
		async function sendAndAbort(clock: ManualClock, count: number) {
			const abort = new AbortController();
			const gate = paceGate(2, WINDOW_MS, clock, abort.signal);
			const sent: number[] = [];
			const runs = Array.from(
				{ length: count },
				async (_, i) => await gate(async () => sent.push(i)),
			);
			const ended = Promise.allSettled(runs);
			await clock.advance(5_000);
			abort.abort('stopped');
			return { outcomes: await ended, sent };
		}

		it('ends the wait of all at once, and sends none of them', async () => {
			const clock = manualClock();
			const { outcomes, sent } = await sendAndAbort(clock, 7);

			expect(sent).toEqual([0, 1]);
			expect(outcomes.slice(2)).toEqual(
				Array.from({ length: 5 }, () => ({ status: 'rejected', reason: 'stopped' })),
			);
			expect(clock.now()).toBe(NOON_MS + 5_000);
		});

		it('before the first keeps it from being sent, though its place is free', async () => {
			const gate = paceGate(2, WINDOW_MS, manualClock(), AbortSignal.abort('stopped'));
			const run = jest.fn();

			await expect(gate(run)).rejects.toBe('stopped');
			expect(run).not.toHaveBeenCalled();
		});

		it('leaves alone what was sent', async () => {
			const { outcomes } = await sendAndAbort(manualClock(), 2);
			expect(outcomes).toEqual([
				{ status: 'fulfilled', value: 1 },
				{ status: 'fulfilled', value: 2 },
			]);
		});
	});
});
