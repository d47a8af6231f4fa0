/** How often KieAI is asked for one film. */
import { TIMINGS } from '../../nodes/KieAi/actions/video/timing';
import { openWorld, type World } from '../e2e/support/world';
import type { Bench } from './measure';
import type { Table } from './table';
import { LOOP, order, type Ordered, PAUSED, POLLED, publishWays, subjectsOf } from './workflows';

/** KieAI's minute takes two seconds. */
const SCALE = 30;
/** What the node does by default, in KieAI's seconds. */
const { firstCheckAfterSeconds: FIRST_CHECK_AFTER, pollIntervalSeconds: POLL_INTERVAL } =
	TIMINGS.get4k;
const ROUNDS = 3;
const SIZES = [5, 7.5, 10].map((minutes) => ({ label: `${minutes} minutes`, n: minutes }));

export async function measureCalls({ n8n, progress }: Bench): Promise<Table[]> {
	progress.begin('API calls for one film');
	const world = await openWorld(n8n, { clockScale: SCALE, submissionsPer10Seconds: 1000 });
	const ways = await publishWays(world, POLL_INTERVAL / SCALE, FIRST_CHECK_AFTER / SCALE);
	// Nothing is timed: all may run at once.
	const films: Ordered[] = [];
	for (const [column, { n: minutes }] of SIZES.entries()) {
		for (const [name, workflow] of ways) {
			for (let round = 0; round < ROUNDS; round++) {
				films.push({ name, column, ...(await order(world, workflow, minutes * 60)) });
			}
		}
	}
	progress.tell('waiting for the last film');
	for (const [, workflow] of ways) {
		await world.executions(workflow, SIZES.length * ROUNDS, ['success']);
	}
	const subjects = subjectsOf(ways, SIZES, films, (film) => callsFor(world, film));
	progress.succeed('done');
	await world.close();
	return [
		{
			id: 'calls',
			title: 'API calls for one 4K film',
			how: `An upgrade to 4K that takes 5, 7.5 or 10 minutes of KieAI's clock, which runs ${SCALE} times as fast here (at 60 times, 30 s would be half a second, and our node waits for one at least); the nodes' waits are shortened alike, so calls are counted and no time is compared. Our node waits as it does by default: the first check after ${FIRST_CHECK_AFTER} s, one each ${POLL_INTERVAL} s from then on. The loop asks each ${POLL_INTERVAL} s.`,
			unit: 'calls',
			sizes: SIZES,
			subjects,
			goals: [
				{ ours: POLLED, other: LOOP, atMost: 0.99 },
				{ ours: PAUSED, atMost: 2 },
			],
		},
	];
}

/** All that name the source, the film's task, or one of its links. */
function callsFor({ sandbox }: World, { id, task }: Ordered): number {
	const names = [id, task.id, ...task.videos.flatMap(({ url, imageUrl }) => [url, imageUrl])];
	return sandbox.requests.filter(({ endpoint, query, body }) => {
		const asked = JSON.stringify([query, body]);
		return endpoint !== 'file' && names.some((name) => asked.includes(`"${name}"`));
	}).length;
}
