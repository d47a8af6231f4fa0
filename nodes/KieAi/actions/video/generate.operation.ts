import type { INodeProperties } from 'n8n-workflow';

import { folderOfItsOwn, openBinaryUpload } from '../../delivery/upload';
import type { GenerateRequest } from '../../protocol/client';
import { asText } from '../../protocol/parse';
import type { Timing, VideoOperation } from '../operation';
import { checkedUrl, InputError, type BinaryField, type ItemParameters } from '../parameters';
import { show } from '../show';
import { optionsField, resultFields } from './fields';
import { readMaking, readModel } from './making';

/** How many images each way of generating takes. */
const GENERATION_TYPES = {
	TEXT_2_VIDEO: { name: 'Text', images: [0, 0] },
	FIRST_AND_LAST_FRAMES_2_VIDEO: { name: 'First and Last Frame', images: [1, 2] },
	REFERENCE_2_VIDEO: { name: 'Reference Images', images: [1, 3] },
} as const;

type GenerationType = keyof typeof GENERATION_TYPES;

const MODELS = { fast: 'veo3_fast', lite: 'veo3_lite', quality: 'veo3' };

interface Request {
	body: GenerateRequest;
	/** Uploaded before the video is started. */
	images: BinaryField[];
}

const timing: Timing = {
	firstCheckAfterSeconds: 30,
	pollIntervalSeconds: 15,
	timeoutMinutes: 15,
};

const withImages = { generationType: ['FIRST_AND_LAST_FRAMES_2_VIDEO', 'REFERENCE_2_VIDEO'] };

/** Besides the prompt, what the video is made from. */
export const imageFields: INodeProperties[] = [
	{
		displayName: 'Make Video From',
		name: 'generationType',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'First and Last Frame',
				value: 'FIRST_AND_LAST_FRAMES_2_VIDEO',
				description:
					'The video begins with the first image and, where there is a second, ends with it',
			},
			{
				name: 'Reference Images',
				value: 'REFERENCE_2_VIDEO',
				description: 'Up to three images of what appears in the video; not for the Quality model',
			},
			{ name: 'Text', value: 'TEXT_2_VIDEO', description: 'The prompt alone' },
		],
		default: 'TEXT_2_VIDEO',
		description: 'What the video is made from, besides the prompt',
		...show({ resource: 'veoVideo', operations: ['generate'], notInTools: true }),
	},
	{
		displayName: 'Image Source',
		name: 'imageSource',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Binary Fields',
				value: 'binary',
				description: 'Images of the input item, uploaded to KieAI',
			},
			{ name: 'URLs', value: 'url', description: 'Links that open without a login' },
		],
		default: 'url',
		description: 'Where the images come from',
		...show({ resource: 'veoVideo', operations: ['generate'], when: withImages, notInTools: true }),
	},
	{
		displayName: 'Image URLs',
		name: 'imageUrls',
		type: 'string',
		typeOptions: { multipleValues: true, multipleValueButtonText: 'Add image' },
		required: true,
		default: [],
		placeholder: 'e.g. https://example.com/first-frame.jpg',
		description: 'One link for each image, in order',
		...show({
			resource: 'veoVideo',
			operations: ['generate'],
			when: { ...withImages, imageSource: ['url'] },
			notInTools: true,
		}),
	},
	{
		displayName: 'Input Data Field Names',
		name: 'imageFields',
		type: 'string',
		required: true,
		default: 'data',
		placeholder: 'e.g. first,last',
		hint: 'The names of the input fields with the images, with commas between them',
		...show({
			resource: 'veoVideo',
			operations: ['generate'],
			when: { ...withImages, imageSource: ['binary'] },
			notInTools: true,
		}),
	},
];

const fields: INodeProperties[] = [
	{
		displayName: 'Aspect Ratio',
		name: 'aspectRatio',
		type: 'options',
		options: [
			{ name: '16:9 (Landscape)', value: '16:9' },
			{ name: '9:16 (Portrait)', value: '9:16' },
			{ name: 'Auto', value: 'Auto', description: 'Same as the images' },
		],
		default: '16:9',
		description: 'Shape of the video. Both 16:9 and 9:16 can be upgraded to 4K.',
		...show({ resource: 'veoVideo', operations: ['generate'] }),
	},
	...resultFields('generate', { callbacks: true }),
	optionsField('generate', timing, [
		'firstCheckAfter',
		'maxFileSize',
		'maxNewTasks',
		'minimumCreditBalance',
		'pollInterval',
		'seed',
		'timeout',
		'translatePrompt',
		'watermark',
	]),
];

function read(item: ItemParameters): Request {
	const prompt = item.text('prompt', 'Prompt', 'Describe what the video shows.');
	const generationType = item.choice<GenerationType>(
		'generationType',
		['TEXT_2_VIDEO', 'FIRST_AND_LAST_FRAMES_2_VIDEO', 'REFERENCE_2_VIDEO'],
		'Make Video From',
	);
	const aspectRatio = item.choice('aspectRatio', ['16:9', '9:16', 'Auto'], 'Aspect Ratio');
	const { imageUrls, images } = readImages(item, generationType);
	return {
		body: {
			prompt,
			...(imageUrls.length > 0 && { imageUrls }),
			...(generationType !== 'TEXT_2_VIDEO' && { generationType }),
			...(aspectRatio !== '16:9' && { aspect_ratio: aspectRatio }),
			...readMaking(item, MODELS),
			...(!item.option.flag('translatePrompt', 'Translate Prompt', true) && {
				enableTranslation: false,
			}),
		},
		images,
	};
}

function readImages(
	item: ItemParameters,
	type: GenerationType,
): { imageUrls: string[]; images: BinaryField[] } {
	const { name, images: limits } = GENERATION_TYPES[type];
	if (type === 'TEXT_2_VIDEO') return { imageUrls: [], images: [] };
	if (type === 'REFERENCE_2_VIDEO' && readModel(item) === 'quality') {
		throw new InputError(
			"'Make Video From' is 'Reference Images', which the Quality model does not take",
			"Set 'Model' to 'Fast', or choose 'First and Last Frame'.",
		);
	}
	const isBinary = item.choice('imageSource', ['url', 'binary'], 'Image Source') === 'binary';
	const label = isBinary ? 'Input Data Field Names' : 'Image URLs';
	const images = isBinary ? item.binaries('imageFields', label) : [];
	const imageUrls = isBinary
		? []
		: item.texts('imageUrls').map((url) => checkedUrl(url, 'Image URLs'));
	const count = images.length + imageUrls.length;
	const [min, max] = limits;
	if (count < min || count > max) {
		throw new InputError(
			`'${label}' has ${count} images, and '${name}' takes ${min} to ${max}`,
			count < min ? 'Add an image, or make the video from text.' : 'Remove some of the images.',
		);
	}
	images.forEach((image) => checkImage(image, label));
	return { imageUrls, images };
}

/** n8n says that every binary field has a type; nodes that write one by hand may not. */
function checkImage({ name, binary }: BinaryField, label: string): void {
	const mimeType = asText(binary.mimeType);
	if (mimeType?.startsWith('image/')) return;
	throw new InputError(
		`'${label}': the binary field '${name}' ${mimeType === undefined ? 'has no MIME type' : `is '${mimeType}', not an image`}`,
		'Choose a field that holds a JPEG or PNG image.',
	);
}

export const generate: VideoOperation<Request> = {
	type: 'video',
	toolDescription:
		'Start generating a video of about 8 seconds from a text prompt with Veo 3.1. Costs credits on every call. Takes 1 to 3 minutes; returns JSON with taskId, status and, when it is ready, videoUrl.',
	fields,
	kind: 'generate',
	cost: 'everyCall',
	timing,
	read,
	identify: () => ({ kind: 'generate', taskId: '' }),
	async prepare(request, itemIndex, { context, connection }) {
		const imageUrls: string[] = [];
		for (const { name, binary } of request.images) {
			const upload = openBinaryUpload(context, {
				itemIndex,
				binary,
				fieldName: name,
				uploadPath: folderOfItsOwn(),
				fileName: binary.fileName ?? `${name}.${binary.fileExtension ?? 'jpg'}`,
			});
			imageUrls.push((await connection.client.uploadStream(upload)).fileUrl);
		}
		return imageUrls.length === 0 ? request : { ...request, body: { ...request.body, imageUrls } };
	},
	start: async ({ body }, { connection }, callBackUrl) => ({
		task: await connection.client.generate({
			...body,
			...(callBackUrl !== undefined && { callBackUrl }),
		}),
		isNew: true,
	}),
	callsBack: true,
	look: async (task, { connection }) => await connection.once.getDetails(task),
};
