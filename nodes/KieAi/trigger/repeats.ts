/** KieAI may deliver a callback more than once, and two deliveries may come at the same moment. */
export interface Repeats<T> {
	/** Deliveries of the same key that overlap are looked at once, and share the outcome. */
	share(key: string, look: () => Promise<T>): Promise<T>;
	has(key: string): boolean;
	/** Remembers what has been let through. */
	add(key: string): void;
}

/** Best effort: a bounded memory of this process, which forgets the oldest first. */
export function rememberRepeats<T>(maxKeys: number): Repeats<T> {
	const underWay = new Map<string, Promise<T>>();
	const letThrough = new Set<string>();
	return {
		async share(key, look) {
			const others = underWay.get(key);
			if (others) return await others;
			const mine = look().finally(() => underWay.delete(key));
			underWay.set(key, mine);
			return await mine;
		},
		has: (key) => letThrough.has(key),
		add(key) {
			letThrough.add(key);
			const oldest = letThrough.size > maxKeys ? letThrough.values().next().value : undefined;
			if (oldest !== undefined) letThrough.delete(oldest);
		},
	};
}
