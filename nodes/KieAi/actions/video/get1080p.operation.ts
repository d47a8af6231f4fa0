import type { UpgradeRequest } from '../../protocol/client';
import type { Timing, VideoOperation } from '../operation';
import { optionsField, resultFields } from './fields';
import { readIndex, readSourceTaskId, upgradeRequest } from './source';

const timing: Timing = {
	firstCheckAfterSeconds: 60,
	pollIntervalSeconds: 20,
	timeoutMinutes: 10,
};

export const get1080p: VideoOperation<UpgradeRequest> = {
	type: 'video',
	toolDescription:
		'Get the 1080p version of a finished Veo video by its task ID. Takes 1 to 3 minutes; returns JSON with status and, when it is ready, videoUrl. Call it again later while status is processing.',
	kind: 'upgrade1080p',
	cost: 'once',
	timing,
	fields: [
		...resultFields('get1080p', { callbacks: false }),
		optionsField('get1080p', timing, [
			'firstCheckAfter',
			'maxFileSize',
			'maxNewTasks',
			'minimumCreditBalance',
			'pollInterval',
			'timeout',
		]),
	],
	read(item) {
		const taskId = readSourceTaskId(item, 'upgrade1080p');
		return { taskId, index: readIndex(item, 'upgrade1080p', taskId) };
	},
	sameAs: ({ taskId, index }) => `${taskId} ${index}`,
	identify: ({ taskId, index }) => ({ kind: 'upgrade1080p', taskId, sourceTaskId: taskId, index }),
	start: async (request, { connection }) => ({
		task: await connection.client.get1080p(request),
		isNew: true,
	}),
	callsBack: false,
	// No record knows a 1080p version: asking for it is asking how it stands.
	look: async (task, { connection }) => await connection.once.get1080p(upgradeRequest(task)),
};
