/** Pause Until Callback, where the node cannot pause: it checks until ready, and says so, or refuses. */
import type { IDataObject } from 'n8n-workflow';

import { errorText, GENERATE } from './support/action';
import { agentWorkflow, useParkingWorld } from './support/parking';
import { itBefore, itSince } from './support/since';
import { CLOCK_SCALE } from './support/world';

/** Nodes and KieAI in fast motion; callbacks are signed in real time, and so not at all here. */
const world = useParkingWorld({
	clockScale: CLOCK_SCALE,
	videoSeconds: 75,
	upgrade4kSeconds: 450,
	hmacKey: null,
});

it('checks where somebody else has asked for the upgrade', async () => {
	const { id } = world.sandbox.addTask();
	await world.run({ operation: 'get4k', taskId: id, waitForResult: 'none' });
	const run = await world.begin({ operation: 'get4k', taskId: id });

	expect(run.status).toBe('success');
	expect(run.json('After')).toMatchObject([{ status: 'succeeded', videoTaskId: id }]);
	expect(run.hints('KieAI').map(({ message }) => message)).toEqual(
		expect.arrayContaining([
			expect.stringContaining('so that this video is checked until it is ready'),
		]),
	);
	expect(world.sandbox.ledger).toHaveLength(1);
});

async function expectChecked(agentVersion: number): Promise<void> {
	const run = await world.host.run(agentWorkflow(agentVersion), { credentials: world.credentials });
	expect(run.error()).toBeUndefined();
	expect(run.status).toBe('success');
	expect(run.json('Agent')).toEqual([{ output: expect.stringContaining('succeeded') }]);
	expect(world.sandbox.ledger).toHaveLength(1);
}

it('checks as the tool of an agent of version 2, which would wait for ever', async () => {
	await expectChecked(2.2);
});

itBefore('2.11')('checks as any tool, where n8n does not tell which agent runs it', async () => {
	await expectChecked(3.1);
});

itBefore('2.11', '1.123')('pauses where n8n does not tell when it stops the workflow', async () => {
	const run = await world.begin(GENERATE, { settings: { executionTimeout: 600 } });
	expect(run.status).toBe('waiting');
});

describe('before anything is sent, refuses', () => {
	const elsewhere = { baseUrl: 'https://api.kie.ai', uploadBaseUrl: 'https://upload.kie.ai' };

	it.each(['http://127.0.0.1:5678', 'http://n8n:5678', 'https://192.168.1.20', 'http://localhost'])(
		'an n8n at %s, which KieAI cannot reach',
		async (webhookBaseUrl) => {
			const run = await world.begin(GENERATE, {
				webhookBaseUrl,
				credentials: { kieAiApi: { ...world.credentials.kieAiApi, ...elsewhere } },
			});
			expect(run.status).toBe('error');
			expect(errorText(run)).toContain(
				`'Wait for Result' is 'Pause Until Callback', and n8n is at ${webhookBaseUrl}, where KieAI cannot reach n8n`,
			);
			expect(errorText(run)).toContain("Set n8n's WEBHOOK_URL");
			expect(errorText(run)).toContain("'Check Until Ready'");
		},
	);

	itSince('2.11', '1.123')('a workflow that n8n stops before the wait is over', async () => {
		const run = await world.begin(GENERATE, { settings: { executionTimeout: 600 } });
		expect(run.status).toBe('error');
		expect(errorText(run)).toContain(
			"'Timeout (Minutes)' is 15, and the workflow is stopped after 600 seconds",
		);
		expect(world.sandbox.requests).toEqual([]);
	});

	it.each<[string, IDataObject]>([
		['Get', { operation: 'get', taskId: 'source' }],
		['Get 1080p', { operation: 'get1080p', taskId: 'source' }],
	])('%s, for which KieAI does not call back', async (_name, parameters) => {
		const run = await world.begin(parameters);
		expect(errorText(run)).toContain("'Wait for Result' is 'Pause Until Callback'");
		expect(errorText(run)).toContain("Choose 'Check Until Ready'");
		expect(world.sandbox.requests).toEqual([]);
	});
});
