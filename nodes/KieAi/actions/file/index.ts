import type { INodeProperties } from 'n8n-workflow';

import { download } from './download.operation';
import { upload } from './upload.operation';

export const operations = { download, upload };

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

export const fields: INodeProperties[] = [operationField, ...download.fields, ...upload.fields];
