/** The output contract of both nodes, as n8n's output schemas tell it; `npm run schemas` writes the files. */

type JsonType = 'string' | 'number' | 'boolean' | 'object' | 'null';

/** As much of JSON Schema as n8n's editor reads. */
interface Field {
	type: JsonType | JsonType[] | 'array';
	items?: Field;
	description: string;
}

/** A schema file's content. */
export interface OutputSchema {
	type: 'object';
	properties: Record<string, Field>;
	version: 1;
}

const text = (description: string): Field => ({ type: 'string', description });
const number = (description: string): Field => ({ type: 'number', description });
// The editor takes the first type, and shows it.
const textOrNull = (description: string): Field => ({ type: ['string', 'null'], description });
const numberOrNull = (description: string): Field => ({ type: ['number', 'null'], description });
const texts = (description: string): Field => ({
	type: 'array',
	items: { type: 'string', description: 'URL or ID' },
	description,
});

const simplifiedVideo: Record<string, Field> = {
	videoUrl: textOrNull('The film to use; null until it is ready'),
	status: text('processing, succeeded, failed or timedOut'),
	taskId: text('What KieAI knows the task by'),
	videoTaskId: text('What to extend or upgrade next'),
	kind: text('generate, extend, upgrade1080p, upgrade4k, or video where that is not known'),
	resolution: textOrNull('Such as 720p, 1080p or 4K'),
	resultUrls: texts('All films of the task'),
	imageUrls: texts('Preview images'),
	errorMessage: textOrNull("KieAI's words where the task failed"),
	completedAt: textOrNull('ISO 8601'),
};

const wholeVideo: Record<string, Field> = {
	...simplifiedVideo,
	sourceTaskId: textOrNull('The task that an upgrade or extension is of'),
	index: numberOrNull('Which video of the source task an upgrade is of'),
	originUrls: texts('The films before they were turned to the aspect ratio'),
	fullResultUrls: texts('The full films after an extension'),
	mediaIds: texts("KieAI's IDs of the films"),
	creditsConsumed: numberOrNull('Where KieAI tells it'),
	errorCode: textOrNull("KieAI's code where the task failed"),
	createdAt: textOrNull('ISO 8601'),
	metadata: { type: ['object', 'null'], description: 'What was sent along with the task' },
	confirmed: { type: 'boolean', description: 'Whether KieAI was asked about the callback' },
};

/** By path below `__schema__`, without `.json`: version of the node first; with Simplify on, where there is one. */
const outputs: Record<string, Record<string, Field>> = {
	'v1.1.0/output': wholeVideo,
	'v1.0.0/account/getCreditBalance': { creditBalance: number('Credits that are left') },
	'v1.0.0/file/download': {
		fileUrl: text('The link that was downloaded'),
		fileName: textOrNull('Of the binary field'),
		mimeType: text('Of the binary field'),
		fileSize: numberOrNull('Bytes'),
	},
	'v1.0.0/file/upload': {
		fileUrl: text('Link that KieAI can read; lives a day or more'),
		fileName: textOrNull('At KieAI'),
		mimeType: textOrNull('As KieAI sees it'),
		fileSize: numberOrNull('Bytes'),
		uploadedAt: textOrNull("KieAI's time"),
	},
	'v1.0.0/veoVideo/extend': simplifiedVideo,
	'v1.0.0/veoVideo/generate': simplifiedVideo,
	'v1.0.0/veoVideo/get': simplifiedVideo,
	'v1.0.0/veoVideo/get1080p': simplifiedVideo,
	'v1.0.0/veoVideo/get4k': simplifiedVideo,
};

/** Every schema file's content, by its path below the schema folder. */
export function outputSchemas(): Record<string, OutputSchema> {
	return Object.fromEntries(
		Object.entries(outputs).map(([path, properties]) => [
			`${path}.json`,
			{ type: 'object', properties, version: 1 } satisfies OutputSchema,
		]),
	);
}
