import { hashOf } from '../waiting/memory';
import { slotOf, type Job } from './launch';
import type { Tools, VideoOperation } from './operation';
import { findConflict, groupOrders, type Order } from './order';
import { failureOf, refusedTask, type Outcome } from './outcome';
import { InputError } from './parameters';

/** What the items ask for: the orders, and what became of items that cannot be ordered for. */
export interface Reading {
	orders: Order[];
	refused: Outcome[];
}

/** What is to be sent, and what became of the items for which nothing is; in case of doubt, nothing at all. */
export async function plan(
	{ orders, refused }: Reading,
	operation: VideoOperation,
	tools: Tools,
): Promise<{ jobs: Job[]; refused: Outcome[] }> {
	const groups = groupOrders(orders, operation);
	const inConflict = groups.flatMap((group) => {
		const conflict = findConflict(group);
		return conflict === undefined ? [] : refuse(group, conflict, operation);
	});
	const all = [...inConflict, ...refused];
	if (inConflict.length > 0 && !tools.context.continueOnFail()) {
		return { jobs: [], refused: all };
	}
	const jobs = groups
		.filter((group) => findConflict(group) === undefined)
		.map((group) => openJob(group, operation, tools));
	try {
		await checkBudget(jobs, operation, tools);
		return { jobs, refused: all };
	} catch (error) {
		const unpaid = jobs.flatMap((job) => refuse(job.orders, error, operation));
		return { jobs: [], refused: [...unpaid, ...all] };
	}
}

function refuse(orders: Order[], error: unknown, operation: VideoOperation): Outcome[] {
	return orders.map(({ itemIndex, request }) => ({
		itemIndex,
		result: failureOf(error, refusedTask(operation, request, error)),
	}));
}

function openJob(orders: Order[], { kind }: VideoOperation, { context }: Tools): Job {
	const first = orders[0] as Order;
	const hash = hashOf({ kind, request: first.request });
	return { first, orders, hash, slot: slotOf({ recipients: orders, hash }, context) };
}

/** Before anything is charged: is it more than the user meant to buy, and can the account pay for it? */
async function checkBudget(jobs: Job[], operation: VideoOperation, tools: Tools): Promise<void> {
	const isNew = ({ first, slot }: Job) =>
		slot.recall() === 'new' && operation.picksUp?.(first.request) !== true;
	const news = operation.cost === 'none' ? [] : jobs.filter(isNew);
	const newest = news[0];
	if (newest === undefined) return;

	const { maxNewTasks, minimumCreditBalance } = newest.first.settings;
	if (news.length > maxNewTasks) {
		throw new InputError(
			`This run would start ${news.length} tasks that cost credits, and 'Maximum New Tasks per Run' is ${maxNewTasks}`,
			'Nothing was sent. Raise the limit in the options, or send fewer items.',
		);
	}
	if (minimumCreditBalance === 0) return;
	const balance = await tools.connection.client.getCreditBalance();
	if (balance >= minimumCreditBalance) return;
	throw new InputError(
		`The account has ${balance} credits, and 'Minimum Credit Balance' is ${minimumCreditBalance}`,
		'Nothing was sent. Add credits to your KieAI account, or lower the limit in the options.',
	);
}
