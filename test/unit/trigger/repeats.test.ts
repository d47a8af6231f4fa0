import { rememberRepeats as remember } from '../../../nodes/KieAi/trigger/repeats';
import { manualClock } from '../support/clock';

const rememberRepeats = <T>(maxKeys: number) => remember<T>(maxKeys, manualClock());

describe('what has been let through', () => {
	it('is remembered', () => {
		const repeats = rememberRepeats(10);
		repeats.add('a');
		expect([repeats.has('a'), repeats.has('b')]).toEqual([true, false]);
	});

	it('is forgotten, the oldest first, when there is too much of it', () => {
		const repeats = rememberRepeats(2);
		for (const key of ['a', 'b', 'c']) repeats.add(key);
		expect(['a', 'b', 'c'].map(repeats.has)).toEqual([false, true, true]);
	});

	it('does not push others out when it comes again', () => {
		const repeats = rememberRepeats(2);
		for (const key of ['a', 'b', 'b', 'b']) repeats.add(key);
		expect(repeats.has('a')).toBe(true);
	});

	it('is remembered for as long as was said, and from its last time on', async () => {
		const clock = manualClock();
		const repeats = remember(10, clock);
		repeats.add('a', 1000);
		await clock.advance(999);
		expect(repeats.has('a')).toBe(true);
		await clock.advance(1);
		expect(repeats.has('a')).toBe(false);
		repeats.add('a', 1000);
		expect(repeats.has('a')).toBe(true);
	});

	it('is remembered for good where nothing was said', async () => {
		const clock = manualClock();
		const repeats = remember(10, clock);
		repeats.add('a');
		await clock.advance(365 * 24 * 3600 * 1000);
		expect(repeats.has('a')).toBe(true);
	});

	it('is remembered by each memory for itself', () => {
		rememberRepeats(2).add('a');
		expect(rememberRepeats(2).has('a')).toBe(false);
	});
});

describe('deliveries at the same moment', () => {
	it('are looked at once, and share the outcome', async () => {
		const repeats = rememberRepeats<string>(10);
		const look = jest.fn(async () => 'confirmed');

		const outcomes = await Promise.all([repeats.share('a', look), repeats.share('a', look)]);
		expect(outcomes).toEqual(['confirmed', 'confirmed']);
		expect(look).toHaveBeenCalledTimes(1);
	});

	it('share a failure too', async () => {
		const repeats = rememberRepeats<string>(10);
		const look = jest.fn(async () => await Promise.reject(new Error('no')));

		const outcomes = [repeats.share('a', look), repeats.share('a', look)];
		for (const outcome of outcomes) await expect(outcome).rejects.toThrow('no');
		expect(look).toHaveBeenCalledTimes(1);
	});

	it('of other keys are looked at each', async () => {
		const repeats = rememberRepeats<string>(10);
		const look = (outcome: string) => async () => outcome;

		const outcomes = [repeats.share('a', look('a')), repeats.share('b', look('b'))];
		expect(await Promise.all(outcomes)).toEqual(['a', 'b']);
	});

	it.each<[string, () => Promise<string>]>([
		['a success', async () => 'confirmed'],
		['a failure', async () => await Promise.reject(new Error('no'))],
	])('are over after %s: the next one is looked at again', async (_what, first) => {
		const repeats = rememberRepeats<string>(10);
		await repeats.share('a', first).catch(() => undefined);
		expect(await repeats.share('a', async () => 'again')).toBe('again');
	});

	it('are not let through by being looked at', async () => {
		const repeats = rememberRepeats<string>(10);
		await repeats.share('a', async () => 'refuted');
		expect(repeats.has('a')).toBe(false);
	});
});
