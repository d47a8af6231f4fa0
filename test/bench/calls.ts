/** How often KieAI is asked for one film. */
import { get4k } from '../../nodes/KieAi/actions/video/get4k.operation';
import { until } from '../../scripts/n8n/until';
import { chain, noOp } from '../e2e/support/workflow';
import { openWorld, type World } from '../e2e/support/world';
import type { Bench } from './measure';
import type { Table } from './table';
import { handBuiltLoop, headerCredential, kieAi, publish, SOURCE } from './workflows';

/** KieAI's minute takes two seconds. */
const SCALE = 30;
/** What the node does by default, in KieAI's seconds. */
const { firstCheckAfterSeconds: FIRST_CHECK_AFTER, pollIntervalSeconds: POLL_INTERVAL } =
	get4k.timing;
const ROUNDS = 3;
const NAMES = {
	paused: 'Pause Until Callback',
	polled: 'Check Until Ready',
	loop: 'HTTP Request, If, Wait 30 s',
};
const SIZES = [5, 7.5, 10].map((minutes) => ({
	label: `${minutes} minutes`,
	n: minutes,
	rounds: 3,
}));

export async function measureCalls({ n8n, progress }: Bench): Promise<Table[]> {
	progress.begin('API calls for one film');
	const world = await openWorld(n8n, { clockScale: SCALE, submissionsPer10Seconds: 1000 });
	const credential = await headerCredential(world);
	const options = {
		firstCheckAfter: FIRST_CHECK_AFTER / SCALE,
		pollInterval: POLL_INTERVAL / SCALE,
	};
	const ours = (waitForResult: string) => {
		const node = kieAi({ operation: 'get4k', taskId: SOURCE, waitForResult, options });
		return (trigger: Parameters<typeof chain>[0]) => chain(trigger, node, noOp());
	};
	const workflows = Object.entries({
		[NAMES.paused]: await publish(world, 'Paused', ours('callback')),
		[NAMES.polled]: await publish(world, 'Polled', ours('poll')),
		[NAMES.loop]: await publish(
			world,
			'Loop',
			handBuiltLoop(world, credential, POLL_INTERVAL / SCALE),
		),
	});
	// Nothing is timed: all may run at once.
	const films: Array<{ name: string; column: number; id: string }> = [];
	for (const [column, { n: minutes }] of SIZES.entries()) {
		for (const [name, workflow] of workflows) {
			for (let round = 0; round < ROUNDS; round++) {
				world.sandbox.configure({ upgrade4kSeconds: minutes * 60 });
				const { id } = world.sandbox.addTask({ state: 'success' });
				await workflow.start({ id });
				await until({ what: `4K of ${id} to be asked for`, intervalMs: 10 }, () =>
					callsFor(world, id) > 0 ? true : undefined,
				);
				films.push({ name, column, id });
			}
		}
	}
	progress.tell('waiting for the last film');
	for (const [, workflow] of workflows) {
		await world.executions(workflow, SIZES.length * ROUNDS, ['success']);
	}
	const subjects = workflows.map(([name]) => ({
		name,
		figures: SIZES.map((_, column) =>
			films
				.filter((film) => film.name === name && film.column === column)
				.map(({ id }) => callsFor(world, id)),
		),
	}));
	progress.succeed('done');
	await world.close();
	return [
		{
			id: 'calls',
			title: 'API calls for one 4K film',
			how: `An upgrade to 4K that takes 5, 7.5 or 10 minutes of KieAI's clock, which runs ${SCALE} times as fast here; the nodes' waits are shortened alike, so calls are counted and no time is compared. Our node waits as it does by default: the first check after ${FIRST_CHECK_AFTER} s, one each ${POLL_INTERVAL} s from then on. The loop asks each ${POLL_INTERVAL} s.`,
			unit: 'calls',
			sizes: SIZES,
			subjects,
			goals: [
				{ ours: NAMES.polled, other: NAMES.loop, atMost: 0.99 },
				{ ours: NAMES.paused, atMost: 2 },
			],
		},
	];
}

function callsFor({ sandbox }: World, id: string): number {
	return sandbox.requests.filter(
		({ body, query }) => query['taskId'] === id || (body as { taskId?: string })?.taskId === id,
	).length;
}
