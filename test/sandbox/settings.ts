/** What can be set on a sandbox, at its start and while it runs. */
import { z } from 'zod';

/** Everything here may be changed at runtime, by `configure()` or over the control route. */
export const settingsSchema = z
	.object({
		/** Sandbox seconds per real second. */
		clockScale: z.number().positive().default(1),
		/** Real milliseconds added to every answer. */
		latencyMs: z.number().nonnegative().default(0),
		/** HTTP status that goes with code 401; the service is seen with both. */
		authHttpStatus: z.union([z.literal(200), z.literal(401)]).default(200),

		/** How long a generation or extension runs, in sandbox seconds. */
		videoSeconds: z.number().nonnegative().default(75),
		/** How long a 1080p upgrade runs, in sandbox seconds. */
		upgrade1080pSeconds: z.number().nonnegative().default(90),
		/** How long a 4K upgrade runs, in sandbox seconds. */
		upgrade4kSeconds: z.number().nonnegative().default(450),
		/** Videos that one generation yields; `index` of an upgrade chooses among them. */
		videosPerTask: z.number().int().positive().default(1),

		/**
		 * Whether a 4K upgrade goes by the source video's task ID or by one of its own, which answers tell too, or, where
		 * it is `untold`, only the callback does.
		 */
		upgrade4kTaskId: z.enum(['source', 'own', 'untold']).default('source'),
		/** What a repeated 4K request does once the upgrade has failed: charge a new one, or refuse. */
		repeatAfterFailed4k: z.enum(['restart', 'refuse']).default('restart'),
		/** Field names of a 4K callback: `task_id`, `result_urls` or `taskId`, `info.resultUrls`. */
		callback4kShape: z.enum(['snake', 'camel']).default('snake'),
		/** How lists of URLs are written: a JSON array, JSON text, or unquoted text `[http://…]`. */
		arrayShape: z.enum(['array', 'json', 'text']).default('array'),
		/** How times are written: milliseconds, or `YYYY-MM-DD hh:mm:ss` (UTC). */
		timeShape: z.enum(['number', 'text']).default('number'),

		/** New tasks that an account may submit in any 10 sandbox seconds. */
		submissionsPer10Seconds: z.number().int().nonnegative().default(20),
		/** How long results stay, in sandbox seconds. */
		resultLifeSeconds: z
			.number()
			.positive()
			.default(14 * 24 * 3600),
		/** How long uploads stay, in sandbox seconds. */
		uploadLifeSeconds: z
			.number()
			.positive()
			.default(24 * 3600),
		/** How long a fresh link works, in sandbox seconds. */
		freshLinkLifeSeconds: z
			.number()
			.positive()
			.default(20 * 60),
		/** Pads every film to this size in bytes; 0 serves the films as they are. */
		filmBytes: z.number().int().nonnegative().default(0),

		/** How long a receiver may take to answer a callback, in real milliseconds. */
		callbackTimeoutMs: z.number().positive().default(15_000),
		/** Pause before a failed callback is sent again, in sandbox seconds. */
		callbackRetrySeconds: z.number().nonnegative().default(30),
		/** Identical deliveries beyond the first successful one. */
		callbackRepeats: z.number().int().nonnegative().default(0),
		/** Sends the repeats together with the first delivery instead of after it. */
		callbackConcurrent: z.boolean().default(false),
		/** Added to the real time that `X-Webhook-Timestamp` carries, in seconds. */
		webhookTimestampOffsetSeconds: z.number().int().default(0),
	})
	.strict();

export type Settings = z.output<typeof settingsSchema>;

/** A change of settings as it arrives from a test or over HTTP. */
export const settingsChangeSchema = settingsSchema.partial().strict();

export type SettingsChange = z.output<typeof settingsChangeSchema>;

/** Prices in credits. 4K costs two Fast generations, as the service's 4K page says. */
export const PRICE_CREDITS = {
	fast: 60,
	quality: 250,
	lite: 30,
	upgrade4k: 120,
} as const;

export const SUBMISSION_WINDOW_MS = 10_000;
