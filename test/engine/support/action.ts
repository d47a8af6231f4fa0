/** What the tests of the action node share. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { createClient } from '../../../nodes/KieAi/protocol/client';
import type { Clock } from '../../../nodes/KieAi/protocol/clock';
import type { EndpointName, RecordedRequest, SandboxOptions } from '../../sandbox';
import type { Run } from './types';
import { openWorld, type World } from './world';

/** n8n's Retry On Fail, without its pauses. */
export const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

/** What leaves a node with Simplify on, in this order. */
export const SIMPLE_KEYS = [
	'videoUrl',
	'status',
	'taskId',
	'videoTaskId',
	'kind',
	'resolution',
	'resultUrls',
	'imageUrls',
	'errorMessage',
	'completedAt',
];

/** What leaves it with Simplify off: the whole contract, the most used first. */
export const ALL_KEYS = [
	...SIMPLE_KEYS,
	'sourceTaskId',
	'index',
	'originUrls',
	'fullResultUrls',
	'mediaIds',
	'creditsConsumed',
	'errorCode',
	'createdAt',
	'metadata',
	'confirmed',
	'raw',
];

/** For what is not to be ready before the test has looked, however busy the machine. */
export const FOREVER_SECONDS = 10_000_000;

export const GENERATE = { operation: 'generate', prompt: 'A red fox in the snow' };

/** A world for one test file. Nothing is left over between two tests, and every request fits KieAI's description. */
export function useWorld(options?: SandboxOptions): World {
	const world = {} as World; // filled before the first test
	beforeAll(async () => void Object.assign(world, await openWorld(options)));
	afterEach(async () => {
		const violations = [...world.sandbox.violations];
		await world.sandbox.reset();
		expect(violations).toEqual([]);
	});
	afterAll(async () => await world.close());
	return world;
}

export function sent({ sandbox }: World, endpoint: EndpointName): RecordedRequest[] {
	return sandbox.requests.filter((request) => request.endpoint === endpoint);
}

export function bodies(world: World, endpoint: EndpointName): unknown[] {
	return sent(world, endpoint).map(({ body }) => body);
}

export function items(...jsons: IDataObject[]): INodeExecutionData[] {
	return jsons.map((json) => ({ json }));
}

/** The error as a person reads it: what went wrong, and below it what to do. */
export function errorText(run: Run): string {
	const { message, description } = run.error() ?? {};
	return [message, description].join('\n');
}

export function first(run: Run): IDataObject {
	const [json] = run.json('KieAI');
	if (json === undefined) throw new Error(`The node put out no item: ${errorText(run)}`);
	return json;
}

/** Waits for something that nothing tells of, for at most five seconds. */
export async function eventually<T>(look: () => T | undefined): Promise<T> {
	const givesUpAt = Date.now() + 5_000;
	for (;;) {
		const found = look();
		if (found !== undefined) return found;
		if (Date.now() > givesUpAt) throw new Error('It did not happen within five seconds');
		await setTimeout(5);
	}
}

/** The clock that the nodes in `dist/` go by. */
export function nodeClock(): Clock {
	const path = join(__dirname, '../../../dist/nodes/KieAi/protocol/clock.js');
	return (require(path) as { systemClock: Clock }).systemClock;
}

/** Lets a request of the nodes wait for its answer for this many real ms only, as a minute is too long for a test. */
export function shortenRequests(timeoutMs: number): () => void {
	const path = join(__dirname, '../../../dist/nodes/KieAi/protocol/client.js');
	const client = require(path) as { createClient: typeof createClient };
	const { createClient: create } = client;
	client.createClient = (options) => create({ timeoutMs, ...options });
	return () => void (client.createClient = create);
}
