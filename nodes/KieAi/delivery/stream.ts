import type { Readable } from '../connection';

/**
 * The stream, with something done to what it carries. Whoever reads it learns of an error, also of an earlier one.
 * Node throws an error at the process that nobody listens to, and in Node 20 one that comes before the first read.
 */
export function passThrough(
	source: Readable,
	work: (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>,
): Readable {
	const stream = source.compose(work) as Readable;
	stream.on('error', () => undefined);
	stream.read(0);
	return stream;
}
