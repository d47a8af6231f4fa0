import { downloadToBinary } from '../../delivery/download';
import { asText } from '../../protocol/parse';
import { readBinaryPropertyName, readMaxBytes } from '../binaryOutput';
import type { ShortOperation } from '../operation';
import { checkedUrl, type ItemParameters } from '../parameters';

interface Request {
	url: string;
	fieldName: string;
	baseName: string;
	maxBytes: number;
}

export const download: ShortOperation<Request> = {
	type: 'short',
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
