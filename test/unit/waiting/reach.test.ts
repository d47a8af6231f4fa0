import { NodeOperationError } from 'n8n-workflow';

import { canReach, reachParkedNode, readCredential } from '../../../nodes/KieAi/waiting/reach';
import { nodeInExecution } from '../support/parkedNode';

describe('the parked node', () => {
	it('is reached through the execution that n8n has read, with its memory', () => {
		const world = nodeInExecution();
		world.executing.getContext('node').parking = 'kept';

		expect(canReach(world.called())).toBe(true);
		expect(reachParkedNode(world.called())?.memory).toEqual({ parking: 'kept' });
	});

	it('runs again once it is enabled, and its deadline fails no more', () => {
		const { entry, node, called } = nodeInExecution();
		entry.metadata = {
			resumeError: new NodeOperationError(node, 'Too late'),
			subExecutionsCount: 1,
		};
		const context = called();
		expect(node.disabled).toBe(true);

		reachParkedNode(context)?.enable();
		expect(node).not.toHaveProperty('disabled');
		expect(entry.metadata).toEqual({ subExecutionsCount: 1 });
	});

	it('runs again where nothing was left for the deadline', () => {
		const { node, called } = nodeInExecution();
		reachParkedNode(called())?.enable();
		expect(node).not.toHaveProperty('disabled');
	});

	it('is not reached where n8n does not give the execution', () => {
		const { called } = nodeInExecution({ isOpen: false });
		expect(canReach(called())).toBe(false);
		expect(reachParkedNode(called())).toBeUndefined();
	});

	it('is not reached where n8n stores executions in another way', () => {
		const { runData, called } = nodeInExecution();
		Object.assign(runData, { executionData: { nodeExecutionStack: [{}] } });
		expect(reachParkedNode(called())).toBeUndefined();
		Object.assign(runData, { executionData: { nodeExecutionStack: [] } });
		expect(reachParkedNode(called())).toBeUndefined();
		Object.assign(runData, { executionData: {} });
		expect(reachParkedNode(called())).toBeUndefined();
		Object.assign(runData, { executionData: undefined });
		expect(reachParkedNode(called())).toBeUndefined();
	});

	it('is not taken for another one that waits in its place', () => {
		const { entry, called } = nodeInExecution();
		entry.node = { ...entry.node, id: 'another' };
		expect(reachParkedNode(called())).toBeUndefined();
	});
});

describe('the credential', () => {
	const credential = { apiKey: 'sk-0123456789' };

	it('is read for this node, with what n8n has at hand', async () => {
		const { called, credentialsRead, node } = nodeInExecution({ credential });
		const context = called();
		const connectionInputData = [{ json: {} }];
		Object.assign(context, { connectionInputData });

		expect(await readCredential(context, 'kieAiApi')).toBe(credential);
		expect(credentialsRead).toEqual([
			['kieAiApi', { data: {}, node, source: null }, connectionInputData, 0],
		]);
		Object.assign(context, { connectionInputData: undefined });
		await readCredential(context, 'kieAiApi');
		expect(credentialsRead[1]?.[2]).toEqual([]);
	});

	it('is read as in an empty execution where there is none yet', async () => {
		const { called, runData } = nodeInExecution({ credential });
		const executions: unknown[] = [];
		const context = Object.assign(called(), {
			async _getCredentials(this: { runExecutionData: unknown }) {
				executions.push(this.runExecutionData);
				return await Promise.resolve(credential);
			},
		});
		await readCredential(context, 'kieAiApi');
		Object.assign(context, { runExecutionData: null });
		await readCredential(context, 'kieAiApi');

		expect(executions).toEqual([runData, { resultData: { runData: {} } }]);
		expect(context).toMatchObject({ runExecutionData: null });
	});

	const cannot = async () => await Promise.reject(new Error('no engine'));

	it.each([{ _getCredentials: undefined }, { _getCredentials: cannot }])(
		'is read as every node reads it where n8n lacks something: %p',
		async (lack) => {
			const { called, credentialsRead } = nodeInExecution({ credential });
			const context = Object.assign(called(), lack);

			expect(await readCredential(context, 'kieAiApi')).toBe(credential);
			expect(credentialsRead).toEqual([['kieAiApi']]);
		},
	);

	it('that cannot be read is told of as every node is told', async () => {
		const { called } = nodeInExecution({ credential: new Error('not found') });
		const context = Object.assign(called(), { _getCredentials: cannot });
		await expect(readCredential(context, 'kieAiApi')).rejects.toThrow('not found');
	});
});
