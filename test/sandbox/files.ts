/** What the file host holds: results, uploads and fresh links, each for its own time. */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Clock } from './clock';
import { paddedSize, readFilm } from './film';
import type { Settings } from './settings';

export type Resolution = '720p' | '1080p' | '4k';
export type AspectRatio = '16:9' | '9:16';

export interface StoredFile {
	kind: 'result' | 'upload' | 'freshLink';
	contentType: string;
	/** Sandbox time in ms; from then on the host answers with `goneStatus`. */
	expiresAt: number;
	goneStatus: 403 | 404;
	/** @param filmBytes pads a film to this size */
	open(filmBytes: number): OpenedFile;
}

export interface OpenedFile {
	size: number;
	/** Streams bytes `start` to `end`, inclusive. */
	read(start: number, end: number): Readable;
}

export interface FileStore {
	/** Publishes a film and its preview under a name of the caller's choice. */
	publishFilm(name: string, media: FilmMedia, expiresAt: number): { url: string; imageUrl: string };
	/** Takes an upload in; it has no address yet. */
	receive(content: Readable): Promise<Received>;
	/** Gives an upload its address; the same path overwrites. */
	publishUpload(path: string, contentType: string, received: Received): string;
	/** A short-lived second address of a result, or nothing if the URL is no result of ours. */
	freshLink(url: string): string | undefined;
	find(path: string): StoredFile | undefined;
	clear(): void;
	/** Removes uploads from the disk. */
	close(): void;
}

export interface FilmMedia {
	resolution: Resolution;
	aspectRatio: AspectRatio;
}

export interface Received {
	/** Where it lies on the disk. */
	location: string;
	/** In bytes. */
	size: number;
}

/** Reads one of the films or previews that lie in `media/`. */
export function readMedia({ resolution, aspectRatio }: FilmMedia, type: 'mp4' | 'jpg'): Buffer {
	const orientation = aspectRatio === '9:16' ? 'portrait' : 'landscape';
	return readFileSync(join(__dirname, 'media', `${resolution}-${orientation}.${type}`));
}

export function openFileStore(clock: Clock, settings: Settings, baseUrl: string): FileStore {
	const files = new Map<string, StoredFile>();
	let uploadFolder: string | undefined;

	return {
		publishFilm(name, media, expiresAt) {
			const result = { kind: 'result', expiresAt, goneStatus: 404 } as const;
			files.set(`/v/${name}.mp4`, {
				...result,
				contentType: 'video/mp4',
				open: (filmBytes) => openFilm(readMedia(media, 'mp4'), filmBytes),
			});
			files.set(`/v/${name}.jpg`, {
				...result,
				contentType: 'image/jpeg',
				open: () => openFilm(readMedia(media, 'jpg'), 0),
			});
			return { url: `${baseUrl}/v/${name}.mp4`, imageUrl: `${baseUrl}/v/${name}.jpg` };
		},

		async receive(content) {
			uploadFolder ??= mkdtempSync(join(tmpdir(), 'kieai-sandbox-'));
			const location = join(uploadFolder, randomBytes(8).toString('hex'));
			const target = createWriteStream(location);
			await pipeline(content, target);
			return { location, size: target.bytesWritten };
		},

		publishUpload(path, contentType, { location, size }) {
			files.set(`/uploads/${path}`, {
				kind: 'upload',
				contentType,
				expiresAt: clock.now() + settings.uploadLifeSeconds * 1000,
				goneStatus: 404,
				open: () => ({ size, read: (start, end) => createReadStream(location, { start, end }) }),
			});
			return `${baseUrl}/uploads/${path.split('/').map(encodeURIComponent).join('/')}`;
		},

		freshLink(url) {
			if (!URL.canParse(url) || new URL(url).origin !== baseUrl) return undefined;
			const file = files.get(new URL(url).pathname);
			if (file?.kind !== 'result' || file.expiresAt <= clock.now()) return undefined;
			const path = `/d/${randomBytes(16).toString('hex')}`;
			const expiresAt = clock.now() + settings.freshLinkLifeSeconds * 1000;
			files.set(path, { ...file, kind: 'freshLink', expiresAt, goneStatus: 403 });
			return baseUrl + path;
		},

		find: (path) => files.get(path),
		clear: () => files.clear(),
		close() {
			if (uploadFolder !== undefined) rmSync(uploadFolder, { recursive: true, force: true });
		},
	};
}

function openFilm(film: Buffer, filmBytes: number): OpenedFile {
	const size = paddedSize(film, filmBytes);
	return { size, read: (start, end) => readFilm(film, size, start, end) };
}
