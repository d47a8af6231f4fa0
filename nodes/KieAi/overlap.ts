/** Work of the same key that overlaps is done once, and its outcome shared; nothing is kept after it. */
export function shareOverlaps<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
	const underWay = new Map<string, Promise<T>>();
	return async (key, work) => {
		const others = underWay.get(key);
		if (others) return await others;
		const mine = work().finally(() => underWay.delete(key));
		underWay.set(key, mine);
		return await mine;
	};
}
