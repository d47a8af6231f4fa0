import { shareOverlaps } from '../overlap';
import type { Clock } from '../protocol/clock';

/** KieAI may deliver a callback more than once, and two deliveries may come at the same moment. */
export interface Repeats<T> {
	/** Deliveries of the same key that overlap are looked at once, and share the outcome. */
	share(key: string, look: () => Promise<T>): Promise<T>;
	has(key: string): boolean;
	/** Remembers what has been let through, for as many ms, or until there is too much of it. */
	add(key: string, forMs?: number): void;
	/** What was let through has come to nothing. */
	forget(key: string): void;
}

/** Best effort: a bounded memory of this process, which forgets the oldest first. */
export function rememberRepeats<T>(maxKeys: number, clock: Pick<Clock, 'now'>): Repeats<T> {
	/** Until when each is remembered, as epoch in ms. */
	const letThrough = new Map<string, number>();
	return {
		share: shareOverlaps(),
		has: (key) => (letThrough.get(key) ?? 0) > clock.now(),
		add(key, forMs = Number.POSITIVE_INFINITY) {
			letThrough.delete(key);
			letThrough.set(key, clock.now() + forMs);
			const oldest = letThrough.size > maxKeys ? letThrough.keys().next().value : undefined;
			if (oldest !== undefined) letThrough.delete(oldest);
		},
		forget: (key) => void letThrough.delete(key),
	};
}
