import type { INodeProperties } from 'n8n-workflow';

import { binaryPropertyField, maxFileSizeOption } from '../binaryOutput';
import { alsoForModel, show, toolDescriptionFields } from '../show';

export const toolDescriptions = toolDescriptionFields('file', {
	download:
		'Check a link to a KieAI file and get its name, type and size as JSON. The file itself stays in the workflow. Free of charge.',
	upload:
		'Give KieAI a file by its URL and get a link that KieAI can read, as JSON with fileUrl. Free of charge.',
});

const operationField: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['file'] } },
	options: [
		{
			name: 'Download',
			value: 'download',
			action: 'Download file',
			description: 'Get a file from KieAI as binary data. Free.',
		},
		{
			name: 'Upload',
			value: 'upload',
			action: 'Upload file',
			description: 'Give KieAI a file and get a link to it. Free; the link lives a day or more.',
		},
	],
	default: 'download',
};

const whenDownloading = { resource: 'file' as const, operations: ['download'] };

const downloadFields: INodeProperties[] = [
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
		whenDownloading,
		'File_URL',
	),
	{ ...binaryPropertyField, ...show({ ...whenDownloading, notInTools: true }) },
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [maxFileSizeOption],
		...show({ ...whenDownloading, notInTools: true }),
	},
];

const whenUploading = { resource: 'file' as const, operations: ['upload'] };

const uploadFields: INodeProperties[] = [
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
		...show({ ...whenUploading, notInTools: true }),
	},
	{
		displayName: 'File Source',
		name: 'fileSource',
		type: 'hidden',
		default: 'url',
		...show({ ...whenUploading, onlyInTools: true }),
	},
	{
		displayName: 'Input Data Field Name',
		name: 'inputFieldName',
		type: 'string',
		required: true,
		default: 'data',
		placeholder: 'e.g. data',
		hint: 'The name of the input field with the file',
		...show({ ...whenUploading, when: { fileSource: ['binary'] }, notInTools: true }),
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
		{ ...whenUploading, when: { fileSource: ['url'] } },
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
		...show({ ...whenUploading, notInTools: true }),
	},
];

export const fields: INodeProperties[] = [operationField, ...downloadFields, ...uploadFields];
