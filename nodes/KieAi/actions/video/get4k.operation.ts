import type { UpgradeRequest } from '../../protocol/client';
import { KieAiError } from '../../protocol/errors';
import { asText } from '../../protocol/parse';
import { failed, hasRecord, newTask, type VideoTask } from '../../protocol/video';
import { logAccepted } from '../log';
import type { Tools, VideoOperation } from '../operation';
import { TAKEN_FOR_NEW } from '../outcome';
import type { ItemParameters } from '../parameters';
import { indexUnderWay, readIndex, readSourceTaskId, upgradeRequest } from './source';
import { TIMINGS } from './timing';

interface UnderWay {
	itemIndex: number;
	taskId: string;
	sourceTaskId: string;
	index: number;
}

interface Request extends UpgradeRequest {
	/** Where the item says that it has been asked for already. */
	underWay?: UnderWay;
}

export const get4k: VideoOperation<Request> = {
	type: 'video',
	kind: 'upgrade4k',
	cost: 'once',
	timing: TIMINGS.get4k,
	read(item) {
		const taskId = readSourceTaskId(item, 'upgrade4k');
		const index = readIndex(item, 'upgrade4k', taskId);
		const underWay = findUnderWay(item, taskId, index);
		return { taskId, index, ...(underWay && { underWay }) };
	},
	picksUp: ({ underWay }) => underWay !== undefined,
	// What other nodes have made of our items may tell no index.
	sameAs: ({ taskId, index, underWay }) => `${taskId} ${index} ${underWay?.taskId ?? ''}`,
	identify: ({ taskId, index }) => ({ kind: 'upgrade4k', taskId, sourceTaskId: taskId, index }),
	async start({ underWay, ...request }, { context, connection }, callBackUrl) {
		if (underWay !== undefined) {
			// Nobody else asks again, as the waiting for a result does: here, what may be repeated is.
			const tools = { context, connection: { ...connection, once: connection.client } };
			return { task: await check(underWay, tools), isNew: false };
		}
		const { task, accepted, isNamed, mayHaveBeen } = await connection.client.get4k({
			...request,
			...(callBackUrl !== undefined && { callBackUrl }),
		});
		// An answer that tells no task may not be what it looks like: it is not left to a callback.
		return { task, isNew: accepted && isNamed, mayBeOurs: mayHaveBeen || accepted };
	},
	callsBack: true,
	look,
	askAgain,
};

/** An upgrade that the item says is under way is asked for: as a new request, it could be paid for twice. */
function findUnderWay(
	item: ItemParameters,
	sourceTaskId: string,
	index: number,
): UnderWay | undefined {
	const taskId = asText(item.json.taskId);
	const isIt = indexUnderWay(item, 'upgrade4k', sourceTaskId) === index;
	return isIt && taskId !== undefined
		? { itemIndex: item.itemIndex, sourceTaskId, index, taskId }
		: undefined;
}

async function check({ itemIndex, ...identity }: UnderWay, tools: Tools): Promise<VideoTask> {
	const task = newTask({ kind: 'upgrade4k', ...identity });
	return (await look(task, tools)) ?? (await askAgain(task, itemIndex, tools));
}

/** A 4K task with an ID of its own can be asked for like any task. */
async function look(task: VideoTask, { connection }: Tools): Promise<VideoTask | undefined> {
	if (!hasRecord(task)) return undefined;
	return await connection.once.getDetails(task).catch((error: unknown) => {
		if (error instanceof KieAiError && error.isAnswer && isUnknownTask(error)) return undefined;
		throw error;
	});
}

/**
 * Otherwise the request is repeated, which is free while the upgrade is under way or done. What it does after a
 * failure is not documented, so that what looks like a new start ends the wait: nothing is asked for a third time.
 */
async function askAgain(
	task: VideoTask,
	itemIndex: number,
	{ context, connection }: Tools,
): Promise<VideoTask> {
	const answer = await connection.once.get4k(upgradeRequest(task)).catch((error: unknown) => {
		if (error instanceof KieAiError && endsTheUpgrade(error)) {
			return { task: failed(task, error.message, error.code), accepted: false };
		}
		throw error;
	});
	// Once known, an ID of the upgrade's own is not given up: asking by it has no side effects.
	const hasOwnId = answer.task.taskId !== task.videoTaskId;
	if (!answer.accepted) return hasOwnId ? answer.task : { ...answer.task, taskId: task.taskId };
	logAccepted(context, answer.task, itemIndex);
	const newOne = hasOwnId ? `the new one (${answer.task.taskId})` : 'the new one';
	return failed(
		task,
		`${TAKEN_FOR_NEW}: the first upgrade has failed, and ${newOne} may have been charged`,
	);
}

/** What KieAI says of the upgrade itself; a bad key or an empty account says nothing of it. */
function endsTheUpgrade({ code, isFinalWord }: KieAiError): boolean {
	return isFinalWord && code !== undefined && [400, 422, 500, 501].includes(code);
}

function isUnknownTask({ code }: KieAiError): boolean {
	return code === 404 || code === 422;
}
