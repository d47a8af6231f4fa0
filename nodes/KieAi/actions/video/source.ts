import type { IExecuteFunctions } from 'n8n-workflow';

import type { UpgradeRequest } from '../../protocol/client';
import { asNumber, asText } from '../../protocol/parse';
import {
	isUpgrade,
	type TaskIdentity,
	type TaskKind,
	type UpgradeKind,
	type VideoTask,
} from '../../protocol/video';
import { InputError, readItem, type ItemParameters } from '../parameters';
import { RANGES } from '../ranges';

/** The task ID of a video to extend or upgrade; an item that says that its video is not there is refused. */
export function readSourceTaskId(item: ItemParameters, kind: TaskKind): string {
	const taskId = readTaskId(item);
	const { status, videoTaskId, kind: itemKind } = item.json;
	const isOfThisItem = asText(videoTaskId) === taskId && typeof status === 'string';
	if (!isOfThisItem || status === 'succeeded') return taskId;
	// An upgrade that is still under way is of a video that is there: asking again picks it up.
	const picksUp = isUpgrade(kind) && itemKind === kind && status !== 'failed';
	if (picksUp || !['processing', 'failed', 'timedOut'].includes(status)) return taskId;
	throw new InputError(
		`'Task ID' is of a video whose status is '${status}'`,
		adviceFor(status, upgradeName(itemKind)),
	);
}

function adviceFor(status: string, upgrade: string | undefined): string {
	if (status === 'failed') return 'It will not become ready. Filter such items out.';
	return upgrade === undefined
		? "Wait for it first, with 'Get' and 'Wait for Result', or filter such items out."
		: `Wait for it first, with '${upgrade}' and this Task ID (and Video Index), which is free while it is under way; or filter such items out.`;
}

/** The operation that waits for an upgrade; undefined for what is none. */
export function upgradeName(kind: unknown): string | undefined {
	if (kind === 'upgrade4k') return 'Get 4K';
	return kind === 'upgrade1080p' ? 'Get 1080p' : undefined;
}

export function readTaskId(item: ItemParameters): string {
	return item.text(
		'taskId',
		'Task ID',
		"Connect a KieAI node before this one, or enter the task ID that KieAI gave, e.g. 'veo_task_abcdef123456'.",
	);
}

/** What is known of the task of an item that cannot be used: the ID that it was given, or that its input has. */
export function identifyGiven(
	context: IExecuteFunctions,
	itemIndex: number,
	kind: TaskKind,
): TaskIdentity {
	const taskId = kind === 'generate' ? '' : givenTaskId(context, itemIndex);
	const sourceTaskId = taskId === '' ? null : taskId;
	if (kind === 'extend') return { kind, taskId: '', sourceTaskId };
	return { kind, taskId, sourceTaskId: isUpgrade(kind) ? sourceTaskId : null };
}

function givenTaskId(context: IExecuteFunctions, itemIndex: number): string {
	const { videoTaskId, taskId } = context.getInputData()[itemIndex]?.json ?? {};
	const ofItem = asText(videoTaskId) ?? asText(taskId) ?? '';
	try {
		return readTaskId(readItem(context, itemIndex));
	} catch {
		return ofItem;
	}
}

/** Which video of the task to upgrade; the field's default stands for the one that the item is an upgrade of. */
export function readIndex(item: ItemParameters, kind: UpgradeKind, taskId: string): number {
	const index = item.number('index', 'Video Index', RANGES.index);
	return index === 0 ? (indexUnderWay(item, kind, taskId) ?? 0) : index;
}

/** Which video of the task the item says is being upgraded; undefined where it says no such thing. */
export function indexUnderWay(
	{ json }: ItemParameters,
	kind: UpgradeKind,
	taskId: string,
): number | undefined {
	const isIt = json.kind === kind && asText(json.videoTaskId) === taskId;
	if (!isIt || (json.status !== 'processing' && json.status !== 'timedOut')) return undefined;
	// Our items tell none that is 0; what is none may be another node's column.
	const { min, max } = RANGES.index;
	const told = asNumber(json.index) ?? min;
	return Number.isInteger(told) && told >= min && told <= max ? told : min;
}

/** The request that an upgrade was started with. */
export function upgradeRequest({ videoTaskId, index }: VideoTask): UpgradeRequest {
	return { taskId: videoTaskId, index: index ?? 0 };
}
