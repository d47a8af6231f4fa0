import type { INodeProperties } from 'n8n-workflow';

import { extend } from './extend.operation';
import { modelField, sourceFields } from './fields';
import { generate, imageFields } from './generate.operation';
import { get } from './get.operation';
import { get1080p } from './get1080p.operation';
import { get4k } from './get4k.operation';

export const operations = { extend, generate, get, get1080p, get4k };

const operationField: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['veoVideo'] } },
	options: [
		{
			name: 'Extend',
			value: 'extend',
			action: 'Veo extend video',
			description: 'Continue a finished video with a new prompt. Uses credits.',
		},
		{
			name: 'Generate',
			value: 'generate',
			action: 'Veo generate video',
			description: 'Make a video from text or images. Uses credits; takes 1 to 3 minutes.',
		},
		{
			name: 'Get',
			value: 'get',
			action: 'Veo get video',
			description: 'Wait for the result of a task, or look where it stands. Free.',
		},
		{
			name: 'Get 1080p',
			value: 'get1080p',
			action: 'Veo get 1080p video',
			description: 'Get the 1080p version of a finished video. Takes 1 to 3 minutes.',
		},
		{
			name: 'Get 4K',
			value: 'get4k',
			action: 'Veo get 4K video',
			description: 'Upgrade a finished video to 4K. Uses credits; takes 5 to 10 minutes.',
		},
	],
	default: 'get4k',
};

/** From top to bottom of the panel: what it is made from, with which model, how to wait for it; options last. */
export const fields: INodeProperties[] = [
	operationField,
	...sourceFields,
	...imageFields,
	modelField,
	...extend.fields,
	...generate.fields,
	...get4k.fields,
	...get1080p.fields,
	...get.fields,
];
