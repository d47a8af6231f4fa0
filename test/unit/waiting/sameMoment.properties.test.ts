/** Any interleaving of completions, callbacks and their repetitions, as n8n takes them. */
import fc from 'fast-check';

import { newTask } from '../../../nodes/KieAi/protocol/video';
import type { Callback } from '../../../nodes/KieAi/waiting/park';
import { admit, takeNews } from '../../../nodes/KieAi/waiting/sameMoment';
import { NOON_MS } from '../support/clock';

beforeAll(() => fc.configureGlobal({ seed: 4096 }));

let runs = 0;

/** One paused execution: n8n reads it for a callback, calls the node with what it read, and runs or refuses. */
class Execution {
	readonly run = `run ${++runs}`;
	isRunning = false;
	/** The first callback of this parking, while it waits for others. */
	waking?: { read: Execution['stored']; item: number };
	stored: { times: number; known: Set<number> } = { times: 1, known: new Set() };

	read() {
		return this.isRunning ? undefined : { ...this.stored, known: new Set(this.stored.known) };
	}

	/** @returns whether KieAI gets a 200 at once */
	call(read: typeof this.stored, item: number): boolean {
		if (read.known.has(item)) return true;
		const task = newTask({ kind: 'generate', taskId: `veo_${item}` });
		const isFirst = admit({ run: this.run, times: read.times }, { item, task }, NOON_MS);
		if (isFirst) this.waking = { read, item };
		return false;
	}

	/** The first callback has waited for others. @returns whose callback gets a 200, if one does */
	wake(): number | undefined {
		const { waking } = this;
		delete this.waking;
		if (waking === undefined) return undefined;
		const news = this.takeNews();
		if (this.isRunning) return undefined;
		this.isRunning = true;
		this.stored = waking.read;
		this.learn(news);
		return waking.item;
	}

	parkAgain(): void {
		if (!this.isRunning) return;
		this.learn(this.takeNews());
		this.isRunning = false;
		this.stored.times++;
	}

	private takeNews() {
		return takeNews({ run: this.run, times: this.stored.times });
	}

	private learn(news: Callback[]): void {
		for (const { item } of news) this.stored.known.add(item);
	}
}

it('ends with each task known, and none forgotten on the way', () => {
	const step = fc.record({
		item: fc.nat({ max: 5 }),
		does: fc.constantFrom('read', 'call', 'wake', 'park'),
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
			const execution = new Execution();
			const reads = new Map<number, typeof execution.stored>();
			const answered = new Set<number>();
			const answer = (item: number | undefined) => item !== undefined && answered.add(item);
			const expectNothingLost = () =>
				expect([...answered].filter((item) => !execution.stored.known.has(item))).toEqual([]);

			for (const { item, does } of steps) {
				const read = reads.get(item);
				if (does === 'park') execution.parkAgain();
				else if (does === 'wake') answer(execution.wake());
				else if (does === 'read') {
					const now = execution.read();
					if (now) reads.set(item, now);
				} else if (read) {
					reads.delete(item);
					if (execution.call(read, item)) answer(item);
				}
				expectNothingLost();
			}
			// KieAI calls again for what was not answered.
			execution.wake();
			for (let item = 0; item <= 5; item++) {
				execution.parkAgain();
				const read = execution.read();
				if (read && !answered.has(item) && !execution.call(read, item)) {
					expect(execution.wake()).toBe(item);
				}
			}
			expect([...execution.stored.known].sort()).toEqual([0, 1, 2, 3, 4, 5]);
		}),
		{ numRuns: 3000 },
	);
});
