import type { IDataObject } from 'n8n-workflow';

import type { Origin } from './origin';
import { asNumber, asObject, asText } from './parse';
import { failed, newTask, withResults, type TaskKind, type VideoTask } from './video';

/** Far above what KieAI sends: whatever is asked about a callback stays bounded. */
const MAX_ENTRIES = 10;
const MAX_TASK_ID_CHARACTERS = 200;
const MAX_MESSAGE_CHARACTERS = 1000;

/** Of whatever form, but one word: it is written to logs. */
const TASK_ID = /^[^\s\p{Cc}]+$/u;

const LISTS = ['resultUrls', 'imageUrls', 'originUrls', 'fullResultUrls', 'mediaIds'] as const;

/**
 * What a callback says, in the output contract. It is a claim until KieAI has been asked: `confirmed` is false.
 * A 4K callback looks like a video's but for its text and, in one of its two shapes, for its field names.
 * @param origin what the node that started the task wrote into the callback's URL, once it is proven
 * @returns undefined for JSON that is no callback of KieAI's
 */
export function readCallback(body: unknown, origin?: Origin): VideoTask | undefined {
	const envelope = asObject(body);
	const code = asNumber(envelope?.code);
	const taskId = callbackTaskId(body);
	if (envelope === undefined || code === undefined || taskId === undefined) return undefined;

	const data = asObject(envelope.data) ?? {};
	const msg = asText(envelope.msg) ?? '';
	const task: VideoTask = {
		...newTask({ kind: kindOf(msg, data), ...origin, taskId }),
		metadata: origin?.metadata ?? null,
		creditsConsumed: asNumber(data.creditsConsumed) ?? null,
		confirmed: false,
		raw: envelope as IDataObject,
	};
	if (code !== 200) {
		const reason = msg.slice(0, MAX_MESSAGE_CHARACTERS) || `KieAI failed with code ${code}`;
		return failed(task, reason, code);
	}
	const done = withResults({ ...task, status: 'succeeded' }, { ...data, ...asObject(data.info) });
	const isPlausible =
		done.videoUrl !== null && LISTS.every((list) => done[list].length <= MAX_ENTRIES);
	return isPlausible ? done : undefined;
}

/** The task ID under any of its names, to the letter: the signature is made over it. */
export function callbackTaskId(body: unknown): string | undefined {
	const envelope = asObject(body);
	const data = asObject(envelope?.data);
	return [data?.task_id, data?.taskId, envelope?.taskId, envelope?.task_id]
		.map((id) => (typeof id === 'number' ? String(id) : id))
		.find(
			(id): id is string =>
				typeof id === 'string' && TASK_ID.test(id) && id.length <= MAX_TASK_ID_CHARACTERS,
		);
}

function kindOf(msg: string, data: object): TaskKind {
	if (/\b4k\b/i.test(msg) || 'result_urls' in data) return 'upgrade4k';
	return /extension/i.test(msg) ? 'extend' : 'video';
}
