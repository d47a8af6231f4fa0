import { asNumber, asText } from '../../protocol/parse';
import type { TaskIdentity } from '../../protocol/video';
import type { Timing, VideoOperation } from '../operation';
import { InputError, type ItemParameters } from '../parameters';
import { optionsField, resultFields } from './fields';
import { readTaskId, upgradeName } from './source';

const timing: Timing = {
	firstCheckAfterSeconds: 0,
	pollIntervalSeconds: 15,
	timeoutMinutes: 15,
};

export const get: VideoOperation<TaskIdentity> = {
	type: 'video',
	toolDescription:
		'Look how a Veo video task stands, by its task ID. Free of charge. Returns JSON with status (processing, succeeded, failed) and, when it is ready, videoUrl.',
	kind: 'video',
	cost: 'none',
	timing,
	fields: [
		...resultFields('get', { callbacks: false }),
		optionsField('get', timing, ['maxFileSize', 'pollInterval', 'timeout']),
	],
	read(item) {
		const taskId = readTaskId(item);
		refuseUpgradeUnderWay(taskId, item);
		return identify(taskId, item);
	},
	sameAs: ({ taskId }) => taskId,
	identify: (request) => request,
	start: async (request, { connection }) => ({
		task: await connection.client.getDetails(request),
		isNew: false,
	}),
	callsBack: false,
	look: async (task, { connection }) => await connection.once.getDetails(task),
};

/** KieAI does not tell what a task was started as; the item may know. */
function identify(taskId: string, { json }: ItemParameters): TaskIdentity {
	const { kind } = json;
	if (json.taskId !== taskId) return { taskId, kind: 'video' };
	if (kind === 'generate' || kind === 'extend') return { taskId, kind };
	const sourceTaskId = asText(json.videoTaskId);
	if (kind === 'upgrade4k' && sourceTaskId !== undefined && sourceTaskId !== taskId) {
		return { taskId, kind, sourceTaskId, index: asNumber(json.index) };
	}
	return { taskId, kind: 'video' };
}

/** An upgrade's `videoTaskId` is its source, which is finished and not in 4K: all there is once the upgrade has failed. */
function refuseUpgradeUnderWay(taskId: string, { json }: ItemParameters): void {
	const { kind, status, videoTaskId } = json;
	const operation = upgradeName(kind);
	if (operation === undefined || videoTaskId !== taskId) return;
	if (status === 'succeeded' || status === 'failed') return;
	throw new InputError(
		`'Task ID' is the source of an upgrade whose status is '${String(status)}'`,
		`Use '${operation}' with this Task ID (and Video Index): asking again is free while it is under way. 'Get' would give the source video.`,
	);
}
