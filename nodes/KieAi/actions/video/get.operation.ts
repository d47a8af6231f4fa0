import { asNumber, asText } from '../../protocol/parse';
import type { TaskIdentity } from '../../protocol/video';
import type { VideoOperation } from '../operation';
import { InputError, type ItemParameters } from '../parameters';
import { readTaskId, upgradeName } from './source';
import { TIMINGS } from './timing';

export const get: VideoOperation<TaskIdentity> = {
	type: 'video',
	kind: 'video',
	cost: 'none',
	timing: TIMINGS.get,
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
