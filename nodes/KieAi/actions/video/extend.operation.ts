import type { ExtendRequest } from '../../protocol/client';
import type { VideoOperation } from '../operation';
import { readMaking } from './making';
import { readSourceTaskId } from './source';
import { TIMINGS } from './timing';

const MODELS = { fast: 'fast', lite: 'lite', quality: 'quality' };

export const extend: VideoOperation<ExtendRequest> = {
	type: 'video',
	kind: 'extend',
	cost: 'everyCall',
	timing: TIMINGS.extend,
	read(item) {
		const taskId = readSourceTaskId(item, 'extend');
		const prompt = item.text('prompt', 'Prompt', 'Describe what happens next in the video.');
		return { taskId, prompt, ...readMaking(item, MODELS) };
	},
	identify: ({ taskId }) => ({ kind: 'extend', taskId: '', sourceTaskId: taskId }),
	start: async (request, { connection }, callBackUrl) => ({
		task: await connection.client.extend({
			...request,
			...(callBackUrl !== undefined && { callBackUrl }),
		}),
		isNew: true,
	}),
	callsBack: true,
	look: async (task, { connection }) => await connection.once.getDetails(task),
};
