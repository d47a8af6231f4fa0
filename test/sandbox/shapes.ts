/** How the service writes what a task is: its record, and the bodies of its callbacks. */
import type { Envelope } from './answers';
import type { Settings } from './settings';
import type { Task, TaskState, Video } from './tasks';

export const SUCCESS_FLAG: Record<TaskState, number> = {
	running: 0,
	success: 1,
	failed: 2,
	failedUpstream: 3,
};

const CALLBACK_MESSAGE = {
	generate: 'Veo3.1 video generated successfully.',
	extend: 'Veo3.1 video extension successful.',
	upgrade4k: '4K Video generated successfully.',
} as const;

/** `data` of record-info. */
export function recordOf(task: Task, settings: Settings): Record<string, unknown> {
	return {
		taskId: task.id,
		paramJson: JSON.stringify(task.params),
		successFlag: SUCCESS_FLAG[task.state],
		response: task.state === 'success' ? recordResponse(task, settings) : null,
		errorCode: task.error?.code ?? null,
		errorMessage: task.error?.message ?? '',
		createTime: timeOf(task.createdAt, settings),
		completeTime: task.completedAt === undefined ? null : timeOf(task.completedAt, settings),
		fallbackFlag: task.fallback,
	};
}

/** The body of a task's callback. */
export function callbackOf(task: Task, settings: Settings): Envelope {
	if (task.error !== undefined) {
		const data =
			task.kind === 'upgrade4k'
				? { taskId: task.id }
				: { taskId: task.id, fallbackFlag: task.fallback };
		return { code: task.error.code, msg: task.error.message, data };
	}
	const data =
		task.kind === 'upgrade4k' ? upgrade4kData(task, settings) : videoData(task, settings);
	return { code: 200, msg: CALLBACK_MESSAGE[task.kind], data };
}

function recordResponse(task: Task, settings: Settings): Record<string, unknown> {
	return {
		taskId: task.id,
		...urlsOf(task, settings),
		...listed('fullResultUrls', task.videos, (video) => video.fullUrl, settings),
		resolution: resolutionOf(task),
		mediaIds: task.videos.map((video) => video.mediaId),
	};
}

function videoData(task: Task, settings: Settings): Record<string, unknown> {
	return {
		taskId: task.id,
		info: { ...urlsOf(task, settings), resolution: resolutionOf(task) },
		promptJson: JSON.stringify(task.params),
		fallbackFlag: task.fallback,
	};
}

function upgrade4kData(task: Task, settings: Settings): Record<string, unknown> {
	const urls = task.videos.map((video) => video.url);
	const imageUrls = task.videos.map((video) => video.imageUrl);
	return settings.callback4kShape === 'snake'
		? {
				task_id: task.id,
				result_urls: urls,
				media_ids: task.videos.map((video) => video.mediaId),
				image_urls: imageUrls,
			}
		: { taskId: task.id, info: { resultUrls: urls, imageUrls } };
}

function urlsOf(task: Task, settings: Settings): Record<string, unknown> {
	return {
		...listed('resultUrls', task.videos, (video) => video.url, settings),
		...listed('originUrls', task.videos, (video) => video.originUrl, settings),
	};
}

/** One field holding a list of URLs, or none if there are no such URLs. */
function listed(
	field: string,
	videos: Video[],
	pick: (video: Video) => string | undefined,
	{ arrayShape }: Settings,
): Record<string, unknown> {
	const urls = videos.map(pick).filter((url) => url !== undefined);
	if (urls.length === 0) return {};
	const shapes = {
		array: () => urls,
		json: () => JSON.stringify(urls),
		text: () => `[${urls.join(', ')}]`,
	};
	return { [field]: shapes[arrayShape]() };
}

function resolutionOf(task: Task): string {
	return task.kind === 'upgrade4k' ? '4k' : '720p';
}

function timeOf(sandboxMs: number, { timeShape }: Settings): number | string {
	if (timeShape === 'number') return sandboxMs;
	return new Date(sandboxMs).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length).replace('T', ' ');
}
