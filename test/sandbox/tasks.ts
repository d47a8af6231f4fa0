/** Tasks: what was submitted, how far it is, and what came of it. */
import { randomBytes } from 'node:crypto';

import type { Clock } from './clock';
import type { AspectRatio, FileStore, Resolution } from './files';
import type { Settings } from './settings';

export type TaskKind = 'generate' | 'extend' | 'upgrade4k';
export type TaskState = 'running' | 'success' | 'failed' | 'failedUpstream';

export interface Task {
	id: string;
	kind: TaskKind;
	/** ID of the account. */
	account: string;
	prompt: string;
	/** The request's body, which `paramJson` repeats. */
	params: Record<string, unknown>;
	aspectRatio: AspectRatio;
	/** How many videos it yields. */
	videoCount: number;
	/** Made on the deprecated fallback path; cannot be upgraded. */
	fallback: boolean;
	callBackUrl?: string;
	/** What an extension or a 4K upgrade works on. */
	source?: { taskId: string; index: number };

	state: TaskState;
	/** Sandbox times in ms. */
	createdAt: number;
	dueAt: number;
	completedAt?: number;
	error?: TaskError;
	/** Filled on success. */
	videos: Video[];
}

export interface TaskError {
	code: number;
	message: string;
}

type PlannedError = TaskError & { state: TaskState };

export interface Video {
	url: string;
	imageUrl: string;
	mediaId: string;
	/** The film before it was turned; only where it is not 16:9. */
	originUrl?: string;
	/** The whole film; only after an extension. */
	fullUrl?: string;
}

/** A 1080p upgrade is no task of its own: it has no ID and calls nobody back. */
export interface Upgrade1080p {
	dueAt: number;
	url?: string;
}

/** What decides how a task will run; the rest follows. */
export interface NewTask {
	id?: string;
	kind: TaskKind;
	account: string;
	prompt: string;
	params: Record<string, unknown>;
	aspectRatio: AspectRatio;
	videoCount: number;
	fallback: boolean;
	callBackUrl?: string | undefined;
	source?: { taskId: string; index: number };
	createdAt: number;
	runSeconds: number;
	/** How it ends, whatever its prompt asks for. */
	endsAs?: TaskState;
}

export interface Tasks {
	/** Starts a task, which ends by itself after its time. */
	start(task: NewTask): Task;
	/** Tasks that are known by an ID of their own. */
	find(id: string): Task | undefined;
	all(): Task[];
	/** The latest 4K upgrade of one video. */
	upgrade4kOf(sourceId: string, index: number): Task | undefined;
	upgrade1080pOf(sourceId: string, index: number): Upgrade1080p | undefined;
	start1080p(source: Task, index: number): void;
	has1080p(sourceId: string): boolean;
	isTooOld(task: Task): boolean;
	clear(): void;
}

/** @param onChange hears of every task that starts or ends */
export function openTasks(
	clock: Clock,
	settings: Settings,
	files: FileStore,
	onChange: (task: Task) => void,
): Tasks {
	const byId = new Map<string, Task>();
	const upgrades4k = new Map<string, Task[]>();
	const upgrades1080p = new Map<string, Upgrade1080p>();

	const publish = (task: Task, name: string, resolution: Resolution) =>
		files.publishFilm(
			name,
			{ resolution, aspectRatio: task.aspectRatio },
			task.createdAt + settings.resultLifeSeconds * 1000,
		);

	const makeVideo = (task: Task, index: number): Video => {
		const owner = task.kind === 'upgrade4k' ? task.source?.taskId : task.id;
		const name = `${owner}_${index}_${task.dueAt}`;
		const mediaId = Buffer.from(name).toString('base64url');
		if (task.kind === 'upgrade4k') return { ...publish(task, `${name}_4k`, '4k'), mediaId };
		const video: Video = { ...publish(task, name, '720p'), mediaId };
		if (task.aspectRatio !== '16:9') {
			video.originUrl = files.publishFilm(
				`${name}_origin`,
				{ resolution: '720p', aspectRatio: '16:9' },
				task.createdAt + settings.resultLifeSeconds * 1000,
			).url;
		}
		if (task.kind === 'extend') video.fullUrl = publish(task, `${name}_full`, '720p').url;
		return video;
	};

	const finish = (task: Task, endsAs: TaskState | undefined): void => {
		const error = endsAs === undefined ? plannedError(task) : placedError(endsAs);
		if (error === undefined) {
			const first = task.kind === 'upgrade4k' ? (task.source?.index ?? 0) : 0;
			task.videos = Array.from({ length: task.videoCount }, (_, i) => makeVideo(task, first + i));
			task.state = 'success';
		} else {
			task.error = { code: error.code, message: error.message };
			task.state = error.state;
		}
		task.completedAt = task.dueAt;
		onChange(task);
	};

	return {
		start({ id, callBackUrl, source, runSeconds, endsAs, ...rest }) {
			const task: Task = {
				...rest,
				id: id ?? `veo_task_${randomBytes(10).toString('hex')}`,
				state: 'running',
				dueAt: rest.createdAt + (plannedSeconds(rest) ?? runSeconds) * 1000,
				videos: [],
			};
			if (callBackUrl !== undefined) task.callBackUrl = callBackUrl;
			if (source !== undefined) task.source = source;

			const sharesSourceId = source !== undefined && task.id === source.taskId;
			if (!sharesSourceId) byId.set(task.id, task);
			if (task.kind === 'upgrade4k' && source !== undefined) {
				const key = videoKey(source.taskId, source.index);
				upgrades4k.set(key, [...(upgrades4k.get(key) ?? []), task]);
			}
			onChange(task);
			if (task.dueAt <= clock.now()) finish(task, endsAs);
			else clock.at(task.dueAt, () => finish(task, endsAs));
			return task;
		},

		find: (id) => byId.get(id),
		all: () => [...new Set([...byId.values(), ...[...upgrades4k.values()].flat()])],
		upgrade4kOf: (sourceId, index) => upgrades4k.get(videoKey(sourceId, index))?.at(-1),
		upgrade1080pOf: (sourceId, index) => upgrades1080p.get(videoKey(sourceId, index)),

		start1080p(source, index) {
			const upgrade: Upgrade1080p = {
				dueAt: clock.now() + settings.upgrade1080pSeconds * 1000,
			};
			upgrades1080p.set(videoKey(source.id, index), upgrade);
			clock.at(upgrade.dueAt, () => {
				upgrade.url = publish(source, `${source.id}_${index}_1080p`, '1080p').url;
			});
		},

		has1080p: (sourceId) =>
			[...upgrades1080p.keys()].some((key) => key.startsWith(videoKey(sourceId, ''))),

		isTooOld: (task) => task.createdAt + settings.resultLifeSeconds * 1000 <= clock.now(),

		clear() {
			byId.clear();
			upgrades4k.clear();
			upgrades1080p.clear();
		},
	};
}

function videoKey(sourceId: string, index: number | ''): string {
	return `${sourceId}#${index}`;
}

function placedError(state: TaskState): PlannedError | undefined {
	if (state === 'failed') return { code: 400, message: 'Placed as failed', state };
	if (state === 'failedUpstream') return { code: 501, message: 'Placed as failed', state };
	return undefined;
}

/** How long a prompt asks to take, as in "takes 5 s" and "4k takes 60 s". */
function plannedSeconds({ kind, prompt }: Pick<Task, 'kind' | 'prompt'>): number | undefined {
	const pattern = kind === 'upgrade4k' ? /\b4k takes ([\d.]+) s\b/ : /(?<!4k )takes ([\d.]+) s\b/;
	const [, seconds] = pattern.exec(prompt) ?? [];
	return seconds === undefined ? undefined : Number(seconds);
}

/** The reason a prompt gives for its own failure, if it asks to fail. */
function plannedError(task: Task): PlannedError | undefined {
	if (task.kind === 'upgrade4k') {
		return task.prompt.includes('fail 4k')
			? {
					code: 400,
					message: 'The 4K version of this video is unavailable. Please try a different video.',
					state: 'failed',
				}
			: undefined;
	}
	const [, upstream, reason] = /^fail( upstream)?: *(.*)$/s.exec(task.prompt) ?? [];
	if (reason === undefined) return undefined;
	return upstream === undefined
		? { code: 400, message: reason, state: 'failed' }
		: { code: 501, message: reason, state: 'failedUpstream' };
}
