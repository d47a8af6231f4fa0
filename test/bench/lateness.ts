/** From the moment in which a film is ready to the next node. */
import { until } from '../../scripts/n8n/until';
import { chain, noOp } from '../e2e/support/workflow';
import { openWorld, type World } from '../e2e/support/world';
import type { NodeJson } from '../engine/support/types';
import type { Bench } from './measure';
import type { Table } from './table';
import {
	handBuiltLoop,
	headerCredential,
	kieAi,
	publish,
	type Published,
	SOURCE,
} from './workflows';

const INTERVAL_SECONDS = 30;
const SIZES = [45, 75, 105].map((seconds) => ({ label: `${seconds} s`, n: seconds }));
/** At each size, one after the other, so that they become ready at all moments between two looks. */
const FILMS = 10;
const BETWEEN_SECONDS = INTERVAL_SECONDS / FILMS;
/** The last film, and one more look. */
const PATIENCE_MS = 300_000;
const NAMES = {
	paused: 'Pause Until Callback',
	polled: 'Check Until Ready, each 30 s',
	loop: 'HTTP Request, If, Wait 30 s',
};

export async function measureLateness({ n8n, progress }: Bench): Promise<Table[]> {
	progress.begin('From ready at KieAI to the next node');
	const world = await openWorld(n8n, { clockScale: 1, submissionsPer10Seconds: 1000 });
	const options = { firstCheckAfter: INTERVAL_SECONDS, pollInterval: INTERVAL_SECONDS };
	const ours = (waitForResult: string) => (trigger: NodeJson) =>
		chain(trigger, kieAi({ operation: 'get4k', taskId: SOURCE, waitForResult, options }), noOp());
	const credential = await headerCredential(world);
	const workflows = {
		[NAMES.paused]: await publish(world, 'Paused', ours('callback')),
		[NAMES.polled]: await publish(world, 'Polled', ours('poll')),
		[NAMES.loop]: await publish(world, 'Loop', handBuiltLoop(world, credential, INTERVAL_SECONDS)),
	};
	const films: Film[] = [];
	for (let film = 0; film < FILMS; film++) {
		progress.tell(`film ${film + 1} of ${FILMS}`);
		for (const [name, workflow] of Object.entries(workflows)) {
			for (const [column, { n: seconds }] of SIZES.entries()) {
				// Asked for in the same moment, they are ready at different ones.
				const upgrade4kSeconds = seconds + film * BETWEEN_SECONDS;
				films.push({ name, column, ...(await order(world, workflow, upgrade4kSeconds)) });
			}
		}
	}
	progress.tell('waiting for the last film');
	const subjects = await Promise.all(
		Object.entries(workflows).map(async ([name, workflow]) => {
			const startedAt = await startsOfNext(world, workflow, FILMS * SIZES.length);
			const figures = SIZES.map((_, column) =>
				films
					.filter((film) => film.name === name && film.column === column)
					.map(({ id, readyAt }) => ((startedAt.get(id) ?? Number.NaN) - readyAt) / 1000),
			);
			return { name, figures };
		}),
	);
	progress.succeed('done');
	await world.close();
	return [
		{
			id: 'lateness',
			title: 'From ready at KieAI to the next node',
			how: `Unscaled: at each length of the upgrade, ${FILMS} films that become ready ${BETWEEN_SECONDS} s apart between two looks. From the moment in which KieAI has the film to the start of the next node. Our node first looks after ${INTERVAL_SECONDS} s here, and then each ${INTERVAL_SECONDS} s, as the loop does.`,
			unit: 's',
			sizes: SIZES,
			subjects,
			goals: [
				{ ours: NAMES.paused, other: NAMES.loop, atMost: 0.02 },
				{ ours: NAMES.polled, other: NAMES.loop, atMost: 1 },
			],
		},
	];
}

interface Film {
	name: string;
	column: number;
	/** Of the source. */
	id: string;
	/** In ms. */
	readyAt: number;
}

/** Asks for 4K of a new source, and waits until KieAI knows. */
async function order(
	{ sandbox }: World,
	workflow: Published,
	upgrade4kSeconds: number,
): Promise<Pick<Film, 'id' | 'readyAt'>> {
	sandbox.configure({ upgrade4kSeconds });
	const { id } = sandbox.addTask({ state: 'success' });
	await workflow.start({ id });
	const readyAt = await until(
		{ what: `4K of ${id} to be asked for`, intervalMs: 10 },
		() => sandbox.tasks().find(({ source }) => source?.taskId === id)?.dueAt,
	);
	return { id, readyAt };
}

/** @returns when the next node started, in ms, by the source's ID */
async function startsOfNext(
	world: World,
	workflow: Published,
	count: number,
): Promise<Map<string, number>> {
	const done = await until({ what: `${count} films`, timeoutMs: PATIENCE_MS }, async () => {
		const ended = await world.n8n.api.executions.list(workflow.id, ['success']);
		return ended.length >= count ? ended : undefined;
	});
	const starts = done.map(async ({ id }): Promise<[string, number]> => {
		const run = await world.ended(id);
		const { body } = run.json('Webhook')[0] as { body: { id: string } };
		return [body.id, run.data.resultData.runData['After']?.[0]?.startTime ?? Number.NaN];
	});
	return new Map(await Promise.all(starts));
}
