/** KieAI may deliver a callback more than once; this remembers what has been let through. */
export interface Repeats {
	/** @returns false for a key that has been claimed before */
	claim(key: string): boolean;
	/** The delivery did not go through: the next one is wanted. */
	release(key: string): void;
}

/** Best effort: a bounded memory of this process, which forgets the oldest first. */
export function rememberRepeats(maxKeys: number): Repeats {
	const keys = new Set<string>();
	return {
		claim(key) {
			if (keys.has(key)) return false;
			keys.add(key);
			const oldest = keys.size > maxKeys ? keys.values().next().value : undefined;
			if (oldest !== undefined) keys.delete(oldest);
			return true;
		},
		release: (key) => {
			keys.delete(key);
		},
	};
}
