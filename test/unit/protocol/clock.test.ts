import { systemClock } from '../../../nodes/KieAi/protocol/clock';
import { NOON_MS } from '../support/clock';

beforeEach(() => jest.useFakeTimers({ now: NOON_MS }));
afterEach(() => jest.useRealTimers());

describe('the system’s clock', () => {
	it('tells the time in ms', () => {
		expect(systemClock.now()).toBe(NOON_MS);
	});

	it.each<[string, AbortSignal | undefined]>([
		['without a signal', undefined],
		['with a signal', new AbortController().signal],
	])('sleeps as long as it is told, %s', async (_what, signal) => {
		const awake = jest.fn();
		void systemClock.sleep(5_000, signal).then(awake);

		await jest.advanceTimersByTimeAsync(4_999);
		expect(awake).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(1);
		expect(awake).toHaveBeenCalled();
	});

	it('does not fall asleep where it was aborted before', async () => {
		await expect(systemClock.sleep(5_000, AbortSignal.abort('stopped'))).rejects.toBe('stopped');
		expect(jest.getTimerCount()).toBe(0);
	});

	it('wakes at once when it is aborted, and says why', async () => {
		const abort = new AbortController();
		const ended = expect(systemClock.sleep(5_000, abort.signal)).rejects.toBe('stopped');
		await jest.advanceTimersByTimeAsync(1_000);
		abort.abort('stopped');

		await ended;
		expect(systemClock.now()).toBe(NOON_MS + 1_000);
	});

	it('leaves nothing behind at the signal, however often it sleeps', async () => {
		const { signal } = new AbortController();
		const add = jest.spyOn(signal, 'addEventListener');
		const remove = jest.spyOn(signal, 'removeEventListener');
		for (let i = 0; i < 3; i++) {
			void systemClock.sleep(1_000, signal);
			await jest.advanceTimersByTimeAsync(1_000);
		}

		expect(remove.mock.calls.map(([type, listener]) => [type, listener])).toEqual(
			add.mock.calls.map(([type, listener]) => [type, listener]),
		);
		expect(add).toHaveBeenCalledTimes(3);
	});
});
