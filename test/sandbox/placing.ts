/** Putting a task there without submitting or charging it. */
import { z } from 'zod';

import type { Task } from './tasks';
import type { World } from './world';

export const placedTaskSchema = z
	.object({
		id: z.string().optional(),
		/** ID of the account; the default account unless told. */
		account: z.string().optional(),
		kind: z.enum(['generate', 'extend']).optional(),
		/** Decides how the task ends, as the prompt of a request would, if `state` does not. */
		prompt: z.string().optional(),
		/** A running task ends `videoSeconds` after its creation, or at once if that is past. */
		state: z.enum(['running', 'success', 'failed', 'failedUpstream']).optional(),
		/** How long ago it was created, in sandbox seconds. */
		ageSeconds: z.number().nonnegative().optional(),
		aspectRatio: z.enum(['16:9', '9:16']).optional(),
		/** Made on the deprecated fallback path. */
		fallback: z.boolean().optional(),
		/** How many videos it yields. */
		videos: z.number().int().positive().optional(),
		/** Called back when a running task ends; a task that is placed as ended calls nobody. */
		callBackUrl: z.string().optional(),
	})
	.strict();

export type PlacedTask = z.output<typeof placedTaskSchema>;

export function placeTask(
	{ clock, settings, tasks, defaultAccount }: World,
	wanted: PlacedTask,
): Task {
	const { state, ageSeconds = 0, prompt = 'A placed video' } = wanted;
	const isRunning = state === 'running';
	return tasks.start({
		...(wanted.id === undefined ? {} : { id: wanted.id }),
		kind: wanted.kind ?? 'generate',
		account: wanted.account ?? defaultAccount.id,
		prompt,
		params: { prompt },
		aspectRatio: wanted.aspectRatio ?? '16:9',
		videoCount: wanted.videos ?? 1,
		fallback: wanted.fallback ?? false,
		callBackUrl: isRunning ? wanted.callBackUrl : undefined,
		createdAt: clock.now() - ageSeconds * 1000,
		runSeconds: isRunning ? settings.videoSeconds : Math.min(settings.videoSeconds, ageSeconds),
		...(state === undefined || isRunning ? {} : { endsAs: state }),
	});
}
