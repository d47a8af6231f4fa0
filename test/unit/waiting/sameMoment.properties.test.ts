/** Any interleaving of completions, callbacks and their repetitions, as n8n takes them. */
import fc from 'fast-check';

import { newTask } from '../../../nodes/KieAi/protocol/video';
import { admit } from '../../../nodes/KieAi/waiting/sameMoment';
import { NOON_MS } from '../support/clock';

beforeAll(() => fc.configureGlobal({ seed: 4096 }));

let runs = 0;

/** One paused execution: n8n reads it for a callback, calls the node with what it read, and runs or refuses. */
class Execution {
	readonly run = `run ${++runs}`;
	isRunning = false;
	stored = { times: 1, known: new Set<number>() };

	read() {
		return this.isRunning ? undefined : { ...this.stored, known: new Set(this.stored.known) };
	}

	/** @returns whether KieAI gets a 200 */
	call(read: typeof this.stored, item: number): boolean {
		if (read.known.has(item)) return true;
		const task = newTask({ kind: 'generate', taskId: `veo_${item}` });
		const callbacks = admit({ run: this.run, times: read.times }, { item, task }, NOON_MS);
		if (callbacks === undefined || this.isRunning) return false;
		this.isRunning = true;
		this.stored = read;
		for (const callback of callbacks) read.known.add(callback.item);
		return true;
	}

	parkAgain(): void {
		if (!this.isRunning) return;
		this.isRunning = false;
		this.stored.times++;
	}
}

it('ends with each task known, and none forgotten on the way', () => {
	const step = fc.record({
		item: fc.nat({ max: 5 }),
		does: fc.constantFrom('read', 'call', 'park'),
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
			const execution = new Execution();
			const reads = new Map<number, typeof execution.stored>();
			const answered = new Set<number>();
			const expectNothingLost = () =>
				expect([...answered].filter((item) => !execution.stored.known.has(item))).toEqual([]);

			for (const { item, does } of steps) {
				const read = reads.get(item);
				if (does === 'park') execution.parkAgain();
				else if (does === 'read') {
					const now = execution.read();
					if (now) reads.set(item, now);
				} else if (read) {
					reads.delete(item);
					if (execution.call(read, item)) answered.add(item);
				}
				expectNothingLost();
			}
			// KieAI calls again for what was not answered.
			for (let item = 0; item <= 5; item++) {
				execution.parkAgain();
				const read = execution.read();
				if (read && !answered.has(item)) expect(execution.call(read, item)).toBe(true);
			}
			expect([...execution.stored.known].sort()).toEqual([0, 1, 2, 3, 4, 5]);
		}),
		{ numRuns: 3000 },
	);
});
