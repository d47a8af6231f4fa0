import { open } from 'node:fs/promises';

import mediaInfoFactory from 'mediainfo.js';

export interface Film {
	width: number;
	height: number;
	seconds: number;
	bytes: number;
}

/** @throws if the file has no video in it */
export async function readFilm(path: string): Promise<Film> {
	const file = await open(path);
	const mediaInfo = await mediaInfoFactory({ format: 'object' });
	try {
		const { size: bytes } = await file.stat();
		const { media } = await mediaInfo.analyzeData(bytes, async (length, position) => {
			const chunk = new Uint8Array(length);
			const { bytesRead } = await file.read(chunk, 0, length, position);
			return chunk.subarray(0, bytesRead);
		});
		for (const track of media?.track ?? []) {
			if (track['@type'] !== 'Video') continue;
			const { Width: width = 0, Height: height = 0, Duration: seconds = 0 } = track;
			if (width > 0 && height > 0) return { width, height, seconds, bytes };
		}
		throw new Error(`${path} is no video file`);
	} finally {
		mediaInfo.close();
		await file.close();
	}
}
