/** From the moment in which a film is ready to the next node. */
import { until } from '../../scripts/n8n/until';
import { openWorld, type World } from '../e2e/support/world';
import type { Bench } from './measure';
import type { Table } from './table';
import {
	LOOP,
	order,
	type Ordered,
	PAUSED,
	POLLED,
	type Published,
	publishWays,
	subjectsOf,
} from './workflows';

const INTERVAL_SECONDS = 30;
const SIZES = [5, 15, 30].map((seconds) => ({ label: `${seconds} s`, n: seconds }));
/** At each size, one after the other, so that they become ready at all moments between two looks. */
const FILMS = 10;
const BETWEEN_SECONDS = INTERVAL_SECONDS / FILMS;
/** The last film, and one more look. */
const PATIENCE_MS = 300_000;

export async function measureLateness({ n8n, progress }: Bench): Promise<Table[]> {
	progress.begin('From ready at KieAI to the next node');
	const world = await openWorld(n8n, { clockScale: 1, submissionsPer10Seconds: 1000 });
	const ways = await publishWays(world, INTERVAL_SECONDS);
	const films: Ordered[] = [];
	for (let film = 0; film < FILMS; film++) {
		progress.tell(`film ${film + 1} of ${FILMS}`);
		for (const [name, workflow] of ways) {
			for (const [column, { n: seconds }] of SIZES.entries()) {
				// Asked for in the same moment, they are ready at different ones.
				const upgrade4kSeconds = seconds + film * BETWEEN_SECONDS;
				films.push({ name, column, ...(await order(world, workflow, upgrade4kSeconds)) });
			}
		}
	}
	progress.tell('waiting for the last film');
	const starts = new Map<string, number>();
	for (const [, workflow] of ways) {
		for (const [id, startedAt] of await startsOfNext(world, workflow, FILMS * SIZES.length)) {
			starts.set(id, startedAt);
		}
	}
	const subjects = subjectsOf(
		ways,
		SIZES,
		films,
		({ id, task }) => ((starts.get(id) ?? Number.NaN) - task.dueAt) / 1000,
	);
	progress.succeed('done');
	await world.close();
	return [
		{
			id: 'lateness',
			title: 'From ready at KieAI to the next node',
			how: `Unscaled: at each length of the upgrade, ${FILMS} films that become ready ${BETWEEN_SECONDS} s apart between two looks. From the moment in which KieAI has the film to the start of the next node. Our node first looks after ${INTERVAL_SECONDS} s here, and then each ${INTERVAL_SECONDS} s, as the loop does. (Unless told, it first looks when a 4K film can be expected, after 4 minutes, and sees one then that was ready sooner.) How late a look is depends on the film's moment above all, so Check Until Ready is judged film by film.`,
			unit: 's',
			sizes: SIZES,
			subjects,
			goals: [
				{ ours: PAUSED, other: LOOP, atMost: 0.02 },
				{ ours: POLLED, other: LOOP, atMost: 1, byRound: true },
			],
		},
	];
}

/** @returns when the next node started, in ms, by the source's ID */
async function startsOfNext(
	world: World,
	workflow: Published,
	count: number,
): Promise<Array<[id: string, startedAt: number]>> {
	const done = await until({ what: `${count} films`, timeoutMs: PATIENCE_MS }, async () => {
		const ended = await world.n8n.api.executions.list(workflow.id, ['success']);
		return ended.length >= count ? ended : undefined;
	});
	const starts = done.map(async ({ id }): Promise<[id: string, startedAt: number]> => {
		const run = await world.ended(id);
		const { body } = run.json('Webhook')[0] as { body: { id: string } };
		return [body.id, run.data.resultData.runData['After']?.[0]?.startTime ?? Number.NaN];
	});
	return await Promise.all(starts);
}
