/**
 * Runs workflow JSON on n8n's engine, with our nodes loaded from `dist/` as n8n loads them.
 * types.ts says what it takes and gives.
 */
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { IBinaryData } from 'n8n-workflow';
import { TestCredentials, testCredential } from './credentials';
import { additionalDataFor, startRun } from './execution';
import { binaryData, logListeners, openStorage } from './n8n';
import { loadNodes } from './nodeTypes';
import type { Engine, EngineOptions, LogLine, NodeJson, RunOptions, WorkflowJson } from './types';
import { startWebhookHost } from './webhookHost';

export { coreIsAtLeast } from './n8n';
export type * from './types';

const packageRoot = resolve(__dirname, '../../..');

/** Loads the nodes once; every run of the engine uses the same node instances, as n8n does. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
	const closeStorage = await openStorage();
	const loaded = await loadNodes(options.packageDir ?? packageRoot, options.nodes);
	const log: LogLine[] = [];
	logListeners.add(log);
	const hosts: Array<{ close(): Promise<void> }> = [];

	const start = (json: WorkflowJson, runOptions: RunOptions = {}) =>
		startRun(loaded, json, runOptions);
	const engine: Engine = {
		log,
		start,
		run: async (json, runOptions) => await start(json, runOptions).result,
		async testCredential(type, data) {
			const credentials = new TestCredentials(loaded, { [type]: data });
			const additionalData = additionalDataFor({ credentials, executionId: randomUUID() });
			return await testCredential(loaded, credentials, additionalData, type, data);
		},
		readBinary: async (binary) => await binaryData().getAsBuffer(stored(binary)),
		async binaryFile(binary) {
			const { id } = stored(binary);
			if (id === undefined) {
				return { path: undefined, bytes: (await binaryData().getAsBuffer(stored(binary))).length };
			}
			const path = binaryData().getPath(id);
			return { path, bytes: (await stat(path)).size };
		},
		async host(hostOptions) {
			const host = await startWebhookHost(loaded, hostOptions);
			hosts.push(host);
			return host;
		},
		async close() {
			await Promise.all(hosts.map(async (host) => await host.close()));
			logListeners.delete(log);
			closeStorage();
		},
	};
	return engine;
}

/** Nodes linked one after the other by their first outputs. */
export function chain(...nodes: NodeJson[]): WorkflowJson {
	const connections: WorkflowJson['connections'] = {};
	nodes.forEach(({ name }, index) => {
		const next = nodes[index + 1];
		if (next) connections[name] = { main: [[{ node: next.name, type: 'main', index: 0 }]] };
	});
	return { nodes, connections };
}

function stored(binary: IBinaryData | undefined): IBinaryData {
	if (!binary) throw new Error('The item has no such binary field');
	return binary;
}
