import type { IDataObject } from 'n8n-workflow';

import { asNumber, asObject, asText } from './parse';
import { failed, newTask, withResults, type TaskKind, type VideoTask } from './video';

/**
 * What a callback says, in the output contract. It is a claim until KieAI has been asked: `confirmed` is false.
 * A 4K callback looks like a video's but for its text and, in one of its two shapes, for its field names.
 * @returns undefined for JSON that is no callback of KieAI's
 */
export function readCallback(body: unknown): VideoTask | undefined {
	const envelope = asObject(body);
	const code = asNumber(envelope?.code);
	const taskId = callbackTaskId(body);
	if (envelope === undefined || code === undefined || taskId === undefined) return undefined;

	const data = asObject(envelope.data) ?? {};
	const msg = asText(envelope.msg) ?? '';
	const results = { ...data, ...asObject(data.info) };
	const task: VideoTask = {
		...withResults(newTask({ kind: kindOf(msg, data), taskId }), results),
		creditsConsumed: asNumber(data.creditsConsumed) ?? null,
		confirmed: false,
		raw: envelope as IDataObject,
	};
	if (code !== 200) return failed(task, msg === '' ? `KieAI failed with code ${code}` : msg, code);
	return task.videoUrl === null ? undefined : { ...task, status: 'succeeded' };
}

/** The task ID under any of its names; the signature is made over it. */
export function callbackTaskId(body: unknown): string | undefined {
	const envelope = asObject(body);
	const data = asObject(envelope?.data);
	return [data?.task_id, data?.taskId, envelope?.taskId, envelope?.task_id]
		.map((id) => (typeof id === 'string' ? asText(id) : undefined))
		.find((id) => id !== undefined);
}

function kindOf(msg: string, data: object): TaskKind {
	if (/\b4k\b/i.test(msg) || 'result_urls' in data) return 'upgrade4k';
	return /extension/i.test(msg) ? 'extend' : 'video';
}
