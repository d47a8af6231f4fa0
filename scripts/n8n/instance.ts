/**
 * A real n8n with this package in it, to click in and to test against.
 *
 * ```ts
 * const n8n = await openN8n({ progress });
 * const { id } = await n8n.api.workflows.create(workflow);
 * const executionId = await n8n.api.workflows.run(id, 'Start');
 * await n8n.close();
 * ```
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Progress } from '../demo/progress';
import { type N8nApi, openN8nApi, type Owner } from './api';
import { installN8n, N8N_VERSION } from './installation';
import { installPackage } from './package';
import { findFreePort } from './ports';
import { type N8nProcess, startN8n } from './process';

export interface N8nOptions {
	progress: Progress;
	/** Of 127.0.0.1; a free one unless told. */
	port?: number;
	/** Settings of n8n beside the quiet and local ones. */
	env?: Record<string, string>;
	/** Gives up what is under way, and leaves nothing behind. */
	signal?: AbortSignal;
}

export interface N8n extends N8nProcess {
	owner: Owner;
	/** Signed in as the owner. */
	api: N8nApi;
	userFolder: string;
	/** Ends n8n at once and removes its data. */
	close(): Promise<void>;
}

/** Installs what is missing, and starts n8n with data of its own, our package and an owner. */
export async function openN8n({ progress, port, env, signal }: N8nOptions): Promise<N8n> {
	let userFolder: string | undefined;
	let started: N8nProcess | undefined;
	const close = async (): Promise<void> => {
		await started?.kill('SIGKILL');
		if (userFolder !== undefined) await rm(userFolder, { recursive: true, force: true });
	};
	try {
		const installation = await installN8n(progress, signal);
		progress.begin(`Starting n8n ${N8N_VERSION}`);
		userFolder = await mkdtemp(join(tmpdir(), 'kieai-n8n-'));
		progress.tell('installing the nodes');
		await installPackage(userFolder, signal);
		progress.tell('creating its database');
		const chosen = port ?? (await findFreePort());
		started = await startN8n({ installation, userFolder, port: chosen, env: env ?? {}, signal });
		const api = openN8nApi(started.url);
		const owner = newOwner();
		await api.setUpOwner(owner);
		progress.succeed(started.url);
		return { ...started, owner, api, userFolder, close };
	} catch (error) {
		progress.fail();
		await close();
		throw error;
	}
}

export function newOwner(): Owner {
	return {
		email: 'owner@example.com',
		password: `Kie-4k-${randomBytes(6).toString('hex')}`,
	};
}
