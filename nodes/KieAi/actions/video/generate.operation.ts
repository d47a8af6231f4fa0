import { folderOfItsOwn, openBinaryUpload } from '../../delivery/upload';
import type { GenerateRequest } from '../../protocol/client';
import { asText } from '../../protocol/parse';
import type { VideoOperation } from '../operation';
import { checkedUrl, InputError, type BinaryField, type ItemParameters } from '../parameters';
import { readMaking, readModel } from './making';
import { TIMINGS } from './timing';

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
	kind: 'generate',
	cost: 'everyCall',
	timing: TIMINGS.generate,
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
