/** What fails while an execution is paused fails the node as any other node fails. */
import { N8N_VERSION } from '../../scripts/n8n/installation';
import type { StoredWorkflow } from '../../scripts/n8n/api';
import type { WorkflowJson } from '../engine/support/types';
import { readFilmOf } from './support/film';
import type { Run } from './support/run';
import { chain, GENERATE, GET_4K, HELD, noOp, pausing, second, sent } from './support/workflow';
import { call, useWorld, webhookTrigger } from './support/world';

const world = useWorld(HELD);

const TOO_DARK = { ...GENERATE, prompt: 'fail: The scene is too dark' };

async function published(workflow: WorkflowJson): Promise<StoredWorkflow> {
	const trigger = webhookTrigger();
	const nodes = workflow.nodes.map((node) => (node.name === trigger.name ? trigger : node));
	const stored = await world.publish({ ...workflow, nodes });
	await call(world, trigger);
	return stored;
}

/** Pauses, lets KieAI's time pass, and waits for the end. */
async function runToEnd(workflow: WorkflowJson): Promise<Run> {
	const stored = await published(workflow);
	const [execution] = await world.executions(stored, 1, ['waiting']);
	await world.sandbox.advance(3600);
	return await world.ended(execution?.id ?? '');
}

/** A person's Retry, and KieAI's time for what it starts. */
async function retry({ id }: Run): Promise<Run> {
	const again = await world.n8n.api.executions.retry(id);
	await world.sandbox.advance(3600);
	return await world.ended(again);
}

describe('A video that KieAI cannot make', () => {
	it('ends the execution in its words, and the error workflow runs', async () => {
		const error = { name: 'Error', type: 'n8n-nodes-base.errorTrigger' };
		const errorWorkflow = await world.publish(chain(error, noOp()));
		const workflow = chain(webhookTrigger(), pausing('Generate', TOO_DARK), noOp());

		const run = await runToEnd({ ...workflow, settings: { errorWorkflow: errorWorkflow.id } });
		const [told] = await world.executions(errorWorkflow, 1, ['success']);
		const tale = await world.ended(told?.id ?? '');

		expect(run.status).toBe('error');
		expect(run.error()?.message).toContain('The scene is too dark');
		expect(run.error('Generate')?.message).toBe(run.error()?.message);
		expect(run.runs('After')).toBe(0);
		expect(tale.json('After')).toMatchObject([
			{
				execution: {
					id: run.id,
					lastNodeExecuted: 'Generate',
					error: { message: run.error()?.message },
				},
			},
		]);
	});

	it('goes to the error output where the node has one, and nothing runs behind the other', async () => {
		const node = pausing('Generate', TOO_DARK, { onError: 'continueErrorOutput' });
		const workflow = chain(webhookTrigger(), node, noOp());

		const run = await runToEnd(second(workflow, 'Generate', noOp('Failed')));
		const taskId = world.sandbox.ledger[0]?.taskId;

		expect(run.status).toBe('success');
		expect(run.json('Failed')).toMatchObject([
			{
				error: expect.stringContaining('The scene is too dark'),
				// n8n 1.x lets through the text alone.
				...(!N8N_VERSION.startsWith('1.') && {
					details: { status: 'failed', kind: 'generate', taskId },
				}),
			},
		]);
		expect(run.runs('Failed')).toBe(1);
		expect(run.runs('After')).toBe(0);
	});

	it('is not started again by Retry On Fail, only by a person', async () => {
		const node = pausing('Generate', TOO_DARK, {
			retryOnFail: true,
			maxTries: 3,
			waitBetweenTries: 1,
		});
		const run = await runToEnd(chain(webhookTrigger(), node, noOp()));

		expect(run.status).toBe('error');
		expect(world.sandbox.ledger).toHaveLength(1);

		const again = await retry(run);

		expect(again.error()?.message).toContain('The scene is too dark');
		expect(world.sandbox.ledger).toHaveLength(2);
	});
});

it("a person's Retry after a failed download fetches the film, and charges nothing", async () => {
	const source = world.sandbox.addTask();
	const upgrade = { ...GET_4K, taskId: source.id, download: true };
	world.sandbox.faults.add({ endpoint: 'file', kind: 'http', status: 404, times: 'always' });
	const run = await runToEnd(chain(webhookTrigger(), pausing('4K', upgrade), noOp()));
	const film = world.sandbox.tasks().find(({ kind }) => kind === 'upgrade4k')?.videos[0];
	const told = [run.error()?.message, run.error()?.description].join(' ');

	expect(run.status).toBe('error');
	expect(told).toContain(source.id);
	expect(told).toContain(film?.url);
	expect(run.runs('After')).toBe(0);

	world.sandbox.faults.clear();
	const again = await retry(run);

	expect(again.error()).toBeUndefined();
	expect(again.json('After')).toMatchObject([{ status: 'succeeded', videoUrl: film?.url }]);
	expect(await readFilmOf(world, again.items('After')[0])).toMatchObject({ width: 3840 });
	expect(sent(world, 'get4k')).toHaveLength(1);
	expect(world.sandbox.ledger).toHaveLength(1);
});
