/** One n8n as a child process, which may be killed and started again over the same data. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { killGroup } from './command';
import type { Installation } from './installation';
import { findFreePort } from './ports';
import { until } from './until';

/** The first start migrates the database: 25 s alone on a small machine, minutes beside other work. */
const START_TIMEOUT_MS = 300_000;
const TOLD_LINES = 20;

/** Loaded into n8n: whatever ends this process, be it kill -9, ends n8n and its task runner too. */
const END_WITH_PARENT = `process.once('disconnect', () => process.kill(-process.pid, 'SIGKILL'))`;

/** `start` is all of n8n, unless it runs in queue mode: then the others take callbacks, and run executions. */
export type Role = 'start' | 'webhook' | 'worker';

export interface StartOptions {
	installation: Installation;
	/** Holds database, settings, community nodes and the log. */
	userFolder: string;
	/** Of a worker: where it tells of its health. */
	port: number;
	/** `start` unless told. */
	role?: Role;
	/** Names its log, `<name>.log`; `n8n` unless told. */
	name?: string;
	/** Settings of n8n beside the quiet and local ones. */
	env?: Record<string, string>;
	signal?: AbortSignal | undefined;
}

export interface N8nProcess {
	/** `http://127.0.0.1:<port>`, the same after every start. */
	url: string;
	/** Of the current or last run. */
	pid(): number;
	/** Ends once the current run has ended, whatever the reason. */
	exited(): Promise<void>;
	/** Signals n8n, and ends once it and its children are gone. Fine if they already are. */
	kill(signal?: NodeJS.Signals): Promise<void>;
	/** Starts it again over the same data, on the same port. Ends once it answers. */
	start(): Promise<void>;
	/** Resident memory of n8n's main process in bytes, now and at its highest (Linux only). */
	memory(): Promise<{ now: number; peak: number }>;
	/** Everything n8n has logged, over all its runs. */
	log(): Promise<string>;
}

interface RunningN8n {
	pid: number;
	exited: Promise<void>;
	isOver(): boolean;
}

/** Ends once n8n's editor API answers. @throws with n8n's last log lines if it ends before */
export async function startN8n(options: StartOptions): Promise<N8nProcess> {
	const { port, role = 'start', signal } = options;
	const url = `http://127.0.0.1:${port}`;
	const log = async () => await readFile(logFile(options), 'utf8');
	let run: RunningN8n;

	const kill = async (name: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
		if (!run.isOver()) process.kill(run.pid, name);
		await run.exited;
		killGroup(run.pid, 'SIGKILL');
	};
	const start = async (): Promise<void> => {
		run = await launch(options);
		try {
			await until({ what: 'n8n to start', timeoutMs: START_TIMEOUT_MS, signal }, async () => {
				if (run.isOver()) throw new Error(`n8n has ended:\n${lastLines(await log())}`);
				return (await answers(url, READY[role])) || undefined;
			});
		} catch (error) {
			await kill('SIGKILL');
			throw error;
		}
	};

	await start();
	return {
		url,
		pid: () => run.pid,
		exited: async () => await run.exited,
		kill,
		start,
		memory: async () => await readMemory(run.pid),
		log,
	};
}

function logFile({ userFolder, name = 'n8n' }: StartOptions): string {
	return join(userFolder, `${name}.log`);
}

async function launch(options: StartOptions): Promise<RunningN8n> {
	const { installation, userFolder, role = 'start' } = options;
	const log = openSync(logFile(options), 'a');
	const guard = `data:text/javascript,${encodeURIComponent(END_WITH_PARENT)}`;
	const child = spawn(installation.node, ['--import', guard, installation.n8n, role], {
		cwd: userFolder,
		detached: true,
		env: await environment(options),
		stdio: ['ignore', log, log, 'ipc'],
	});
	closeSync(log);
	await once(child, 'spawn');
	return {
		pid: Number(child.pid),
		exited: new Promise((resolve) => child.once('exit', () => resolve())),
		isOver: () => child.exitCode !== null || child.signalCode !== null,
	};
}

/** Nothing of this process's own settings: a developer's n8n must not shine through. */
async function environment({ installation, userFolder, port, env }: StartOptions) {
	const { PATH, HOME, LANG, TMPDIR, TZ } = process.env;
	return {
		...{ HOME, LANG, TMPDIR, TZ },
		// Task runners are started as `node`.
		PATH: `${join(installation.node, '..')}:${PATH}`,
		NODE_ENV: 'production',
		N8N_USER_FOLDER: userFolder,
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_PORT: `${port}`,
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: `${port}`,
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
		WEBHOOK_URL: `http://127.0.0.1:${port}/`,
		N8N_RUNNERS_BROKER_PORT: `${await findFreePort()}`,
		N8N_SECURE_COOKIE: 'false',
		// The default of n8n 2; that of 1.x holds films in memory.
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		...env,
	};
}

/** Of the main process, the health check is green some seconds before the editor's API is there. */
const READY: Record<Role, string[]> = {
	start: ['/healthz/readiness', '/rest/settings'],
	webhook: ['/healthz/readiness'],
	worker: ['/healthz/readiness'],
};

async function answers(url: string, paths: string[]): Promise<boolean> {
	for (const path of paths) {
		const response = await fetch(url + path).catch(() => undefined);
		await response?.body?.cancel();
		if (!response?.ok) return false;
	}
	return true;
}

/** As `N8nProcess.memory` tells it. */
export async function readMemory(pid: number): Promise<{ now: number; peak: number }> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8');
	const bytes = (field: string) => {
		const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
		if (kib === undefined) throw new Error(`The system does not tell ${field} of process ${pid}`);
		return Number(kib) * 1024;
	};
	return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

function lastLines(text: string): string {
	return text.trimEnd().split('\n').slice(-TOLD_LINES).join('\n');
}
