/**
 * n8n and the Node that it needs, installed once into a cache beside nobody's checkout. Whoever
 * finds the folder finds it whole: it is put together elsewhere, and renamed when complete.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { Progress } from '../demo/progress';
import { npm } from './command';

export const N8N_VERSION = '2.41.1';
/** n8n 2.41 runs on Node 24 only; the npm package of that name brings the binary. */
const NODE_VERSION = '24.21.0';

const FOLDER = `n8n-${N8N_VERSION}`;
const UNFINISHED = `${FOLDER}.unfinished-`;
const DAY_MS = 86_400_000;

/** Paths to run: `<node> <n8n> start`. */
export interface Installation {
	node: string;
	n8n: string;
}

/** @throws an error with npm's last words; the signal's reason where it was stopped */
export async function installN8n(progress: Progress, signal?: AbortSignal): Promise<Installation> {
	const cache = cacheFolder(process.env);
	const folder = join(cache, FOLDER);
	if (!existsSync(folder)) {
		await mkdir(cache, { recursive: true });
		await removeLeftovers(cache);
		progress.begin(`Installing n8n ${N8N_VERSION} into ${folder}, once: 3 GB, some minutes`);
		await installInto(folder, await mkdtemp(join(cache, UNFINISHED)), progress, signal);
		progress.succeed('done');
	}
	return {
		node: join(folder, 'node_modules/node/bin/node'),
		n8n: join(folder, 'node_modules/n8n/bin/n8n'),
	};
}

export function cacheFolder(env: NodeJS.ProcessEnv): string {
	const { KIEAI_CACHE_DIR, XDG_CACHE_HOME } = env;
	if (KIEAI_CACHE_DIR) return KIEAI_CACHE_DIR;
	return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-kieai');
}

async function installInto(
	folder: string,
	unfinished: string,
	progress: Progress,
	signal: AbortSignal | undefined,
): Promise<void> {
	const options = { cwd: unfinished, signal };
	try {
		const dependencies = { n8n: N8N_VERSION, node: NODE_VERSION };
		await writeFile(
			join(unfinished, 'package.json'),
			JSON.stringify({ private: true, dependencies }),
		);
		progress.tell('fetching 2,450 packages');
		// Of the packages with install scripts n8n needs these two here; others compile what it can do without.
		await npm(['install', '--ignore-scripts'], options);
		progress.tell(`fetching Node ${NODE_VERSION}`);
		await npm(['rebuild', 'node', '--ignore-scripts=false'], options);
		progress.tell('fetching or compiling SQLite');
		await npm(['rebuild', 'sqlite3', '--ignore-scripts=false'], options);
		await rename(unfinished, folder).catch((error: unknown) => {
			// Another process was faster: then its folder serves as well.
			if (!existsSync(folder)) throw error;
		});
	} finally {
		await rm(unfinished, { recursive: true, force: true });
	}
}

/** What an installation that was killed has left; a younger one may be at work still. */
async function removeLeftovers(cache: string): Promise<void> {
	for (const name of await readdir(cache)) {
		if (!name.startsWith(UNFINISHED)) continue;
		const path = join(cache, name);
		const info = await stat(path).catch(() => undefined);
		if (info && Date.now() - info.mtimeMs > DAY_MS) {
			await rm(path, { recursive: true, force: true });
		}
	}
}
