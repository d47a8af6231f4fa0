import type { INodeProperties } from 'n8n-workflow';

import { DEFAULT_TOLERANCE_SECONDS } from '../protocol/signature';
import type { VideoTask } from '../protocol/video';

const EVENTS = ['upgrade4kFailed', 'upgrade4kReady', 'videoFailed', 'videoReady'] as const;

type TriggerEvent = (typeof EVENTS)[number];

export function eventOf({ kind, status }: VideoTask): TriggerEvent {
	const subject = kind === 'upgrade4k' ? 'upgrade4k' : 'video';
	return status === 'succeeded' ? `${subject}Ready` : `${subject}Failed`;
}

export const properties: INodeProperties[] = [
	{
		displayName:
			"Give this node's production URL to KieAI as callback URL, or let a KieAI node in this workflow do it: set its 'Wait for Result' to 'Do Not Wait' and 'Send Callback To' to 'KieAI Trigger in This Workflow'.",
		name: 'notice',
		type: 'notice',
		default: '',
	},
	{
		displayName:
			"To test without waiting or paying: copy the test URL from 'Webhook URLs', execute this step, then open that URL in a browser with the ID of a finished task behind it, as in …?taskId=veo_task_abcdef123456",
		name: 'testNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Events',
		name: 'events',
		type: 'multiOptions',
		required: true,
		options: [
			{
				name: '4K Video Failed',
				value: 'upgrade4kFailed',
				action: 'On 4K video failed',
				description: 'KieAI could not make the 4K version',
			},
			{
				name: '4K Video Ready',
				value: 'upgrade4kReady',
				action: 'On 4K video ready',
				description: 'A 4K version is finished',
			},
			{
				name: 'Video Failed',
				value: 'videoFailed',
				action: 'On video failed',
				description: 'KieAI could not generate or extend a video',
			},
			{
				name: 'Video Ready',
				value: 'videoReady',
				action: 'On video ready',
				description: 'A generated or extended video is finished',
			},
		],
		default: [...EVENTS],
		description: 'What starts the workflow',
	},
	{
		displayName: 'Verify Signature',
		name: 'verifySignature',
		type: 'boolean',
		default: true,
		description:
			'Whether to accept only callbacks that KieAI has signed with the Webhook HMAC Key of the credential, where there is one',
	},
	{
		displayName: 'Confirm with KieAI',
		name: 'confirm',
		type: 'boolean',
		default: true,
		description:
			'Whether to ask KieAI about the task before the workflow starts. A signature does not cover the links in a callback; this does.',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Ignore Repeated Deliveries',
				name: 'ignoreRepeated',
				type: 'boolean',
				default: true,
				description:
					'Whether to start the workflow only once when KieAI delivers a callback again. Kept in memory; use the Remove Duplicates node where it must be exact.',
			},
			{
				displayName: 'Include Raw Callback',
				name: 'includeRaw',
				type: 'boolean',
				default: false,
				description:
					"Whether to add the callback as KieAI sent it, but for keys and callback URLs, in the field 'raw'",
			},
			{
				displayName: 'Signature Tolerance (Seconds)',
				name: 'signatureTolerance',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 86_400 },
				default: DEFAULT_TOLERANCE_SECONDS,
				description:
					"How far the callback's time and this server's may be apart, in seconds from 1 to 86,400",
			},
		],
	},
];
