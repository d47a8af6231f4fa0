import type { UpgradeRequest } from '../../protocol/client';
import type { VideoOperation } from '../operation';
import { readIndex, readSourceTaskId, upgradeRequest } from './source';
import { TIMINGS } from './timing';

export const get1080p: VideoOperation<UpgradeRequest> = {
	type: 'video',
	kind: 'upgrade1080p',
	cost: 'once',
	timing: TIMINGS.get1080p,
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
