import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { INodeExecutionData } from 'n8n-workflow';

import { type Film, readFilm } from '../../../scripts/demo/film';
import type { World } from './world';

/** What is in the film that an item carries, fetched as the editor fetches it. */
export async function readFilmOf(
	{ n8n }: World,
	item: INodeExecutionData | undefined,
	field = 'data',
): Promise<Film> {
	const id = item?.binary?.[field]?.id;
	if (id === undefined) throw new Error(`The item has no stored file in '${field}'`);
	const folder = await mkdtemp(join(tmpdir(), 'kieai-film-'));
	try {
		const path = join(folder, 'film.mp4');
		await writeFile(path, await n8n.api.readBinary(id));
		return await readFilm(path);
	} finally {
		await rm(folder, { recursive: true });
	}
}
