import { downloadToBinary } from '../../delivery/download';
import { asText } from '../../protocol/parse';
import {
	binaryPropertyField,
	maxFileSizeOption,
	readBinaryPropertyName,
	readMaxBytes,
} from '../binaryOutput';
import type { ShortOperation } from '../operation';
import { checkedUrl, type ItemParameters } from '../parameters';
import { alsoForModel, show } from '../show';

interface Request {
	url: string;
	fieldName: string;
	baseName: string;
	maxBytes: number;
}

const where = { resource: 'file' as const, operations: ['download'] };

export const download: ShortOperation<Request> = {
	type: 'short',
	toolDescription:
		'Check a link to a KieAI file and get its name, type and size as JSON. The file itself stays in the workflow. Free of charge.',
	fields: [
		...alsoForModel(
			{
				displayName: 'File URL',
				name: 'fileUrl',
				type: 'string',
				required: true,
				default: '={{ $json.videoUrl }}',
				placeholder: 'e.g. https://tempfile.aiquickdraw.com/v/film.mp4',
				description:
					'Link to a video or picture that KieAI made, in the last 14 days. However old it is, it is renewed first.',
			},
			where,
			'File_URL',
		),
		{ ...binaryPropertyField, ...show({ ...where, notInTools: true }) },
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [maxFileSizeOption],
			...show({ ...where, notInTools: true }),
		},
	],
	read: (item) => ({
		url: readFileUrl(item),
		fieldName: readBinaryPropertyName(item),
		baseName: baseNameOf(item),
		maxBytes: readMaxBytes(item),
	}),
	async run({ url, fieldName, baseName, maxBytes }, _itemIndex, { context, connection }) {
		const binary = await downloadToBinary(context, connection, { url, baseName, maxBytes });
		return {
			json: {
				fileUrl: url,
				fileName: binary.fileName ?? null,
				mimeType: binary.mimeType,
				// Bytes; n8n's own `fileSize` is text such as "1.2 MB".
				fileSize: binary.bytes ?? null,
			},
			binary: { [fieldName]: binary },
		};
	},
};

function readFileUrl(item: ItemParameters): string {
	const { status } = item.json;
	const advice =
		typeof status === 'string' && status !== 'succeeded'
			? `The video of this item is not there: its status is '${status}'. Wait for it first, or filter such items out.`
			: "Connect a KieAI node before this one, or enter a link, e.g. from 'videoUrl'.";
	return checkedUrl(item.text('fileUrl', 'File URL', advice), 'File URL');
}

/** `<taskId>-<resolution>` where the item tells them. */
function baseNameOf({ json }: ItemParameters): string {
	const taskId = asText(json.taskId);
	const resolution = asText(json.resolution);
	if (taskId === undefined) return 'kieai-file';
	return resolution === undefined ? taskId : `${taskId}-${resolution}`;
}
