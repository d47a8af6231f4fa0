/**
 * The example scheduled-batch with 200 rows: each becomes a film, and is paid for once. n8n's own delays are not
 * shortened as KieAI's time is, so that KieAI refuses some for now; the node sends them again.
 */
import type { StoredWorkflow } from '../../scripts/n8n/api';
import { readExample } from '../../scripts/n8n/examples';
import { until } from '../../scripts/n8n/until';
import { itSince2 } from './support/since';
import { chain, itemsOf } from './support/workflow';
import { call, useWorld, webhookTrigger } from './support/world';

const ROWS = 200;
/** KieAI's second is a quarter of one: the schedule's 20 seconds are 5. */
const SCALE = 4;
const SCHEDULE_SECONDS = 5;
/** Of 400 tasks. In KieAI's own time none is; here, where n8n's delays count four times, about 40. */
const MOST_REFUSED = 100;
const PATIENCE_MS = 400_000;

const world = useWorld({
	clockScale: SCALE,
});

const TABLE = { __rl: true, mode: 'name', value: 'Films to make' };
const ofTable = (name: string, parameters: object) => ({
	name,
	type: 'n8n-nodes-base.dataTable',
	typeVersion: 1.1,
	parameters: { dataTableId: TABLE, ...parameters },
});

interface Row {
	prompt: string;
	status: string | null;
	film?: string | null;
	taskId?: string | null;
}

/** Writes and reads the rows by workflows, as a person would. */
async function openTable() {
	const [rows, all] = [webhookTrigger('Rows'), webhookTrigger('All')];
	const insert = ofTable('Insert', {
		operation: 'insert',
		columns: { mappingMode: 'autoMapInputData', value: null },
	});
	await world.publish(chain(rows, itemsOf('rows'), insert));
	const reading = await world.publish(
		chain(all, ofTable('Get', { operation: 'get', returnAll: true })),
	);
	let reads = 0;
	return {
		insert: async (given: Row[]) => await call(world, rows, { rows: given }),
		async read(): Promise<Row[]> {
			await call(world, all);
			const [newest] = await world.executions(reading, ++reads, ['success']);
			return (await world.ended(String(newest?.id))).json('Get') as unknown as Row[];
		},
	};
}

/** By the schedule. */
async function newestRun(stored: StoredWorkflow): Promise<string | undefined> {
	const newest = await world.executions(stored, 0, ['success']);
	return newest.find(({ mode }) => mode === 'trigger')?.id;
}

itSince2(
	'200 rows come to 200 films in 4K at the pace that KieAI allows, and none is paid for twice',
	async () => {
		const { sandbox } = world;
		const example = await readExample('scheduled-batch.json');
		const schedule = example.nodes.find(({ type }) => type.endsWith('.scheduleTrigger'));
		const interval = [{ field: 'seconds', secondsInterval: SCHEDULE_SECONDS }];
		Object.assign(schedule?.parameters ?? {}, { rule: { interval } });
		const stored = await world.publish(example);
		await world.executions(stored, 1, ['success']);

		const table = await openTable();
		const prompts = Array.from(
			{ length: ROWS },
			(_, row) =>
				`A red fox, take ${row}: takes ${10 + (row % 20)} s, 4k takes ${10 + (row % 30)} s`,
		);
		// As executions have left them that were cut short: nobody knows whether they were paid for.
		const cutShort = ['starting', 'upgrading'].map((status) => ({
			prompt: `A fox that was cut short, ${status}`,
			status,
		}));
		await table.insert([...cutShort, ...prompts.map((prompt) => ({ prompt, status: '' }))]);
		const rows = await until(
			{ what: `${ROWS} films`, timeoutMs: PATIENCE_MS, intervalMs: 5_000 },
			async () => {
				const seen = await table.read();
				const isDone = ({ status }: Row) => status === '4K ready' || status === 'stopped';
				return seen.filter(isDone).length >= ROWS ? seen : undefined;
			},
		);
		const refused = sandbox.requests.filter(({ answer }) => answer?.code === 429);
		expect(refused.length).toBeLessThan(MOST_REFUSED);
		const charged = sandbox.ledger.length;
		const before = sandbox.requests.length;
		const newest = await newestRun(stored);
		await until({ what: 'one more run of the schedule' }, async () =>
			(await newestRun(stored)) === newest ? undefined : true,
		);

		const left = rows.filter(({ prompt }) => cutShort.some((row) => row.prompt === prompt));
		const made = rows.filter((row) => !left.includes(row));
		expect(made.map(({ prompt }) => prompt).sort()).toEqual([...prompts].sort());
		expect(made.filter(({ status }) => status !== '4K ready')).toEqual([]);
		expect(new Set(made.map(({ film }) => film)).size).toBe(ROWS);
		expect(new Set(made.map(({ taskId }) => taskId)).size).toBe(ROWS);
		expect(left).toMatchObject(cutShort);
		const operations = sandbox.ledger.map(({ operation }) => operation).sort();
		expect(operations).toEqual([...Array(ROWS).fill('generate'), ...Array(ROWS).fill('upgrade4k')]);
		expect([sandbox.ledger.length, sandbox.requests.length]).toEqual([charged, before]);
	},
	600_000,
);
