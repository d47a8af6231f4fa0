/**
 * Films of any size. A real MP4 followed by one `free` box stays a valid MP4 that players show as
 * before, so a film of a gibibyte needs no gibibyte of memory or disk.
 */
import { Readable } from 'node:stream';

/** Box header with a 64-bit length: 4 bytes "1", 4 bytes type, 8 bytes length. */
const FREE_BOX_HEADER_BYTES = 16;
const ZEROS = Buffer.alloc(64 * 1024);

/** The size in bytes that a film gets when asked to be `wantedBytes`; padding never shortens it. */
export function paddedSize(film: Buffer, wantedBytes: number): number {
	return wantedBytes >= film.length + FREE_BOX_HEADER_BYTES ? wantedBytes : film.length;
}

/** Streams bytes `start` to `end` (inclusive) of a film padded to `size`. */
export function readFilm(film: Buffer, size: number, start: number, end: number): Readable {
	const head = size > film.length ? Buffer.concat([film, freeBoxHeader(size - film.length)]) : film;
	return Readable.from(pieces(head, start, end), { objectMode: false });
}

function freeBoxHeader(boxBytes: number): Buffer {
	const header = Buffer.alloc(FREE_BOX_HEADER_BYTES);
	header.writeUInt32BE(1, 0);
	header.write('free', 4, 'latin1');
	header.writeBigUInt64BE(BigInt(boxBytes), 8);
	return header;
}

function* pieces(head: Buffer, start: number, end: number): Generator<Buffer> {
	let position = start;
	while (position <= end) {
		const wanted = Math.min(end - position + 1, ZEROS.length);
		const piece =
			position < head.length
				? head.subarray(position, position + wanted)
				: ZEROS.subarray(0, wanted);
		yield piece;
		position += piece.length;
	}
}
