/**
 * A tool whose agent calls it again, or n8n, by Retry On Fail: to n8n each call is a run, and where an agent of version 2
 * runs the tool itself, each of its tries is one.
 */
import type { IDataObject } from 'n8n-workflow';

import { bodies, RETRY_ON_FAIL, sent, useWorld } from './support/action';
import { coreIsAtLeast, type Run } from './support/engine';
import { agentWorkflow } from './support/parking';
import type { NodeJson } from './support/types';

const world = useWorld();

const AMBIGUOUS = 'KieAI may have accepted this video, and charged for it';
const BROKEN_CHECK = { endpoint: 'recordInfo', kind: 'code', code: 401 } as const;

/** One agent after the other in one execution, each of which calls the same tool once. */
async function runAgents(
	parameters: IDataObject,
	prompts: string[],
	node: Partial<NodeJson> = {},
	agentVersion = 2.2,
): Promise<Run> {
	const workflow = agentWorkflow(agentVersion);
	const tool = workflow.nodes.find(({ name }) => name === 'KieAI');
	Object.assign(tool ?? {}, RETRY_ON_FAIL, node);
	Object.assign(tool?.parameters ?? {}, parameters);
	const agent = workflow.nodes.find(({ name }) => name === 'Agent');
	const names = prompts.map((_, n) => (n === 0 ? 'Agent' : `Agent ${n + 1}`));
	workflow.nodes = workflow.nodes.filter((each) => each !== agent);
	names.forEach((name, n) => {
		const toolArguments = { Prompt: prompts[n] ?? '' };
		workflow.nodes.push({ ...agent, type: agent?.type ?? '', name, parameters: { toolArguments } });
		const next = names[n + 1];
		if (next) workflow.connections[name] = { main: [[{ node: next, type: 'main', index: 0 }]] };
	});
	workflow.connections['KieAI'] = {
		ai_tool: [names.map((agentName) => ({ node: agentName, type: 'ai_tool', index: 0 }))],
	};
	return await world.engine.run(workflow, { credentials: world.credentials });
}

/** What n8n-core 1.122 does not tell: that an agent runs the node. */
const describeSince2 = coreIsAtLeast('2.0') ? describe : describe.skip;

describeSince2('As the tool of an agent that runs it itself', () => {
	it('is paid once when no clear answer comes', async () => {
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter', times: 'always' });
		const run = await runAgents({ waitForResult: 'none' }, ['A fox']);
		expect(run.error('Agent')?.message).toContain(AMBIGUOUS);
		expect(sent(world, 'generate')).toHaveLength(1);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('warns the model again that asks again after no clear answer', async () => {
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter' });
		const onError = 'continueRegularOutput';
		const run = await runAgents({ waitForResult: 'none' }, ['A fox', 'A fox'], { onError });
		for (const agent of ['Agent', 'Agent 2']) {
			expect(run.json(agent)).toEqual([{ output: expect.stringContaining(AMBIGUOUS) }]);
		}
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('is picked up when what came after it failed', async () => {
		world.sandbox.faults.add(BROKEN_CHECK);
		const run = await runAgents({ waitForResult: 'poll' }, ['A fox']);
		expect(run.json('Agent')).toEqual([{ output: expect.stringContaining('"succeeded"') }]);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it.each(['none', 'poll'])(
		'is a new one for each of two different calls (%s)',
		async (waitForResult) => {
			await runAgents({ waitForResult }, ['A fox', 'A hare']);
			expect(bodies(world, 'generate')).toMatchObject([{ prompt: 'A fox' }, { prompt: 'A hare' }]);
			expect(world.sandbox.ledger).toHaveLength(2);
		},
	);

	it.each(['none', 'poll'])(
		'is a new one for each of two calls that are the same, where the first was answered (%s)',
		async (waitForResult) => {
			const run = await runAgents({ waitForResult }, ['A fox', 'A fox']);
			expect(run.error()).toBeUndefined();
			expect(run.json('Agent 2')).not.toEqual(run.json('Agent'));
			expect(world.sandbox.ledger).toHaveLength(2);
		},
	);

	it('is made anew when KieAI reported that the task failed', async () => {
		await runAgents({ waitForResult: 'poll' }, ['fail: too dark']);
		expect(world.sandbox.ledger).toHaveLength(3);
	});
});

describeSince2.each([2.2, 3.1])(
	'As the tool of an agent of version %s that calls it again',
	(version) => {
		/** The model hears of errors, and it alone tries again. */
		const node = { onError: 'continueRegularOutput', retryOnFail: false } as const;
		const run = async (parameters: IDataObject, prompts: string[]) =>
			await runAgents({ waitForResult: 'none', ...parameters }, prompts, node, version);
		const UPGRADE = { operation: 'get4k', taskId: 'source' };

		it('warns it again after no clear answer', async () => {
			world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter' });
			const again = await run({}, ['A fox', 'A fox']);
			for (const agent of ['Agent', 'Agent 2']) {
				expect(again.json(agent)).toEqual([{ output: expect.stringContaining(AMBIGUOUS) }]);
			}
			expect(world.sandbox.ledger).toHaveLength(1);
		});

		it('makes another video for the same prompt, and for another one', async () => {
			await run({}, ['A fox', 'A fox', 'A hare']);
			expect(bodies(world, 'generate')).toMatchObject([
				{ prompt: 'A fox' },
				{ prompt: 'A fox' },
				{ prompt: 'A hare' },
			]);
			expect(world.sandbox.ledger).toHaveLength(3);
		});

		it.each(['own', 'source'] as const)(
			'tells that an upgrade is under way, under its %s ID, for one charge',
			async (upgrade4kTaskId) => {
				world.sandbox.configure({ upgrade4kTaskId, upgrade4kSeconds: 3600 });
				world.sandbox.addTask({ id: 'source' });
				const again = await run(UPGRADE, ['', '']);
				expect(again.json('Agent 2')).toEqual([
					{ output: expect.stringContaining('"processing"') },
				]);
				expect(world.sandbox.ledger).toHaveLength(1);
			},
		);

		it.each([
			['own', 1],
			['source', 2],
		] as const)(
			'tells that an upgrade has failed, under its %s ID',
			async (upgrade4kTaskId, charges) => {
				world.sandbox.configure({ upgrade4kTaskId, upgrade4kSeconds: 0 });
				world.sandbox.addTask({ id: 'source', prompt: 'fail 4k' });
				const again = await run(UPGRADE, ['', '']);
				expect(again.json('Agent')).toEqual([{ output: expect.stringContaining('"processing"') }]);
				expect(again.json('Agent 2')).not.toEqual([
					{ output: expect.stringContaining('"processing"') },
				]);
				expect(world.sandbox.ledger).toHaveLength(charges);
			},
		);
	},
);
