import type { INodeProperties } from 'n8n-workflow';

import { SEED_MIN } from '../../protocol/limits';
import { binaryPropertyField, maxFileSizeOption } from '../binaryOutput';
import type { Timing } from '../operation';
import { inWords, RANGES, typeOptionsOf } from '../ranges';
import { alsoForModel, show } from '../show';
import { TIMINGS } from './timing';

/** Fields that several video operations share; each stands on screen once, under one name. */

const RESOURCE = 'veoVideo';

export const DEFAULT_MAX_NEW_TASKS = 100;

/** What several operations ask for first, so that switching between them keeps it. */
export const sourceFields: INodeProperties[] = [
	...alsoForModel(
		{
			displayName: 'Task ID',
			name: 'taskId',
			type: 'string',
			required: true,
			default: '={{ $json.videoTaskId }}',
			placeholder: 'e.g. veo_task_abcdef123456',
			description:
				'The task that made the video, as KieAI gave it when the video was generated or extended',
		},
		{ resource: RESOURCE, operations: ['extend', 'get', 'get1080p', 'get4k'] },
		'Task_ID',
	),
	...promptField(
		'generate',
		'What the video shows: scene, action, camera, light and sound',
		'e.g. A red fox runs through fresh snow at sunrise, slow motion',
	),
	...promptField(
		'extend',
		'What happens next in the video',
		'e.g. The fox stops and looks into the camera',
	),
	{
		displayName: 'Video Index',
		name: 'index',
		type: 'number',
		typeOptions: typeOptionsOf(RANGES.index),
		default: 0,
		description: `Which video of the task to upgrade, as a number ${inWords(RANGES.index)}: 0 is the first, and most tasks have no other. With an item whose upgrade is under way, 0 stands for the video of that upgrade.`,
		...show({ resource: RESOURCE, operations: ['get1080p', 'get4k'], notInTools: true }),
	},
];

/** After what the video is made from, before what it looks like. */
export const modelField: INodeProperties = {
	displayName: 'Model',
	name: 'model',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'Fast', value: 'fast', description: 'Good and quick, the usual choice' },
		{ name: 'Lite', value: 'lite', description: 'The cheapest, for drafts' },
		{ name: 'Quality', value: 'quality', description: 'The best and the most expensive' },
	],
	default: 'fast',
	description: 'Which Veo 3.1 model makes the video; it decides the price',
	...show({ resource: RESOURCE, operations: ['extend', 'generate'] }),
};

function promptField(
	operation: string,
	description: string,
	placeholder: string,
): INodeProperties[] {
	return alsoForModel(
		{
			displayName: 'Prompt',
			name: 'prompt',
			type: 'string',
			typeOptions: { rows: 4 },
			required: true,
			default: '',
			placeholder,
			description,
		},
		{ resource: RESOURCE, operations: [operation] },
		'Prompt',
	);
}

/** How to wait, what to do with the callback, and in which form the result leaves; from top to bottom of the panel. */
export function resultFields(
	operation: string,
	{ callbacks }: { callbacks: boolean },
): INodeProperties[] {
	const operations = [operation];
	const choices = waitChoices(callbacks);
	const whenWaiting = { waitForResult: ['callback', 'poll'] };
	return [
		{
			displayName: 'Wait for Result',
			name: 'waitForResult',
			type: 'options',
			noDataExpression: true,
			options: choices,
			default: 'poll',
			description: 'How the workflow waits for the video',
			...show({ resource: RESOURCE, operations, notInTools: true }),
		},
		{
			displayName: 'Wait for Result',
			name: 'waitForResult',
			type: 'options',
			noDataExpression: true,
			options: choices,
			default: 'none',
			description: 'How the agent waits for the video',
			...show({ resource: RESOURCE, operations, onlyInTools: true }),
		},
		{
			displayName: 'On Timeout',
			name: 'onTimeout',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'Output Item',
					value: 'output',
					description: "Go on with an item whose status is 'timedOut' and that has the task ID",
				},
				{
					name: 'Stop with Error',
					value: 'error',
					description:
						'Fail with an error that names the task, so that it can be picked up for free',
				},
			],
			default: 'error',
			description: 'What to do when the video is not there in time',
			...show({ resource: RESOURCE, operations, when: whenWaiting }),
		},
		...(callbacks ? callbackFields(operations) : []),
		{
			displayName: 'Download Video',
			name: 'download',
			type: 'boolean',
			default: false,
			description: 'Whether to put the video file itself into the output, as binary data',
			...show({ resource: RESOURCE, operations, when: whenWaiting, notInTools: true }),
		},
		{
			...binaryPropertyField,
			...show({
				resource: RESOURCE,
				operations,
				when: { ...whenWaiting, download: [true] },
				notInTools: true,
			}),
		},
		{
			displayName: 'Simplify',
			name: 'simplify',
			type: 'boolean',
			default: true,
			description: 'Whether to return a simplified version of the response instead of the raw data',
			...show({ resource: RESOURCE, operations, notInTools: true }),
		},
	];
}

function waitChoices(callbacks: boolean) {
	return [
		{
			name: 'Check Until Ready',
			value: 'poll',
			description:
				'Ask KieAI again and again. Works everywhere; the execution stays open and takes one of n8n’s execution slots.',
		},
		{
			name: 'Do Not Wait',
			value: 'none',
			description: callbacks
				? 'Go on at once with the task ID. For batches, together with the KieAI Trigger.'
				: 'Look once and go on with what is there',
		},
		...(callbacks
			? [
					{
						name: 'Pause Until Callback',
						value: 'callback',
						description:
							'Put the execution aside until KieAI calls back. Costs nothing meanwhile and survives restarts; n8n must be open to the internet.',
					},
				]
			: []),
	];
}

function callbackFields(operations: string[]): INodeProperties[] {
	const whenNotWaiting = { waitForResult: ['none'] };
	return [
		{
			displayName: 'Send Callback To',
			name: 'sendCallbackTo',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'A URL',
					value: 'url',
					description: 'A webhook of your choice, such as a KieAI Trigger in another workflow',
				},
				{
					name: 'KieAI Trigger in This Workflow',
					value: 'trigger',
					description: 'The workflow must be published (active); no URL has to be copied',
				},
				{
					name: 'Nobody',
					value: 'nobody',
					description:
						'Look later, with the same operation for an upgrade, with Get for the others',
				},
			],
			default: 'nobody',
			description: 'Whom KieAI tells when the video is ready or has failed',
			...show({ resource: RESOURCE, operations, when: whenNotWaiting, notInTools: true }),
		},
		{
			displayName: 'Callback URL',
			name: 'callbackUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. https://n8n.example.com/webhook/kieai',
			description: 'Where KieAI posts the result; must be open to the internet',
			...show({
				resource: RESOURCE,
				operations,
				when: { ...whenNotWaiting, sendCallbackTo: ['url'] },
				notInTools: true,
			}),
		},
		{
			displayName: 'Metadata',
			name: 'metadata',
			type: 'json',
			default: '{}',
			placeholder: 'e.g. {"row": 12}',
			description:
				'Small JSON object that travels with the callback and comes out of the KieAI Trigger again, such as a row or a customer; at most 1000 characters',
			...show({
				resource: RESOURCE,
				operations,
				when: { ...whenNotWaiting, sendCallbackTo: ['trigger', 'url'] },
				notInTools: true,
			}),
		},
	];
}

type OptionName =
	| 'firstCheckAfter'
	| 'maxFileSize'
	| 'maxNewTasks'
	| 'minimumCreditBalance'
	| 'pollInterval'
	| 'seed'
	| 'timeout'
	| 'translatePrompt'
	| 'watermark';

/** The options of one operation, in alphabetical order as n8n wants them. */
export function optionsField(
	operation: keyof typeof TIMINGS,
	names: readonly OptionName[],
): INodeProperties {
	const all = optionProperties(TIMINGS[operation]);
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: all.filter(({ name }) => (names as readonly string[]).includes(name)),
		...show({ resource: RESOURCE, operations: [operation], notInTools: true }),
	};
}

function optionProperties({
	firstCheckAfterSeconds,
	pollIntervalSeconds,
	timeoutMinutes,
}: Timing): INodeProperties[] {
	return [
		{
			displayName: 'First Check After (Seconds)',
			name: 'firstCheckAfter',
			type: 'number',
			typeOptions: typeOptionsOf(RANGES.firstCheckAfter),
			default: firstCheckAfterSeconds,
			displayOptions: { show: { '/waitForResult': ['poll'] } },
			description: `How long to wait before KieAI is asked for the first time, in seconds ${inWords(RANGES.firstCheckAfter)}`,
		},
		{
			...maxFileSizeOption,
			displayOptions: { show: { '/waitForResult': ['callback', 'poll'], '/download': [true] } },
		},
		{
			displayName: 'Maximum New Tasks per Run',
			name: 'maxNewTasks',
			type: 'number',
			typeOptions: typeOptionsOf(RANGES.maxNewTasks),
			default: DEFAULT_MAX_NEW_TASKS,
			description: `How many tasks that cost credits one run may start, ${inWords(RANGES.maxNewTasks)}. More are refused before the first one is sent, so that a wrong list costs nothing.`,
		},
		{
			displayName: 'Minimum Credit Balance',
			name: 'minimumCreditBalance',
			type: 'number',
			typeOptions: typeOptionsOf(RANGES.minimumCreditBalance),
			default: 0,
			description: `Stop before anything is charged when the account has fewer credits than this, ${inWords(RANGES.minimumCreditBalance)}`,
		},
		{
			displayName: 'Poll Interval (Seconds)',
			name: 'pollInterval',
			type: 'number',
			typeOptions: typeOptionsOf(RANGES.pollInterval),
			default: pollIntervalSeconds,
			displayOptions: { show: { '/waitForResult': ['poll'] } },
			description: `How long to wait between two checks, in seconds ${inWords(RANGES.pollInterval)}. KieAI asks for at least ${pollIntervalSeconds}.`,
		},
		{
			displayName: 'Seed',
			name: 'seed',
			type: 'number',
			typeOptions: typeOptionsOf(RANGES.seed),
			default: SEED_MIN,
			description: `The same seed and prompt give a similar video. A whole number ${inWords(RANGES.seed)}.`,
		},
		{
			displayName: 'Timeout (Minutes)',
			name: 'timeout',
			type: 'number',
			typeOptions: typeOptionsOf(RANGES.timeout),
			default: timeoutMinutes,
			displayOptions: { show: { '/waitForResult': ['callback', 'poll'] } },
			description: `How long to wait for the video at most, in minutes ${inWords(RANGES.timeout)}. Fractions are allowed.`,
		},
		{
			displayName: 'Translate Prompt',
			name: 'translatePrompt',
			type: 'boolean',
			default: true,
			description:
				'Whether to have the prompt translated into English, which the model understands best',
		},
		{
			displayName: 'Watermark',
			name: 'watermark',
			type: 'string',
			default: '',
			placeholder: 'e.g. My Brand',
			description: 'Text that is written on the video',
		},
	];
}
