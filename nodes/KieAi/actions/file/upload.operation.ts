import { folderOfItsOwn, openBinaryUpload } from '../../delivery/upload';
import type { ShortOperation } from '../operation';
import { checkedUrl, type BinaryField } from '../parameters';
import { alsoForModel, show } from '../show';

interface Request {
	source: BinaryField | { url: string };
	uploadPath: string | undefined;
	fileName: string | undefined;
}

const operations = ['upload'];

export const upload: ShortOperation<Request> = {
	type: 'short',
	toolDescription:
		'Give KieAI a file by its URL and get a link that KieAI can read, as JSON with fileUrl. Free of charge.',
	fields: [
		{
			displayName: 'File Source',
			name: 'fileSource',
			type: 'options',
			noDataExpression: true,
			options: [
				{ name: 'Binary Field', value: 'binary', description: 'A file of the input item' },
				{
					name: 'URL',
					value: 'url',
					description: 'KieAI fetches it: 30 seconds and 100 MB at most',
				},
			],
			default: 'binary',
			description: 'Where the file comes from',
			...show({ resource: 'file', operations, notInTools: true }),
		},
		{
			displayName: 'File Source',
			name: 'fileSource',
			type: 'hidden',
			default: 'url',
			...show({ resource: 'file', operations, onlyInTools: true }),
		},
		{
			displayName: 'Input Data Field Name',
			name: 'inputFieldName',
			type: 'string',
			required: true,
			default: 'data',
			placeholder: 'e.g. data',
			hint: 'The name of the input field with the file',
			...show({ resource: 'file', operations, when: { fileSource: ['binary'] }, notInTools: true }),
		},
		...alsoForModel(
			{
				displayName: 'Source URL',
				name: 'sourceUrl',
				type: 'string',
				required: true,
				default: '',
				placeholder: 'e.g. https://example.com/photo.jpg',
				description: 'Link to the file that opens without a login',
			},
			{ resource: 'file', operations, when: { fileSource: ['url'] } },
			'Source_URL',
		),
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [
				{
					displayName: 'File Name',
					name: 'fileName',
					type: 'string',
					default: '',
					placeholder: 'e.g. photo.jpg',
					description:
						'Name of the file at KieAI; the same name in the same folder replaces the file',
				},
				{
					displayName: 'Folder',
					name: 'uploadPath',
					type: 'string',
					default: '',
					placeholder: 'e.g. n8n/photos',
					description:
						'Folder of your KieAI account to put the file in; a new one for each file if empty',
				},
			],
			...show({ resource: 'file', operations, notInTools: true }),
		},
	],
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
