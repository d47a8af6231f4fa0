import { folderOfItsOwn, openBinaryUpload } from '../../delivery/upload';
import type { ShortOperation } from '../operation';
import { checkedUrl, type BinaryField } from '../parameters';

interface Request {
	source: BinaryField | { url: string };
	uploadPath: string | undefined;
	fileName: string | undefined;
}

export const upload: ShortOperation<Request> = {
	type: 'short',
	read(item) {
		const isBinary = item.choice('fileSource', ['binary', 'url'], 'File Source') === 'binary';
		return {
			source: isBinary
				? item.binary('inputFieldName', 'Input Data Field Name')
				: {
						url: checkedUrl(
							item.text('sourceUrl', 'Source URL', 'Enter a link to the file.'),
							'Source URL',
						),
					},
			uploadPath: item.option.text('uploadPath'),
			fileName: item.option.text('fileName'),
		};
	},
	async run(
		{ source, uploadPath = folderOfItsOwn(), fileName },
		itemIndex,
		{ context, connection },
	) {
		const { client } = connection;
		if ('url' in source) {
			const request = {
				fileUrl: source.url,
				uploadPath,
				...(fileName !== undefined && { fileName }),
			};
			return { json: { ...(await client.uploadFromUrl(request)) } };
		}
		const { name, binary } = source;
		const open = openBinaryUpload(context, {
			itemIndex,
			binary,
			fieldName: name,
			uploadPath,
			fileName: fileName ?? binary.fileName ?? `${name}.${binary.fileExtension ?? 'bin'}`,
		});
		return { json: { ...(await client.uploadStream(open)) } };
	},
};
