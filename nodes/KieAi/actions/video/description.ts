import type { INodeProperties } from 'n8n-workflow';

import { show, toolDescriptionFields } from '../show';
import { modelField, optionsField, resultFields, sourceFields } from './fields';

export const toolDescriptions = toolDescriptionFields('veoVideo', {
	extend:
		'Continue a finished Veo video by its task ID with a prompt for what happens next. Costs credits on every call. Takes 1 to 3 minutes; returns JSON with the new taskId, status and, when it is ready, videoUrl of the full film.',
	generate:
		'Start generating a video of about 8 seconds from a text prompt with Veo 3.1. Costs credits on every call. Takes 1 to 3 minutes; returns JSON with taskId, status and, when it is ready, videoUrl.',
	get: 'Look how a Veo video task stands, by its task ID. Free of charge. Returns JSON with status (processing, succeeded, failed) and, when it is ready, videoUrl.',
	get1080p:
		'Get the 1080p version of a finished Veo video by its task ID. Takes 1 to 3 minutes; returns JSON with status and, when it is ready, videoUrl. Call it again later while status is processing.',
	get4k:
		'Upgrade a finished Veo video to 4K by its task ID. Costs about as many credits as two Fast videos. Takes 5 to 10 minutes; returns JSON with status and, when it is ready, videoUrl. Call it again later while status is processing: that is free.',
});

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

const whenGenerating = { resource: 'veoVideo' as const, operations: ['generate'] };

const withImages = { generationType: ['FIRST_AND_LAST_FRAMES_2_VIDEO', 'REFERENCE_2_VIDEO'] };

/** Besides the prompt, what the video is made from. */
const imageFields: INodeProperties[] = [
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
		...show({ ...whenGenerating, notInTools: true }),
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
		...show({ ...whenGenerating, when: withImages, notInTools: true }),
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
			...whenGenerating,
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
			...whenGenerating,
			when: { ...withImages, imageSource: ['binary'] },
			notInTools: true,
		}),
	},
];

const aspectRatioField: INodeProperties = {
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
	...show(whenGenerating),
};

/** Options of every operation that starts a task. */
const GENERAL = [
	'firstCheckAfter',
	'maxFileSize',
	'maxNewTasks',
	'minimumCreditBalance',
	'pollInterval',
	'timeout',
] as const;

/** From top to bottom of the panel: what it is made from, with which model, how to wait for it; options last. */
export const fields: INodeProperties[] = [
	operationField,
	...sourceFields,
	...imageFields,
	modelField,
	...resultFields('extend', { callbacks: true }),
	optionsField('extend', [...GENERAL, 'seed', 'watermark']),
	aspectRatioField,
	...resultFields('generate', { callbacks: true }),
	optionsField('generate', [...GENERAL, 'seed', 'translatePrompt', 'watermark']),
	...resultFields('get4k', { callbacks: true }),
	optionsField('get4k', GENERAL),
	...resultFields('get1080p', { callbacks: false }),
	optionsField('get1080p', GENERAL),
	...resultFields('get', { callbacks: false }),
	optionsField('get', ['maxFileSize', 'pollInterval', 'timeout']),
];
