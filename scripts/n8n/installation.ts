/**
 * n8n, the Node that it needs, and what else a few tests need, installed once into a cache beside nobody's checkout. Whoever
 * finds the folder finds it whole: it is put together elsewhere, and renamed when complete.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { Progress } from '../demo/progress';
import { type CommandOptions, npm } from './command';

/** What the nodes are made with; n8n-core in package.json is of it. */
export const NEWEST_N8N = '2.41.1';
/** Another one where the environment says so, such as the last 1.x. */
export const N8N_VERSION = process.env['N8N_VERSION'] || NEWEST_N8N;
export const IS_N8N_1 = N8N_VERSION.startsWith('1.');
/** n8n 2.41 runs on Node 24 only, and 1.123 on it too; the npm package of that name brings the binary. */
const NODE_VERSION = '24.21.0';

/** The last that runs on Node 20. */
const STRYKER_VERSION = '9.6.1';

/** What n8n 1.x fetches from outside of npm's registry; nothing here reads a spreadsheet. */
const OVERRIDES = { xlsx: '0.18.5' };

const UNFINISHED = '.unfinished-';
const DAY_MS = 86_400_000;

/** Paths to run: `<node> <n8n> start`. */
export interface Installation {
	node: string;
	n8n: string;
}

/** @throws an error with npm's last words; the signal's reason where it was stopped */
export async function installN8n(progress: Progress, signal?: AbortSignal): Promise<Installation> {
	const folder = await installOnce(
		`n8n-${N8N_VERSION}`,
		'3 GB, some minutes',
		progress,
		async (cwd) => {
			const options = { cwd, signal };
			progress.tell('fetching 2,450 packages');
			// Of the packages with install scripts n8n needs these two here; others compile what it can do without.
			await install({ n8n: N8N_VERSION, node: NODE_VERSION }, options);
			progress.tell(`fetching Node ${NODE_VERSION}`);
			await npm(['rebuild', 'node', '--ignore-scripts=false'], options);
			progress.tell('fetching or compiling SQLite');
			await npm(['rebuild', 'sqlite3', '--ignore-scripts=false'], options);
		},
	);
	return {
		node: join(folder, 'node_modules/node/bin/node'),
		n8n: join(folder, 'node_modules/n8n/bin/n8n'),
	};
}

/**
 * n8n's engine alone, as some version of n8n has it.
 * @returns the folder with `node_modules` in it
 */
export async function installEngine(
	core: string,
	progress: Progress,
	signal?: AbortSignal,
): Promise<string> {
	return await installOnce(`n8n-core-${core}`, '430 MB', progress, async (cwd) => {
		progress.tell('fetching packages');
		await install({ 'n8n-core': core }, { cwd, signal });
	});
}

/**
 * What `npm run test:mutation` runs, and only that: it stays out of package.json.
 * @returns the folder with `node_modules` in it
 */
export async function installStryker(progress: Progress, signal?: AbortSignal): Promise<string> {
	return await installOnce(`stryker-${STRYKER_VERSION}`, '65 MB', progress, async (cwd) => {
		progress.tell('fetching packages');
		const packages = ['@stryker-mutator/core', '@stryker-mutator/jest-runner'];
		const dependencies = Object.fromEntries(packages.map((name) => [name, STRYKER_VERSION]));
		await install(dependencies, { cwd, signal });
	});
}

async function install(
	dependencies: Record<string, string>,
	options: CommandOptions,
): Promise<void> {
	const manifest = JSON.stringify({ private: true, dependencies, overrides: OVERRIDES });
	await writeFile(join(options.cwd, 'package.json'), manifest);
	await npm(['install', '--ignore-scripts'], options);
}

export function cacheFolder(env: NodeJS.ProcessEnv): string {
	const { KIEAI_CACHE_DIR, XDG_CACHE_HOME } = env;
	if (KIEAI_CACHE_DIR) return KIEAI_CACHE_DIR;
	return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-kieai');
}

/** @param fill puts it together in a folder that is another's name until then */
async function installOnce(
	name: string,
	cost: string,
	progress: Progress,
	fill: (unfinished: string) => Promise<void>,
): Promise<string> {
	const cache = cacheFolder(process.env);
	const folder = join(cache, name);
	if (existsSync(folder)) return folder;
	await mkdir(cache, { recursive: true });
	await removeLeftovers(cache);
	progress.begin(`Installing ${name} into ${folder}, once: ${cost}`);
	const unfinished = await mkdtemp(join(cache, `${name}${UNFINISHED}`));
	try {
		await fill(unfinished);
		await rename(unfinished, folder).catch((error: unknown) => {
			// Another process was faster: then its folder serves as well.
			if (!existsSync(folder)) throw error;
		});
	} catch (error) {
		progress.fail();
		throw error;
	} finally {
		await rm(unfinished, { recursive: true, force: true });
	}
	progress.succeed('done');
	return folder;
}

/** What an installation that was killed has left; a younger one may be at work still. */
async function removeLeftovers(cache: string): Promise<void> {
	for (const name of await readdir(cache)) {
		if (!name.includes(UNFINISHED)) continue;
		const path = join(cache, name);
		const info = await stat(path).catch(() => undefined);
		if (info && Date.now() - info.mtimeMs > DAY_MS) {
			await rm(path, { recursive: true, force: true });
		}
	}
}
