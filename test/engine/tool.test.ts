import { join } from 'node:path';

import type { IDataObject, INodeType, NodeConnectionType } from 'n8n-workflow';

import { bodies, GENERATE, items, sent, SIMPLE_KEYS, useWorld } from './support/action';
import { chain, startEngine, type Engine, type Run } from './support/engine';

const world = useWorld();

const TOOL_NODE = 'n8n-nodes-kieai.kieAiTool';

let engine: Engine;

/** The node as n8n offers it to agents: the same code, under a name that ends in `Tool`. */
beforeAll(async () => {
	const { KieAi } = require(join(__dirname, '../../dist/nodes/KieAi/KieAi.node.js')) as {
		KieAi: new () => INodeType;
	};
	const tool = new KieAi();
	const outputs: NodeConnectionType[] = ['main'];
	tool.description = { ...tool.description, name: 'kieAiTool', outputs };
	engine = await startEngine({ nodes: { [TOOL_NODE]: tool } });
});
afterAll(async () => await engine.close());

async function runTool(parameters: IDataObject, json: IDataObject = {}): Promise<Run> {
	const workflow = chain(
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		{ name: 'KieAI', type: TOOL_NODE, parameters: parameters as never },
	);
	return await engine.run(workflow, { credentials: world.credentials, input: items(json) });
}

describe('As the tool of an agent', () => {
	it.each([
		['Generate', GENERATE, { kind: 'generate', status: 'processing' }],
		['Extend', { operation: 'extend', taskId: 'source', prompt: 'On' }, { kind: 'extend' }],
		['Get', { operation: 'get', taskId: 'source' }, { status: 'succeeded' }],
		['Get 1080p', { operation: 'get1080p', taskId: 'source' }, { kind: 'upgrade1080p' }],
		['Get 4K', { operation: 'get4k', taskId: 'source' }, { kind: 'upgrade4k' }],
	])(
		'%s does not wait, and returns small JSON without a file',
		async (_name, parameters, expected) => {
			world.sandbox.addTask({ id: 'source' });
			const run = await runTool(parameters);

			expect(run.error()).toBeUndefined();
			expect(run.json('KieAI')).toEqual([expect.objectContaining(expected)]);
			expect(Object.keys(run.json('KieAI')[0] ?? {})).toEqual(SIMPLE_KEYS);
			expect(run.items('KieAI')[0]?.binary).toBeUndefined();
		},
	);

	it('Generate sends the prompt alone', async () => {
		await runTool(GENERATE);
		expect(bodies(world, 'generate')).toEqual([{ prompt: GENERATE.prompt }]);
		expect(sent(world, 'recordInfo')).toEqual([]);
	});

	it('Upload takes a URL', async () => {
		const run = await runTool({
			resource: 'file',
			operation: 'upload',
			sourceUrl: 'https://example.com/photo.jpg',
		});
		expect(run.json('KieAI')).toEqual([
			expect.objectContaining({ fileUrl: expect.stringMatching(/^http/) }),
		]);
	});

	it('Get credit balance works', async () => {
		const run = await runTool({ resource: 'account', operation: 'getCreditBalance' });
		expect(run.json('KieAI')).toEqual([{ creditBalance: expect.any(Number) }]);
	});
});
