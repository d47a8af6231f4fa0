/**
 * What needs a newer n8n than the oldest, looked at in the n8n that the tests run on: it is there, or
 * what happens instead is. `npm run test:compat` makes the README's table of it.
 */
import { writeFileSync } from 'node:fs';

import { bodies, errorText, eventually, GENERATE } from './support/action';
import {
	agentWorkflow,
	callbackUrl,
	HELD,
	parkingWorkflow,
	useParkingWorld,
} from './support/parking';

const world = useParkingWorld(HELD);

interface Feature {
	/** As the table names it. */
	name: string;
	/** What happens where n8n lacks it. */
	instead: string;
	/** @throws where neither is seen */
	isThere(): Promise<boolean>;
}

const FEATURES: Feature[] = [
	{
		name: '_On Timeout: Stop with Error_ of a paused node',
		instead: 'It puts out an item with `status: timedOut`.',
		async isThere() {
			const parked = await world.begin(GENERATE);
			const run = await world.host.expire(parked.executionId);
			if (run.status === 'success') {
				expect(run.json('After')).toMatchObject([{ status: 'timedOut' }]);
				return false;
			}
			expect(errorText(run)).toContain('The video was not ready after 15 minutes');
			return true;
		},
	},
	{
		name: '_Pause Until Callback_ as a tool of AI Agent 3',
		instead: 'It checks until ready.',
		async isThere() {
			const { result, cancel } = world.host.start(agentWorkflow(3.1), {
				credentials: world.credentials,
			});
			// Who pauses tells KieAI whom to call.
			const body = await eventually(() => bodies(world, 'generate')[0]);
			cancel();
			await result;
			return Object.hasOwn(Object(body), 'callBackUrl');
		},
	},
	{
		name: "n8n's own token in the callback URL",
		instead: "The node's signature alone keeps others out.",
		async isThere() {
			await world.begin(GENERATE);
			const query = new URL(callbackUrl(world)).searchParams;
			expect(query.has('kieai')).toBe(true);
			return query.has('signature');
		},
	},
	{
		name: '`details` of an item at the error output',
		instead: 'Its text alone tells what is known, with the task IDs.',
		async isThere() {
			const workflow = parkingWorkflow(
				{ operation: 'get4k', taskId: 'veo_unknown', waitForResult: 'none' },
				{ onError: 'continueErrorOutput' },
			);
			const run = await world.host.run(workflow, { credentials: world.credentials });
			const [item] = run.json('KieAI', 1);
			expect(item?.['error']).toContain('veo_unknown');
			return item?.['details'] !== undefined;
		},
	},
	{
		name: 'Testing a credential with a _Base URL_ of your own',
		instead: 'The test is red, with words about allowed domains. The nodes work all the same.',
		async isThere() {
			const { kieAiApi = {} } = world.credentials;
			const { status, message } = await world.engine.testCredential('kieAiApi', kieAiApi);
			if (status === 'OK') return true;
			expect(message).toContain('Domain not allowed');
			return false;
		},
	},
	{
		name: 'Refusing a wait that is longer than _Workflow settings → Timeout_',
		instead: "n8n ends the execution then; the task goes on at KieAI, and its ID is in n8n's log.",
		async isThere() {
			const run = await world.begin(GENERATE, { settings: { executionTimeout: 600 } });
			if (run.status === 'waiting') {
				expect(run.log).toContainEqual(expect.objectContaining({ level: 'info' }));
				return false;
			}
			expect(errorText(run)).toContain('the workflow is stopped after 600 seconds');
			return true;
		},
	},
];

const { KIEAI_SEEN: file, N8N_CORE_DIR: olderCore } = process.env;
const seen: Array<Omit<Feature, 'isThere'> & { isThere: boolean }> = [];

it.each(FEATURES)('$name', async ({ name, instead, isThere }) => {
	seen.push({ name, instead, isThere: await isThere() });
	// The n8n that all other tests run on lacks nothing.
	if (!olderCore) expect(seen.at(-1)).toMatchObject({ isThere: true });
});

afterAll(() => {
	if (file !== undefined) writeFileSync(file, JSON.stringify(seen));
});
