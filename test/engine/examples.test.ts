/** The workflows in `examples/`, which people import into n8n: each is sound, and does what it says. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { NodeHelpers, type INode, type INodeType, type INodeTypeDescription } from 'n8n-workflow';

import { readFilm } from '../../scripts/demo/film';
import { sent, useWorld } from './support/action';
import type { Run, WebhookHost, WorkflowJson } from './support/engine';
import { openTriggerWorld, type TriggerWorld } from './support/trigger';
import { KIEAI_NODE, KIEAI_TRIGGER_NODE, type World } from './support/world';

interface Example extends WorkflowJson {
	nodes: INode[];
	active: boolean;
}

const EXAMPLES_DIR = join(__dirname, '../../examples');
const NOTE = 'n8n-nodes-base.stickyNote';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const GENERATE = 'Veo generate video';
const GET_4K = 'Veo get 4K video';
const TRIGGER = 'KieAI Trigger';
const DOWNLOAD = 'Download file';

const loadBuilt = createRequire(__filename);

function readExample(name: string): Example {
	return JSON.parse(readFileSync(join(EXAMPLES_DIR, `${name}.json`), 'utf8')) as Example;
}

function nodeNamed(example: Example, name: string): INode {
	const node = example.nodes.find((each) => each.name === name);
	if (!node) throw new Error(`The example has no node "${name}"`);
	return node;
}

/** Only of our own nodes: n8n's are not here. */
function describeNode(type: string): INodeTypeDescription | undefined {
	const name = { [KIEAI_NODE]: 'KieAi', [KIEAI_TRIGGER_NODE]: 'KieAiTrigger' }[type];
	if (name === undefined) return undefined;
	const path = join(__dirname, `../../dist/nodes/KieAi/${name}.node.js`);
	const { [name]: Node } = loadBuilt(path) as Record<string, new () => INodeType>;
	return Node && new Node().description;
}

async function expect4kFilm({ engine }: World, run: Run, node: string): Promise<void> {
	const binary = run.items(node)[0]?.binary?.data;
	const { path = '' } = await engine.binaryFile(binary);
	expect(await readFilm(path)).toMatchObject({ width: 3840, height: 2160 });
	expect(binary?.fileName).toMatch(/-4K\.mp4$/);
}

function nodesAfter({ connections }: Example, name: string): string[] {
	const outputs = connections[name]?.main ?? [];
	return outputs.flatMap((output) => (output ?? []).map(({ node }) => node));
}

function reaches(example: Example, from: string, to: string, seen = new Set<string>()): boolean {
	if (from === to) return true;
	if (seen.has(from)) return false;
	seen.add(from);
	return nodesAfter(example, from).some((node) => reaches(example, node, to, seen));
}

const names = readdirSync(EXAMPLES_DIR).map((file) => file.replace(/\.json$/, ''));

describe.each(names)('The example %s', (name) => {
	const example = readExample(name);

	it('can be imported', () => {
		expect(example).toMatchObject({
			name: expect.stringMatching(/^KieAI: /),
			active: false,
			settings: { executionOrder: 'v1' },
		});
		const ids = example.nodes.flatMap(({ id, webhookId }) => [
			id,
			...(webhookId ? [webhookId] : []),
		]);
		expect(new Set(ids).size).toBe(ids.length);
		for (const id of ids) expect(id).toMatch(UUID);
		expect(example.nodes.some(({ credentials }) => credentials)).toBe(false);

		const nodeNames = example.nodes.map((node) => node.name);
		expect(new Set(nodeNames).size).toBe(nodeNames.length);
		const linked = Object.entries(example.connections).flatMap(([from, { main = [] }]) => [
			from,
			...main.flatMap((output) => (output ?? []).map(({ node }) => node)),
		]);
		expect(nodeNames).toEqual(expect.arrayContaining(linked));
	});

	it('explains itself, and says what it costs', () => {
		const notes = example.nodes.filter(({ type }) => type === NOTE);
		const text = notes.map(({ parameters }) => String(parameters.content)).join('\n');
		expect(text).toMatch(/\*\*Costs\*\*/);
		expect(text).toMatch(/\*\*Set up\*\*/);
	});

	it('sets only what the nodes have, and only what differs from the default', () => {
		for (const node of example.nodes) {
			const description = describeNode(node.type);
			if (description === undefined) continue;
			const { properties } = description;
			const saved = NodeHelpers.getNodeParameters(
				properties,
				node.parameters,
				false,
				false,
				node,
				description,
			);
			expect(node.parameters).toEqual(saved);
			expect(node.typeVersion).toBe(description.version);
		}
	});

	it('reads from left to right, but for loops', () => {
		const left = (node: string) => nodeNamed(example, node).position[0];
		for (const from of Object.keys(example.connections)) {
			for (const node of nodesAfter(example, from)) {
				const isLoop = reaches(example, node, from);
				if (!isLoop) expect(left(node)).toBeGreaterThan(left(from));
			}
		}
	});
});

describe('An example that waits', () => {
	const world = useWorld();

	it('makes a 4K film from a prompt', async () => {
		const example = readExample('generate-to-4k');
		const run = await world.engine.run(example, { credentials: world.credentials });

		expect(run.error()).toBeUndefined();
		await expect4kFilm(world, run, GET_4K);
		const [video] = run.json(GENERATE);
		expect(run.json(GET_4K)).toEqual([
			expect.objectContaining({
				status: 'succeeded',
				kind: 'upgrade4k',
				videoTaskId: video?.taskId,
			}),
		]);
		expect(world.sandbox.ledger).toMatchObject([
			{ operation: 'generate' },
			{ operation: 'upgrade4k' },
		]);
	});

	it('makes a 4K film from a photo', async () => {
		const photo = readFileSync(join(__dirname, '../sandbox/media/720p-landscape.jpg'));
		const filled = {
			json: { Prompt: 'The sea begins to move', submittedAt: '2026-01-01T00:00:00.000Z' },
			binary: {
				Photo: {
					data: photo.toString('base64'),
					mimeType: 'image/jpeg',
					fileName: 'photo.jpg',
				},
			},
		};
		const run = await world.engine.run(readExample('image-to-video-4k'), {
			credentials: world.credentials,
			input: [filled],
		});

		expect(run.error()).toBeUndefined();
		await expect4kFilm(world, run, GET_4K);
		expect(sent(world, 'uploadStream')).toHaveLength(1);
		expect(sent(world, 'generate')[0]?.body).toEqual({
			prompt: 'The sea begins to move',
			generationType: 'FIRST_AND_LAST_FRAMES_2_VIDEO',
			imageUrls: [expect.stringContaining(world.sandbox.filesUrl)],
			aspect_ratio: 'Auto',
		});
		expect(world.sandbox.ledger).toMatchObject([
			{ operation: 'generate' },
			{ operation: 'upgrade4k' },
		]);
	});
});

describe('An example that KieAI calls', () => {
	let world: TriggerWorld;
	let host: WebhookHost;

	beforeEach(async () => {
		world = await openTriggerWorld();
		host = await world.engine.host();
	});
	afterEach(async () => {
		expect(world.leftovers()).toEqual([]);
		expect(host.deliveries.map(({ status }) => status)).toEqual(host.deliveries.map(() => 200));
		await world.close();
	});

	const finished = async () => await Promise.all(host.executions.map(({ result }) => result));

	it('downloads each film when it is ready, and only then', async () => {
		const example = { id: 'callback-to-download', ...readExample('callback-to-download') };
		await host.activate(example, { credentials: world.credentials });
		const callBackUrl = host.url(example, TRIGGER).production;
		const { id } = world.sandbox.addTask({ state: 'running', callBackUrl });
		world.sandbox.addTask({ state: 'running', callBackUrl, prompt: 'fail: content policy' });
		await world.finishTasks();

		const [run, ...others] = await finished();
		expect(others).toEqual([]);
		expect(run?.error()).toBeUndefined();
		expect(run?.json(TRIGGER)).toMatchObject([{ taskId: id, status: 'succeeded' }]);
		expect(run?.items(DOWNLOAD)[0]?.binary?.data).toMatchObject({
			mimeType: 'video/mp4',
			fileName: `${id}-720p.mp4`,
		});
		expect(world.sandbox.ledger).toEqual([]);
	});

	it('takes a list of prompts to 4K without waiting', async () => {
		const example = { id: 'batch-do-not-wait', ...readExample('batch-do-not-wait') };
		const { parameters } = nodeNamed(example, 'Videos');
		// One of the three is to fail.
		parameters.jsonOutput = String(parameters.jsonOutput).replace(
			'A fishing harbour',
			'fail: content policy',
		);
		// Each callback comes twice, and the trigger lets it: the workflow itself must notice.
		world.sandbox.configure({ callbackRepeats: 1 });
		nodeNamed(example, TRIGGER).parameters.options = { ignoreRepeated: false };
		await host.activate(example, { credentials: world.credentials });

		const start = await host.run(example, { credentials: world.credentials, startNode: 'Start' });
		expect(start.error()).toBeUndefined();
		expect(start.json(GENERATE)).toHaveLength(3);
		expect(start.json(GENERATE)[0]).toMatchObject({ status: 'processing', videoUrl: null });

		await world.finishTasks();
		const videos = await finished();
		expect(videos.map((run) => run.error())).toEqual(videos.map(() => undefined));
		await world.finishTasks();
		const runs = await finished();
		expect(runs.map((run) => run.error())).toEqual(runs.map(() => undefined));

		const metadata = (run: Run) => run.json(TRIGGER).map((item) => item.metadata);
		const downloads = runs.filter((run) => run.items(DOWNLOAD).length > 0);
		expect(runs).toHaveLength(2 * 5);
		expect(downloads).toHaveLength(2);
		expect(downloads.flatMap(metadata)).toEqual(
			expect.arrayContaining([
				{ row: 1, title: 'Fox' },
				{ row: 3, title: 'Coffee' },
			]),
		);
		for (const run of downloads) await expect4kFilm(world, run, DOWNLOAD);
		// A failure may be a second one: it is for the trigger alone to tell repeats of it.
		const failure = {
			row: 2,
			title: 'Harbour',
			taskId: expect.any(String),
			reason: expect.stringContaining('content policy'),
		};
		expect(runs.flatMap((run) => run.json('Note failure'))).toEqual([failure, failure]);
		expect(world.sandbox.ledger.map(({ operation }) => operation)).toEqual([
			...['generate', 'generate', 'generate'],
			...['upgrade4k', 'upgrade4k'],
		]);
	});
});
