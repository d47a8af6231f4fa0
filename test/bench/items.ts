/** How long many items take: started at the pace that KieAI allows, and read. */
import { chain, itemsOf, noOp } from '../e2e/support/workflow';
import { openWorld, type World } from '../e2e/support/world';
import type { NodeJson, WorkflowJson } from '../engine/support/types';
import type { Bench } from './measure';
import { type Contestant, takeTurns } from './rounds';
import type { Size, Table } from './table';
import {
	headerCredential,
	httpRequest,
	kieAi,
	publish,
	type Published,
	VERSIONS,
	wait,
} from './workflows';

const LATENCY_MS = 50;
/** KieAI's limit: new tasks in any 10 seconds. */
const [LIMIT, WINDOW_MS] = [20, 10_000];

/** KieAI's code. */
const TOO_MANY = 429;

const sizesOf = (...sizes: Array<[n: number, rounds: number]>) =>
	sizes.map(([n, rounds]) => ({ label: n === 1 ? '1 item' : `${n} items`, n, rounds }));
const STARTED = sizesOf([1, 12], [10, 4], [100, 2]);
const READ = sizesOf([10, 12], [100, 4], [1000, 2]);

const OURS = 'KieAI';
const HTTP = 'HTTP Request';
const BATCHING = 'HTTP Request, batching';
const LOOP = 'Loop over items';

export async function measureItems({ n8n, progress }: Bench): Promise<Table[]> {
	// Unscaled: the limit counts real seconds.
	const world = await openWorld(n8n, { latencyMs: LATENCY_MS, clockScale: 1 });
	const key = await headerCredential(world);
	const veo = `${world.sandbox.apiUrl}/api/v1/veo`;
	const start = (options = {}) =>
		httpRequest(HTTP, {
			method: 'POST',
			url: `${veo}/generate`,
			body: "={{ { prompt: $json.id, model: 'veo3_fast', aspect_ratio: '16:9' } }}",
			credential: key,
			options,
		});
	const look = httpRequest(HTTP, {
		method: 'GET',
		url: `=${veo}/record-info?taskId={{ $json.id }}`,
		credential: key,
	});
	const contestant = async (name: string, nodes: NodeJson[] | WorkflowJson, latencyMs: number) => {
		const workflow = await publish(world, name, (trigger) => withItems(trigger, nodes));
		return {
			name,
			run: async ({ n }: Size) => await runOnce(world, workflow, n, latencyMs),
		};
	};
	const read = kieAi({ operation: 'get', taskId: '={{ $json.id }}', waitForResult: 'none' });
	const generate = kieAi({
		operation: 'generate',
		prompt: '={{ $json.id }}',
		waitForResult: 'none',
	});
	const batch = { batching: { batch: { batchSize: LIMIT, batchInterval: WINDOW_MS } } };
	const measure = async (title: string, sizes: typeof STARTED, contestants: Contestant[]) => {
		const { ms = [], refused = [] } = await takeTurns(contestants, { title, sizes, progress });
		return { ms, refused };
	};

	const started = await measure('Items that start tasks', STARTED, [
		await contestant(OURS, [generate], LATENCY_MS),
		await contestant(BATCHING, [start(batch)], LATENCY_MS),
		await contestant(LOOP, loopOver(start(), wait(WINDOW_MS / LIMIT / 1000)), LATENCY_MS),
	]);
	const readFar = await measure('Items that only read', READ, [
		await contestant(OURS, [read], LATENCY_MS),
		await contestant(HTTP, [look], LATENCY_MS),
		{ ...(await contestant(LOOP, loopOver(look), LATENCY_MS)), every: 3 },
	]);
	const readNear = await measure('Time per item', READ, [
		await contestant(OURS, [read], 0),
		await contestant(HTTP, [look], 0),
	]);
	await world.close();
	return [
		{
			id: 'items-started',
			title: 'Items that start tasks',
			how: `From the items to the next node, each of them a new task at a KieAI that takes ${LATENCY_MS} ms to answer, and refuses more than ${LIMIT} new tasks in any ${WINDOW_MS / 1000} seconds. The HTTP Request node sends batches of ${LIMIT}, ${WINDOW_MS / 1000} s apart; the loop sends one, and waits for ${WINDOW_MS / LIMIT} ms. Our node counts the window from KieAI's answer, when it is sure that the request has arrived: this costs one answer's time in each window. That 100 items take far more than 10 times what 10 take is KieAI's limit: the last of them may be sent after ${(100 / LIMIT - 1) * (WINDOW_MS / 1000)} s. The loop waits after each item, however few there are.`,
			unit: 'ms',
			sizes: STARTED,
			subjects: started.ms,
			goals: [
				{ ours: OURS, other: BATCHING, atMost: 1 },
				{ ours: OURS, other: LOOP, atMost: 1 },
				// As fast as the limit allows, and a second for all else.
				{ ours: OURS, sizes: ['100 items'], atMost: (100 / LIMIT - 1) * WINDOW_MS + 1000 },
			],
		},
		{
			id: 'items-refused',
			title: 'Tasks that KieAI has refused',
			how: 'In the same rounds: what came beyond the limit. KieAI does not take it, and its answer says so under HTTP 200, which the HTTP Request node passes on as it does any other.',
			unit: 'refused',
			sizes: STARTED,
			subjects: started.refused,
			goals: [{ ours: OURS, atMost: 0 }],
		},
		{
			id: 'items-read',
			title: 'Items that only read',
			how: `The same with items whose task is looked at. The HTTP Request node sends all at once; the loop one after the other, in every third round.`,
			unit: 'ms',
			sizes: READ,
			subjects: readFar.ms,
			goals: [HTTP, LOOP].map((other) => ({ ours: OURS, other, atMost: 1 })),
		},
		{
			id: 'per-item',
			title: 'Time per item',
			how: 'The same at a service that answers at once, so that what is left is the request and what the node does around it. Ours checks the answer, and makes the item that the next node expects; the HTTP Request node passes on what came.',
			unit: 'ms per item',
			sizes: READ,
			subjects: readNear.ms.map(({ figures, ...subject }) => ({
				...subject,
				figures: figures.map((each, column) => each.map((ms) => ms / (READ[column]?.n ?? 1))),
			})),
			goals: [{ ours: OURS, other: HTTP, atMost: 1 }],
		},
	];
}

function withItems(trigger: NodeJson, between: NodeJson[] | WorkflowJson): WorkflowJson {
	if (Array.isArray(between)) return chain(trigger, itemsOf('items'), ...between, noOp());
	const { nodes, connections } = chain(trigger, itemsOf('items'));
	return {
		nodes: [...nodes, ...between.nodes],
		connections: {
			...connections,
			...between.connections,
			Items: { main: [[{ node: LOOP, type: 'main', index: 0 }]] },
		},
	};
}

/** Done → After; each → what is given, and back. */
function loopOver(...nodes: NodeJson[]): WorkflowJson {
	const loop = {
		name: LOOP,
		type: 'n8n-nodes-base.splitInBatches',
		typeVersion: VERSIONS['Loop Over Items'],
	};
	const { nodes: all, connections } = chain(...nodes, loop);
	const [first] = nodes;
	return {
		nodes: [...all, noOp()],
		connections: {
			...connections,
			[LOOP]: {
				main: [
					[{ node: 'After', type: 'main', index: 0 }],
					[{ node: String(first?.name), type: 'main', index: 0 }],
				],
			},
		},
	};
}

/** @returns ms from the items to the next node, and how many of them KieAI has refused */
async function runOnce(
	world: World,
	workflow: Published,
	count: number,
	latencyMs: number,
): Promise<Record<'ms' | 'refused', number>> {
	const { sandbox, n8n } = world;
	// Nobody pays for what another has used of KieAI's limit.
	await sandbox.reset();
	sandbox.configure({ latencyMs });
	const items = Array.from({ length: count }, () => ({
		id: sandbox.addTask({ state: 'success' }).id,
	}));
	await workflow.start({ items });
	const [execution] = await world.executions(workflow, 1, ['success', 'error']);
	const run = await world.ended(String(execution?.id));
	const { runData } = run.data.resultData;
	const [from, to] = [runData['Items']?.[0], runData['After']?.[0]];
	if (from === undefined || to === undefined) {
		throw new Error(`${workflow.name} has failed: ${run.error()?.message}`);
	}
	await n8n.api.executions.delete(run.id);
	const answers = sandbox.requests.map(
		({ answer }) => answer?.body as { code?: number } | undefined,
	);
	if (answers.length < count) throw new Error(`${workflow.name} has asked for too little`);
	return {
		ms: to.startTime - (from.startTime + from.executionTime),
		refused: answers.filter((body) => body?.code === TOO_MANY).length,
	};
}
