/** What a promise, or a function, is expected to fail with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
	return await promise.then(
		(value) => {
			throw new Error(`Expected a failure, got ${JSON.stringify(value)}`);
		},
		(error: unknown) => error,
	);
}

export function thrownBy(run: () => unknown): unknown {
	try {
		run();
	} catch (error) {
		return error;
	}
	throw new Error('Expected a failure');
}
