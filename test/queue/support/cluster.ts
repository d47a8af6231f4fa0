/** n8n in queue mode, as it runs on many machines: all processes real, all on this one. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Progress } from '../../../scripts/demo/progress';
import { type N8nApi, openN8nApi } from '../../../scripts/n8n/api';
import { installN8n } from '../../../scripts/n8n/installation';
import { newOwner } from '../../../scripts/n8n/instance';
import { installPackage } from '../../../scripts/n8n/package';
import { findFreePort } from '../../../scripts/n8n/ports';
import { type N8nProcess, type Role, startN8n } from '../../../scripts/n8n/process';
import { type Service, startPostgres, startRedis } from './services';

export interface Cluster {
	/** Of the process that takes webhooks and callbacks. */
	url: string;
	/** Of the main process. */
	api: N8nApi;
	main: N8nProcess;
	webhook: N8nProcess;
	workers: [N8nProcess, N8nProcess];
	redis: Service;
	/** Of that process. */
	memory: N8nProcess['memory'];
	/** Everything that all of them have logged. */
	log(): Promise<string>;
	/** Ends everything and removes its data. */
	close(): Promise<void>;
}

export async function openCluster(progress: Progress): Promise<Cluster> {
	const folder = await mkdtemp(join(tmpdir(), 'kieai-queue-'));
	const closing: Array<() => Promise<void>> = [];
	const close = async (): Promise<void> => {
		for (const end of closing.reverse()) await end();
		await rm(folder, { recursive: true, force: true });
	};
	try {
		const installation = await installN8n(progress);
		// PostgreSQL reaches its data as another user.
		await chmod(folder, 0o755);
		const postgres = await startPostgres(join(folder, 'postgres'));
		closing.push(postgres.kill);
		const redis = await startRedis(join(folder, 'redis'));
		closing.push(redis.kill);
		await installPackage(folder);

		const webhookPort = await findFreePort();
		const env = {
			EXECUTIONS_MODE: 'queue',
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: `${postgres.port}`,
			DB_POSTGRESDB_USER: 'postgres',
			DB_POSTGRESDB_DATABASE: 'postgres',
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: `${redis.port}`,
			N8N_ENCRYPTION_KEY: randomBytes(24).toString('base64'),
			WEBHOOK_URL: `http://127.0.0.1:${webhookPort}/`,
			N8N_DEFAULT_BINARY_DATA_MODE: 'database',
			N8N_CONCURRENCY_PRODUCTION_LIMIT: '-1',
			OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
			// What a killed worker was at is found out within a minute instead of three hours.
			N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL: '1',
			QUEUE_WORKER_LOCK_DURATION: '30000',
			QUEUE_WORKER_LOCK_RENEW_TIME: '5000',
			QUEUE_WORKER_STALLED_INTERVAL: '10000',
		};
		const start = async (name: string, role: Role, port: number): Promise<N8nProcess> => {
			progress.begin(`Starting ${name}`);
			// On a machine of its own, this log would hold its own executions only, and n8n reads it when it starts.
			const own = { ...env, N8N_EVENTBUS_LOGWRITER_LOGBASENAME: eventLogOf(name) };
			const options = { installation, userFolder: folder, port, role, name, env: own };
			const started = await startN8n(options);
			closing.push(async () => await started.kill('SIGKILL'));
			progress.succeed(started.url);
			return started;
		};
		const main = await start('main', 'start', await findFreePort());
		const api = openN8nApi(main.url);
		await api.setUpOwner(newOwner());
		const webhook = await start('webhook', 'webhook', webhookPort);
		const startWorker = async (name: string): Promise<N8nProcess> => {
			const worker = await start(name, 'worker', await findFreePort());
			// As a container does, which begins without one: docs/scaling.md says what for.
			const startAgain = async () => {
				await removeEventLogs(folder, name);
				await worker.start();
			};
			return { ...worker, start: startAgain };
		};
		const workers: Cluster['workers'] = [
			await startWorker('worker-1'),
			await startWorker('worker-2'),
		];
		const processes = [main, webhook, ...workers];
		const log = async () => (await Promise.all(processes.map((each) => each.log()))).join('\n');
		const { url, memory } = webhook;
		return { url, api, main, webhook, workers, redis, memory, log, close };
	} catch (error) {
		progress.fail();
		await close();
		throw error;
	}
}

function eventLogOf(name: string): string {
	return `events-${name}`;
}

async function removeEventLogs(folder: string, name: string): Promise<void> {
	const n8nFolder = join(folder, '.n8n');
	const files = (await readdir(n8nFolder)).filter((file) => file.startsWith(eventLogOf(name)));
	if (files.length === 0) throw new Error(`${name} has written no event log`);
	for (const file of files) await rm(join(n8nFolder, file));
}
