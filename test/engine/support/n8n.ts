/**
 * n8n-core, set up for a process of its own: nothing of a person's n8n on this machine is read or
 * written. It may be an older one (jest.config.js says how); what is n8n's server is always 2.41's. Import n8n-core through this file only, for the environment must stand before n8n reads it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoggerProxy } from 'n8n-workflow';
import type * as N8nCore from 'n8n-core';
import type { BinaryMode, LogLine } from './types';

const userFolder = join(tmpdir(), `kieai-engine-${randomUUID()}`);
Object.assign(process.env, {
	N8N_USER_FOLDER: userFolder,
	N8N_ENCRYPTION_KEY: 'engine-tests',
	N8N_LOG_LEVEL: 'silent',
	N8N_DIAGNOSTICS_ENABLED: 'false',
});

// Required, not imported: imports are hoisted above the lines that set the environment.
export const core = createRequire(__filename)('n8n-core') as typeof N8nCore;

/** The part of n8n's dependency injection used here. */
interface Container {
	get<T>(token: abstract new (...args: never[]) => T): T;
	set(token: unknown, instance: unknown): void;
}

// The packages that n8n-core itself uses: another copy at the top of node_modules would be another
// container, in which nothing of n8n-core lives.
const requireOfCore = createRequire(require.resolve('n8n-core'));
export const container = (requireOfCore('@n8n/di') as { Container: Container }).Container;
const { Logger } = requireOfCore('@n8n/backend-common') as { Logger: unknown };
const { version } = requireOfCore('../package.json') as { version: string };

/** Whether the n8n-core under the tests is of this version (`2.30`) or a later one; from 2.0 on, n8n's own is the same. */
export function coreIsAtLeast(wanted: string): boolean {
	return version.localeCompare(wanted, 'en', { numeric: true }) >= 0;
}

/** What n8n makes text of an execution's data with: what is shared in it stays shared. */
export const flatted = createRequire(backendCommon())('flatted') as {
	stringify(value: unknown): string;
	parse(text: string): unknown;
};

/** Of this checkout: that of an older n8n-core has no flatted. */
function backendCommon(): string {
	const manifest = join(__dirname, '../../../node_modules/n8n-core/package.json');
	return createRequire(manifest).resolve('@n8n/backend-common');
}

/** What belongs to one run and is global in n8n, where a process has one logger and one mode. */
export interface RunScope {
	log: LogLine[];
	binaryMode: BinaryMode;
}

/** n8n's settings, by what its service calls them. */
const BINARY_MODES = {
	filesystem: 'filesystem-v2',
	default: 'default',
	database: 'database',
} as const;

export const runScope = new AsyncLocalStorage<RunScope>();
export const logListeners = new Set<LogLine[]>();

function write(level: LogLine['level']) {
	return (message: string, meta: object = {}) => {
		const line = { level, message, meta };
		runScope.getStore()?.log.push(line);
		for (const lines of logListeners) lines.push(line);
	};
}

const logger = {
	error: write('error'),
	warn: write('warn'),
	info: write('info'),
	debug: write('debug'),
	scoped: () => logger,
};
container.set(Logger, logger);
LoggerProxy.init(logger);

export const binaryData = () => container.get(core.BinaryDataService);
let openEngines = 0;

/** Prepares the folder for binary data; returns what removes it after the last engine has closed. */
export async function openStorage(): Promise<() => void> {
	openEngines += 1;
	mkdirSync(userFolder, { recursive: true });
	const service = binaryData();
	await service.init();
	// n8n has one mode for a whole instance; here every run may choose.
	Object.defineProperty(service, 'mode', {
		configurable: true,
		get: () => BINARY_MODES[runScope.getStore()?.binaryMode ?? 'filesystem'],
		set: () => undefined,
	});
	let open = true;
	return () => {
		if (!open) return;
		open = false;
		openEngines -= 1;
		if (openEngines === 0) rmSync(userFolder, { recursive: true, force: true });
	};
}
