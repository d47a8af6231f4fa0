/** PostgreSQL and Redis, as Debian has them, with data of their own on ports of their own. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { killGroup } from '../../../scripts/n8n/command';
import { findFreePort } from '../../../scripts/n8n/ports';
import { until } from '../../../scripts/n8n/until';

const run = promisify(execFile);

export interface Service {
	/** Of 127.0.0.1, the same after every start. */
	port: number;
	/** Ends it as its administrator would, and starts it again over the same data. */
	restart(): Promise<void>;
	kill(): Promise<void>;
}

/** Ends with this process, whatever ends it. */
const WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL'];

/** Keeps every job on disk, as it must where jobs are not to be lost. */
export async function startRedis(folder: string): Promise<Service> {
	await mkdir(folder);
	const port = await findFreePort();
	const settings = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes' };
	const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]);
	return await startService(port, [...WITH_PARENT, 'redis-server', ...options], async () => {
		const { stdout } = await run('redis-cli', ['-p', `${port}`, 'ping']);
		return stdout.trim() === 'PONG';
	});
}

/** With a database `postgres`, whose user `postgres` needs no password. */
export async function startPostgres(folder: string): Promise<Service> {
	await mkdir(folder);
	const port = await findFreePort();
	const programs = await findPrograms();
	const program = (name: string) => join(programs, name);
	// The server does not run as root.
	const asPostgres = ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];
	const itself = process.getuid?.() === 0 ? asPostgres : [];
	if (itself.length > 0) await run('chown', ['postgres:', folder]);

	const data = join(folder, 'data');
	const create = [program('initdb'), '-D', data, '-U', 'postgres', '--auth=trust', '--no-sync'];
	await runCommand([...itself, ...create]);
	const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
	const server = [program('postgres'), '-D', data, '-p', `${port}`];
	const command = [
		...(itself.length > 0 ? [...itself, ...WITH_PARENT.slice(1)] : WITH_PARENT),
		...server,
		...settings.flatMap((setting) => ['-c', setting]),
	];
	return await startService(port, command, async () => {
		await run(program('pg_isready'), ['-h', '127.0.0.1', '-p', `${port}`]);
		return true;
	});
}

/** The newest that is installed; none is in the path. */
async function findPrograms(): Promise<string> {
	const root = '/usr/lib/postgresql';
	const versions = await readdir(root).catch(() => []);
	const [newest] = versions.sort((a, b) => Number(b) - Number(a));
	if (newest === undefined) throw new Error('PostgreSQL is missing: apt-get install postgresql');
	return join(root, newest, 'bin');
}

async function startService(
	port: number,
	command: string[],
	answers: () => Promise<boolean>,
): Promise<Service> {
	const [program = '', ...args] = command;
	const launch = async () => {
		const child = spawn(program, args, { detached: true, stdio: 'ignore' });
		await once(child, 'spawn');
		return child;
	};
	let child = await launch();
	const end = async (signal: NodeJS.Signals): Promise<void> => {
		const exited = once(child, 'exit');
		if (child.exitCode !== null || child.signalCode !== null) return;
		killGroup(child.pid, signal);
		await exited;
	};
	const whenReady = async (): Promise<void> => {
		const what = `${command.join(' ')} to answer`;
		await until({ what }, async () => (await answers().catch(() => false)) || undefined);
	};
	await whenReady();
	return {
		port,
		async restart() {
			await end('SIGTERM');
			child = await launch();
			await whenReady();
		},
		kill: async () => await end('SIGKILL'),
	};
}

async function runCommand([program = '', ...args]: string[]): Promise<void> {
	await run(program, args);
}
