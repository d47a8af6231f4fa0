import type { VideoTask } from '../protocol/video';

/**
 * A long-running operation of one video, as every way of waiting takes it.
 * Both throw a `KieAiError` where KieAI cannot be asked or refuses.
 */
export interface LongOperation {
	/** Sends the request; may cost credits. The task may be there, finished, at once. */
	start(): Promise<VideoTask>;
	/** Asks how the task stands, without side effects where KieAI allows. */
	check(task: VideoTask): Promise<VideoTask>;
}
