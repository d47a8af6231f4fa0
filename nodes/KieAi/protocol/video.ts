import type { IDataObject } from 'n8n-workflow';

import { withoutSecrets } from './secrets';
import { asIsoTime, asNumber, asObject, asText, asTextList, type JsonObject } from './parse';

export type TaskStatus = 'processing' | 'succeeded' | 'failed' | 'timedOut';

export type UpgradeKind = 'upgrade1080p' | 'upgrade4k';

/** `video` stands where a callback does not tell a generation from an extension. */
export type TaskKind = 'generate' | 'extend' | 'video' | UpgradeKind;

/** What the user sends along with a task and gets back from the trigger: small, flat or not, any JSON. */
export type Metadata = IDataObject;

/** One video task as both nodes put it out: the output contract, most used first. */
export interface VideoTask {
	/** The film to use: the full film after Extend, else the first result. */
	videoUrl: string | null;
	status: TaskStatus;
	/** What KieAI knows the task by. */
	taskId: string;
	/** What to extend or upgrade next: the task's own ID, for upgrades the source's. */
	videoTaskId: string;
	kind: TaskKind;
	resolution: string | null;
	resultUrls: string[];
	imageUrls: string[];
	/** KieAI's words. */
	errorMessage: string | null;
	/** ISO 8601, like `createdAt`. */
	completedAt: string | null;

	sourceTaskId: string | null;
	/** Which video of the source task an upgrade is of. */
	index: number | null;
	originUrls: string[];
	fullResultUrls: string[];
	mediaIds: string[];
	creditsConsumed: number | null;
	errorCode: string | null;
	createdAt: string | null;
	metadata: Metadata | null;
	/** Whether KieAI itself was asked; a callback that could not be confirmed says false. */
	confirmed: boolean;
	/** KieAI's own data, without secrets. */
	raw: IDataObject | null;
}

const SIMPLE_FIELDS = [
	'videoUrl',
	'status',
	'taskId',
	'videoTaskId',
	'kind',
	'resolution',
	'resultUrls',
	'imageUrls',
	'errorMessage',
	'completedAt',
] as const satisfies ReadonlyArray<keyof VideoTask>;

export function toOutput(task: VideoTask, simplify: boolean): IDataObject {
	if (!simplify) return { ...task };
	const simple = Object.fromEntries(SIMPLE_FIELDS.map((field) => [field, task[field]]));
	// Without it, the upgrade of another video than the first could not be picked up.
	return isUpgrade(task.kind) && task.index ? { ...simple, index: task.index } : simple;
}

export function isFinal({ status }: VideoTask): boolean {
	return status === 'succeeded' || status === 'failed';
}

export function isUpgrade(kind: TaskKind): kind is UpgradeKind {
	return kind === 'upgrade1080p' || kind === 'upgrade4k';
}

/** Whether `record-info` knows the task: upgrades have a record only under an ID of their own. */
export function hasRecord({ kind, taskId, sourceTaskId }: VideoTask): boolean {
	return !isUpgrade(kind) || taskId !== sourceTaskId;
}

/** The part of a task that is known before KieAI says anything about it. */
export interface TaskIdentity {
	kind: TaskKind;
	taskId: string;
	sourceTaskId?: string | null | undefined;
	index?: number | null | undefined;
}

/** A task that KieAI has accepted and said nothing more about. */
export function newTask({ kind, taskId, sourceTaskId, index }: TaskIdentity): VideoTask {
	return {
		videoUrl: null,
		status: 'processing',
		taskId,
		videoTaskId: isUpgrade(kind) ? (sourceTaskId ?? taskId) : taskId,
		kind,
		resolution: kind === 'upgrade4k' ? '4K' : kind === 'upgrade1080p' ? '1080p' : null,
		resultUrls: [],
		imageUrls: [],
		errorMessage: null,
		completedAt: null,
		sourceTaskId: sourceTaskId ?? null,
		index: index ?? null,
		originUrls: [],
		fullResultUrls: [],
		mediaIds: [],
		creditsConsumed: null,
		errorCode: null,
		createdAt: null,
		metadata: null,
		confirmed: true,
		raw: null,
	};
}

/** What `record-info` says of a task. `successFlag`: 0 generating, 1 success, 2 failed, 3 failed upstream. */
export function fromDetails(known: TaskIdentity, data: JsonObject): VideoTask {
	const response = asObject(data.response) ?? {};
	const task: VideoTask = {
		...withResults(newTask(known), response),
		completedAt: asIsoTime(data.completeTime) ?? null,
		createdAt: asIsoTime(data.createTime) ?? null,
		creditsConsumed: asNumber(data.creditsConsumed) ?? null,
		raw: rawOf(data),
	};
	const flag = asNumber(data.successFlag);
	if (flag === 1 && task.videoUrl !== null) return { ...task, status: 'succeeded' };
	if (flag === 2 || flag === 3) {
		return {
			...task,
			status: 'failed',
			errorMessage: asText(data.errorMessage) ?? null,
			errorCode: asText(data.errorCode) ?? null,
		};
	}
	return task;
}

/** What an upgrade's own call says of it; `data` is in the 1080p or the 4K call's shape. */
export function fromUpgrade(known: TaskIdentity, data: JsonObject): VideoTask {
	const task = withResults(newTask(known), data);
	const status = task.videoUrl === null ? 'processing' : 'succeeded';
	return { ...task, status, raw: rawOf(data) };
}

function rawOf(data: JsonObject): IDataObject | null {
	return (withoutSecrets(data) ?? null) as IDataObject | null;
}

/** Fills in the URLs and what belongs to them, under any of the names that KieAI uses. */
export function withResults(task: VideoTask, data: JsonObject): VideoTask {
	const resultUrls = firstUrls(data.resultUrls, data.result_urls, data.resultUrl);
	const results = {
		resultUrls,
		imageUrls: firstUrls(data.imageUrls, data.image_urls),
		mediaIds: firstList(data.mediaIds, data.media_ids),
	};
	// An upgrade has one film and no other versions of it, whatever it is told with.
	if (isUpgrade(task.kind)) return { ...task, ...results, videoUrl: resultUrls[0] ?? null };
	const fullResultUrls = firstUrls(data.fullResultUrls, data.full_result_urls);
	return {
		...task,
		...results,
		videoUrl: fullResultUrls[0] ?? resultUrls[0] ?? null,
		resolution: asText(data.resolution) ?? null,
		fullResultUrls,
		originUrls: firstUrls(data.originUrls, data.origin_urls),
	};
}

function firstUrls(...candidates: unknown[]): string[] {
	return firstList(
		...candidates.map((list) => asTextList(list).filter((url) => /^https?:/i.test(url))),
	);
}

function firstList(...candidates: unknown[]): string[] {
	return candidates.map(asTextList).find((list) => list.length > 0) ?? [];
}

export function failed(task: VideoTask, message: string, code?: number): VideoTask {
	return {
		...task,
		status: 'failed',
		errorMessage: message,
		errorCode: code === undefined ? null : String(code),
	};
}
