/** Veo 3.1: generate, extend, record-info, and the upgrades to 1080p and 4K. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import type { Account, Accounts, ChargedOperation } from './accounts';
import { type Answer, refusal, success, TEXT } from './answers';
import type { Clock } from './clock';
import { isFetchable } from './loopback';
import { serveEndpoint, type Serving } from './serving';
import { PRICE_CREDITS, type Settings } from './settings';
import { recordOf } from './shapes';
import type { NewTask, Task, Tasks } from './tasks';

interface Veo {
	accounts: Accounts;
	clock: Clock;
	settings: Settings;
	tasks: Tasks;
}

const callBackUrl = z.string().url('callBackUrl is not a URL').optional();
const taskId = z.string({ message: 'taskId is required' }).min(1, 'taskId is required');
const prompt = z
	.string({ message: 'Please enter the prompt' })
	.refine((text) => text.trim() !== '', 'Please enter the prompt');
const seeds = z
	.number()
	.int()
	.min(10_000, 'seeds must be between 10000 and 99999')
	.max(99_999, 'seeds must be between 10000 and 99999')
	.optional();
const watermark = z.string().optional();

const generateSchema = z
	.object({
		prompt,
		imageUrls: z.array(z.string().url('imageUrls holds no URL')).optional(),
		model: z.enum(['veo3', 'veo3_fast', 'veo3_lite']).default('veo3_fast'),
		generationType: z
			.enum(['TEXT_2_VIDEO', 'FIRST_AND_LAST_FRAMES_2_VIDEO', 'REFERENCE_2_VIDEO'])
			.optional(),
		aspect_ratio: z.enum(['16:9', '9:16', 'Auto']).default('16:9'),
		seeds,
		watermark,
		enableTranslation: z.boolean().default(true),
		callBackUrl,
	})
	.superRefine(({ generationType, imageUrls, model }, context) => {
		const complain = (message: string): void => context.addIssue({ code: 'custom', message });
		const images = imageUrls?.length ?? 0;
		if (generationType === 'FIRST_AND_LAST_FRAMES_2_VIDEO' && (images < 1 || images > 2)) {
			complain('FIRST_AND_LAST_FRAMES_2_VIDEO takes 1 or 2 images');
		}
		if (generationType === 'REFERENCE_2_VIDEO') {
			if (images < 1 || images > 3) complain('REFERENCE_2_VIDEO takes 1 to 3 images');
			if (model === 'veo3') complain('REFERENCE_2_VIDEO does not work with veo3');
		}
	});

const extendSchema = z.object({
	taskId,
	prompt,
	model: z.enum(['fast', 'quality', 'lite']).default('fast'),
	seeds,
	watermark,
	callBackUrl,
});

const upgrade4kSchema = z.object({
	taskId,
	index: z.number().int('index must be a whole number').default(0),
	callBackUrl,
});

const recordInfoSchema = z.object({ taskId });
const upgrade1080pSchema = z.object({ taskId, index: z.coerce.number().int().default(0) });

const GENERATE_PRICE_CREDITS = {
	veo3: PRICE_CREDITS.quality,
	veo3_fast: PRICE_CREDITS.fast,
	veo3_lite: PRICE_CREDITS.lite,
} as const;

export function serveVeo(app: FastifyInstance, serving: Serving, tasks: Tasks): void {
	const { accounts, clock, settings } = serving;
	const veo: Veo = { accounts, clock, settings, tasks };
	serveEndpoint(app, serving, 'generate', async (account, { body }) =>
		generate(veo, account, body),
	);
	serveEndpoint(app, serving, 'extend', (account, { body }) => extend(veo, account, body));
	serveEndpoint(app, serving, 'recordInfo', (account, { query }) =>
		recordInfo(veo, account, query),
	);
	serveEndpoint(app, serving, 'get1080p', (account, { query }) => get1080p(veo, account, query));
	serveEndpoint(app, serving, 'get4k', (account, { body }) => get4k(veo, account, body));
}

async function generate(veo: Veo, account: Account, body: unknown): Promise<Answer> {
	const input = generateSchema.safeParse(body);
	if (!input.success) return invalid(input.error);
	const { data } = input;
	const refused = refusedPrompt(data.prompt);
	if (refused) return refused;
	for (const url of data.imageUrls ?? []) {
		if (!(await isFetchable(url))) return refusal(451, TEXT.unreachableImage);
	}
	return submit(veo, account, GENERATE_PRICE_CREDITS[data.model], {
		kind: 'generate',
		prompt: data.prompt,
		params: paramsOf(body),
		aspectRatio: data.aspect_ratio === 'Auto' ? '16:9' : data.aspect_ratio,
		videoCount: veo.settings.videosPerTask,
		fallback: false,
		callBackUrl: data.callBackUrl,
		runSeconds: veo.settings.videoSeconds,
	});
}

function extend(veo: Veo, account: Account, body: unknown): Answer {
	const input = extendSchema.safeParse(body);
	if (!input.success) return invalid(input.error);
	const { data } = input;
	const source = findSource(veo, account, data.taskId);
	if ('status' in source) return source;
	if (veo.tasks.has1080p(source.id)) {
		return refusal(422, 'Videos that were upgraded to 1080P cannot be extended');
	}
	return (
		refusedPrompt(data.prompt) ??
		submit(veo, account, PRICE_CREDITS[data.model], {
			kind: 'extend',
			prompt: data.prompt,
			params: paramsOf(body),
			aspectRatio: source.aspectRatio,
			videoCount: 1,
			fallback: false,
			callBackUrl: data.callBackUrl,
			source: { taskId: source.id, index: 0 },
			runSeconds: veo.settings.videoSeconds,
		})
	);
}

function recordInfo(veo: Veo, account: Account, query: unknown): Answer {
	const input = recordInfoSchema.safeParse(query);
	if (!input.success) return invalid(input.error);
	const task = findTask(veo, account, input.data.taskId);
	return 'status' in task ? task : success(recordOf(task, veo.settings));
}

function get1080p(veo: Veo, account: Account, query: unknown): Answer {
	const input = upgrade1080pSchema.safeParse(query);
	if (!input.success) return invalid(input.error);
	const { taskId: sourceId, index } = input.data;
	const source = findUpgradable(veo, account, sourceId, index);
	if ('status' in source) return source;
	if (veo.tasks.upgrade1080pOf(source.id, index) === undefined) {
		veo.tasks.start1080p(source, index);
	}
	const url = veo.tasks.upgrade1080pOf(source.id, index)?.url;
	return url === undefined ? refusal(400, TEXT.processing1080p) : success({ resultUrl: url });
}

function get4k(veo: Veo, account: Account, body: unknown): Answer {
	const input = upgrade4kSchema.safeParse(body);
	if (!input.success) return invalid(input.error);
	const { taskId: sourceId, index, callBackUrl: url } = input.data;
	const source = findUpgradable(veo, account, sourceId, index);
	if ('status' in source) return source;

	const dataOf = (upgrade: Task, done?: Task) =>
		upgradeData(veo.settings.upgrade4kTaskId === 'untold' ? source.id : upgrade.id, done);
	const former = veo.tasks.upgrade4kOf(source.id, index);
	if (former?.state === 'running') {
		return refusal(422, TEXT.processing4k, dataOf(former));
	}
	if (former?.state === 'success') {
		return refusal(422, TEXT.ready4k, dataOf(former, former));
	}
	if (former !== undefined && veo.settings.repeatAfterFailed4k === 'refuse') {
		return refusal(422, TEXT.unavailable4k, dataOf(former));
	}

	const answer = submit(veo, account, PRICE_CREDITS.upgrade4k, {
		...(veo.settings.upgrade4kTaskId === 'source' ? { id: source.id } : {}),
		kind: 'upgrade4k',
		prompt: source.prompt,
		params: paramsOf(body),
		aspectRatio: source.aspectRatio,
		videoCount: 1,
		fallback: false,
		callBackUrl: url,
		source: { taskId: source.id, index },
		runSeconds: veo.settings.upgrade4kSeconds,
	});
	const started = veo.tasks.upgrade4kOf(source.id, index);
	return answer.body.code === 200 && started ? success(dataOf(started)) : answer;
}

/** Takes on a new task: the limit first, then the credits, then the charge. */
function submit(
	{ accounts, clock, tasks }: Veo,
	account: Account,
	credits: number,
	plan: Omit<NewTask, 'account' | 'createdAt' | 'kind'> & { kind: ChargedOperation },
): Answer {
	const admission = accounts.admit(account, credits);
	if (admission === 'tooMany') return refusal(429, TEXT.tooMany);
	if (admission === 'tooPoor') return refusal(402, TEXT.tooPoor);
	const task = tasks.start({ ...plan, account: account.id, createdAt: clock.now() });
	accounts.charge(account, task.id, plan.kind, credits);
	return success({ taskId: task.id });
}

function findTask({ tasks }: Veo, account: Account, id: string): Task | Answer {
	const task = tasks.find(id);
	if (task === undefined || task.account !== account.id) return refusal(422, TEXT.recordIsNull);
	return tasks.isTooOld(task) ? refusal(422, TEXT.recordTooOld) : task;
}

/** A video that something can be made of. */
function findSource(veo: Veo, account: Account, id: string): Task | Answer {
	const task = findTask(veo, account, id);
	if ('status' in task) return task;
	if (task.kind === 'upgrade4k') return refusal(422, TEXT.recordHasNoResult);
	return task.state === 'success' ? task : refusal(422, TEXT.recordNotSuccess);
}

function findUpgradable(veo: Veo, account: Account, id: string, index: number): Task | Answer {
	const source = findSource(veo, account, id);
	if ('status' in source) return source;
	if (source.fallback) {
		return refusal(422, 'Videos of the legacy fallback path cannot be upgraded');
	}
	return source.videos[index] === undefined ? refusal(422, 'index is out of range') : source;
}

function upgradeData(id: string, done?: Task): Record<string, unknown> {
	return {
		taskId: id,
		resultUrls: done?.videos.map((video) => video.url) ?? null,
		imageUrls: done?.videos.map((video) => video.imageUrl) ?? null,
	};
}

function refusedPrompt(text: string): Answer | undefined {
	const reason = /^refuse: *(.*)$/s.exec(text)?.[1];
	return reason === undefined ? undefined : refusal(400, reason);
}

function invalid(error: z.ZodError): Answer {
	const [issue] = error.issues;
	const field = issue?.path.join('.') ?? '';
	const message = issue?.message ?? 'The request is not valid';
	return refusal(422, message === 'Required' ? `${field} is required` : message);
}

function paramsOf(body: unknown): Record<string, unknown> {
	return z.record(z.unknown()).parse(body);
}
