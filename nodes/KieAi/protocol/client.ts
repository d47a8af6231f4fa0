import type { Clock } from './clock';
import { fromTransportError, readEnvelope, refusal, type Envelope } from './envelope';
import { KieAiError } from './errors';
import { TransportError, type HttpRequest, type HttpResponse, type Send } from './http';
import { asNumber, asObject, asText, type JsonObject } from './parse';
import { withRetries, type RateLimit, type RetryContext, type Safety } from './retry';
import {
	failed,
	fromDetails,
	fromUpgrade,
	newTask,
	type TaskIdentity,
	type VideoTask,
} from './video';

const REQUEST_TIMEOUT_MS = 60_000;
const UPLOAD_TIMEOUT_MS = 300_000;

const GENERATION_FAILED = 501;

export interface GenerateRequest {
	prompt: string;
	imageUrls?: string[];
	model?: string;
	generationType?: string;
	aspect_ratio?: string;
	seeds?: number;
	watermark?: string;
	enableTranslation?: boolean;
	callBackUrl?: string;
}

export interface ExtendRequest {
	taskId: string;
	prompt: string;
	model?: string;
	seeds?: number;
	watermark?: string;
	callBackUrl?: string;
}

export interface UpgradeRequest {
	taskId: string;
	index: number;
	callBackUrl?: string;
}

export interface UploadedFile {
	fileUrl: string;
	fileName: string | null;
	mimeType: string | null;
	/** Bytes. */
	fileSize: number | null;
	uploadedAt: string | null;
}

/** A multipart body and its headers, made anew for every try: a stream can be read only once. */
export type OpenUpload = () => Promise<Pick<HttpRequest, 'headers'> & { body: object }>;

export interface ClientOptions {
	send: Send;
	baseUrl: string;
	uploadBaseUrl: string;
	clock: Clock;
	signal?: AbortSignal | undefined;
	/** How often a request is tried at most; as often as makes sense unless told. */
	maxAttempts?: number;
	timeoutMs?: number;
}

export type Client = ReturnType<typeof createClient>;

/** KieAI's API, call by call. Every method throws a `KieAiError` where KieAI did not do what it was asked for. */
export function createClient({
	send,
	baseUrl,
	uploadBaseUrl,
	clock,
	signal,
	maxAttempts,
	timeoutMs = REQUEST_TIMEOUT_MS,
}: ClientOptions) {
	const newTasks: RateLimit = {};

	/** Sends once or, as far as `safety` allows, again; `accepts` lets an operation read a non-200 code as good news. */
	async function call(
		request: HttpRequest | (() => Promise<HttpRequest>),
		safety: Safety,
		accepts: (envelope: Envelope) => boolean = ({ code }) => code === 200,
		more: Pick<RetryContext, 'onRetry' | 'rateLimit'> = {},
	): Promise<Envelope> {
		return await withRetries(
			safety,
			async () => {
				const response = await transmit(typeof request === 'function' ? await request() : request);
				const envelope = readEnvelope(response);
				if (!accepts(envelope)) throw refusal(envelope, response);
				return envelope;
			},
			{ clock, signal, maxAttempts, ...more },
		);
	}

	async function transmit(request: HttpRequest): Promise<HttpResponse> {
		try {
			return await send(request);
		} catch (error) {
			const isStopped = signal?.aborted === true && request.outlivesStop !== true;
			throw error instanceof TransportError && !isStopped ? fromTransportError(error) : error;
		}
	}

	const get = (path: string, query?: Record<string, string | number>): HttpRequest => ({
		method: 'GET',
		url: baseUrl + path,
		...(query && { query }),
		timeoutMs,
	});
	const post = (path: string, body: object, base = baseUrl): HttpRequest => ({
		method: 'POST',
		url: base + path,
		body,
		timeoutMs,
	});

	async function startTask(path: string, body: object): Promise<string> {
		const request = { ...post(path, body), outlivesStop: true };
		const { data } = await call(request, 'charged', undefined, { rateLimit: newTasks });
		const taskId = asText(asObject(data)?.taskId);
		if (taskId === undefined)
			throw malformed('accepted the task but sent no task ID', LOOK_AT_LOGS);
		return taskId;
	}

	/** What `record-info` says of any task but 1080p upgrades, known by its own ID. */
	async function getDetails(known: TaskIdentity): Promise<VideoTask> {
		const { code, msg, data } = await call(
			get('/api/v1/veo/record-info', { taskId: known.taskId }),
			'repeatable',
			({ code }) => code === 200 || code === GENERATION_FAILED,
		);
		if (code === GENERATION_FAILED) return failed(newTask(known), msg, code);
		const details = asObject(data);
		if (details === undefined) throw unknownTask();
		return fromDetails(known, details);
	}

	return {
		/** Starts a video: charged on every accepted call. Source: Generate Veo 3.1 Video. */
		async generate(request: GenerateRequest): Promise<VideoTask> {
			const taskId = await startTask('/api/v1/veo/generate', request);
			return newTask({ kind: 'generate', taskId });
		},

		/** Continues a video as a new task: charged on every accepted call. Source: Extend Veo 3.1 Video. */
		async extend(request: ExtendRequest): Promise<VideoTask> {
			const taskId = await startTask('/api/v1/veo/extend', request);
			return newTask({ kind: 'extend', taskId, sourceTaskId: request.taskId });
		},

		getDetails,

		/** Asks for the 1080p version; asking again is how one waits for it. Source: Get 1080P Video. */
		async get1080p({ taskId, index }: UpgradeRequest): Promise<VideoTask> {
			const known: TaskIdentity = { kind: 'upgrade1080p', taskId, sourceTaskId: taskId, index };
			const { data } = await call(
				get('/api/v1/veo/get-1080p-video', { taskId, ...(index !== 0 && { index }) }),
				'repeatable',
				(envelope) => envelope.code === 200 || isProcessing(envelope),
			);
			return fromUpgrade(known, asObject(data) ?? {});
		},

		/**
		 * Asks for the 4K version; asking again is how one waits for it, and costs nothing while it is under way or
		 * done. KieAI answers 200 to the first request and 422 to the others: with "processing", or, as its
		 * success, with the result. Source: Get 4K Video.
		 * @returns `accepted`: KieAI took this as a new request (200 without a result); `isNamed`: it told the task's ID;
		 * `mayHaveBeen`: it may have taken an earlier attempt, whose answer was lost
		 */
		async get4k({ index, ...request }: UpgradeRequest): Promise<{
			task: VideoTask;
			accepted: boolean;
			isNamed: boolean;
			mayHaveBeen: boolean;
		}> {
			const read = (envelope: Envelope) => {
				const data = asObject(envelope.data) ?? {};
				const { taskId: sourceTaskId } = request;
				const named = asText(data.taskId);
				const taskId = named ?? sourceTaskId;
				const known: TaskIdentity = { kind: 'upgrade4k', taskId, sourceTaskId, index };
				return { task: fromUpgrade(known, data), isNamed: named !== undefined };
			};
			let mayHaveBeen = false;
			const envelope = await call(
				{
					...post('/api/v1/veo/get-4k-video', { ...request, ...(index !== 0 && { index }) }),
					outlivesStop: true,
				},
				'repeatable',
				(answer) =>
					answer.code === 200 ||
					isProcessing(answer) ||
					isReady(answer) ||
					(answer.code === 422 && read(answer).task.videoUrl !== null),
				{
					onRetry: ({ outcome }) => (mayHaveBeen ||= outcome === 'unknown'),
					rateLimit: newTasks,
				},
			).catch((error: unknown) => {
				throw mayHaveBeen ? inDoubt(error) : error;
			});
			const { task, isNamed } = read(envelope);
			if (isReady(envelope) && task.videoUrl === null) throw noLink();
			const accepted = envelope.code === 200 && task.videoUrl === null;
			return { task, accepted, isNamed, mayHaveBeen };
		},

		/** The credits that are left. Source: Get Remaining Credits. */
		async getCreditBalance(): Promise<number> {
			const { data } = await call(get('/api/v1/chat/credit'), 'repeatable');
			const credits = asNumber(data);
			if (credits === undefined) throw malformed('sent no credit balance');
			return credits;
		},

		/** A direct link to a file that KieAI generated, good for 20 minutes. Source: Get Download URL. */
		async getFreshLink(url: string): Promise<string> {
			const { data } = await call(post('/api/v1/common/download-url', { url }), 'repeatable');
			const link = asText(data);
			if (link === undefined) throw malformed('sent no download link');
			return link;
		},

		/** Uploads a file, free of charge; the link lives a day or more. Source: File Stream Upload. */
		async uploadStream(open: OpenUpload): Promise<UploadedFile> {
			const { data } = await call(
				async () => ({
					...post('/api/file-stream-upload', {}, uploadBaseUrl),
					...(await open()),
					timeoutMs: UPLOAD_TIMEOUT_MS,
				}),
				'repeatable',
			);
			return uploadedFile(data);
		},

		/** Has KieAI fetch a file from a URL (30 s and 100 MB at most). Source: URL File Upload. */
		async uploadFromUrl(request: {
			fileUrl: string;
			uploadPath: string;
			fileName?: string;
		}): Promise<UploadedFile> {
			const { data } = await call(
				post('/api/file-url-upload', request, uploadBaseUrl),
				'repeatable',
			);
			return uploadedFile(data);
		},
	};
}

/** "4k is processing…" under code 422, "processing, ready in 1-2 minutes" under 400. */
function isProcessing({ code, msg }: Envelope): boolean {
	return (
		(code === 400 || code === 422) && /\bis processing\b|\bprocessing\b.*\bready in\b/i.test(msg)
	);
}

/** "The video has been generated successfully" under code 422. */
function isReady({ code, msg }: Envelope): boolean {
	return code === 422 && /\bgenerated successfully\b/i.test(msg);
}

function uploadedFile(data: unknown): UploadedFile {
	const file: JsonObject = asObject(data) ?? {};
	const fileUrl = asText(file.downloadUrl) ?? asText(file.fileUrl);
	if (fileUrl === undefined) throw malformed('sent no link to the uploaded file');
	return {
		fileUrl,
		fileName: asText(file.fileName) ?? null,
		mimeType: asText(file.mimeType) ?? null,
		fileSize: asNumber(file.fileSize) ?? null,
		uploadedAt: asText(file.uploadedAt) ?? null,
	};
}

/** What the last attempt met says nothing of an earlier one whose answer was lost, unless it is KieAI's final word. */
function inDoubt(error: unknown): unknown {
	if (!(error instanceof KieAiError) || error.isFinalWord) return error;
	return new KieAiError(error.message, { ...error, outcome: 'unknown' });
}

const LOOK_AT_LOGS = 'Look into the logs on kie.ai before you run the node again.';

function malformed(what: string, advice = 'Run the node again later.'): KieAiError {
	return new KieAiError(`KieAI ${what}`, {
		outcome: 'unknown',
		transient: false,
		advice,
	});
}

function noLink(): KieAiError {
	return new KieAiError('KieAI says that the 4K version is ready, but sent no link to it', {
		outcome: 'unknown',
		transient: true,
		advice: 'Run the node again later.',
	});
}

function unknownTask(): KieAiError {
	return new KieAiError('KieAI does not know this task', {
		outcome: 'refused',
		transient: false,
		code: 404,
		isAnswer: true,
		advice:
			"Check the 'Task ID', and that the credential belongs to the account that made the video.",
	});
}
