import type { ExtendRequest } from '../../protocol/client';
import type { Timing, VideoOperation } from '../operation';
import { optionsField, resultFields } from './fields';
import { readMaking } from './making';
import { readSourceTaskId } from './source';

const MODELS = { fast: 'fast', lite: 'lite', quality: 'quality' };

const timing: Timing = {
	firstCheckAfterSeconds: 30,
	pollIntervalSeconds: 15,
	timeoutMinutes: 15,
};

export const extend: VideoOperation<ExtendRequest> = {
	type: 'video',
	toolDescription:
		'Continue a finished Veo video by its task ID with a prompt for what happens next. Costs credits on every call. Takes 1 to 3 minutes; returns JSON with the new taskId, status and, when it is ready, videoUrl of the full film.',
	kind: 'extend',
	cost: 'everyCall',
	timing,
	fields: [
		...resultFields('extend', { callbacks: true }),
		optionsField('extend', timing, [
			'firstCheckAfter',
			'maxFileSize',
			'maxNewTasks',
			'minimumCreditBalance',
			'pollInterval',
			'seed',
			'timeout',
			'watermark',
		]),
	],
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
