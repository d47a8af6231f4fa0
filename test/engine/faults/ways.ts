/** Operations and their ways of waiting: the columns of the matrix. */
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { EndpointName, SettingsChange } from '../../sandbox';
import { GENERATE } from '../support/action';
import type { World } from '../support/world';

export type Wait = 'Check Until Ready' | 'Pause Until Callback' | 'Do Not Wait';

/** `request` starts it, `check` asks how it stands, once the node waits or is woken; `film` fetches the result. */
export type Moment = 'request' | 'check' | 'film';

export interface Way {
	operation: string;
	/** Missing where there is nothing to wait for. */
	wait?: Wait;
	/** What accepted requests cost: each of them, all together once, or nothing. */
	costs: 'each' | 'once' | 'nothing';
	/** Where a fault can strike. */
	moments: Partial<Record<Moment, EndpointName>>;
	settings?: SettingsChange;
	/** Whether KieAI can be asked about the film, or by the source's ID, where it says no by this one. */
	isKnownOtherwise?: true;
	/** Where a thousand times as fast is too fast for n8n. */
	clockScale?: number;
	parameters(world: World): IDataObject;
	items?: INodeExecutionData[];
}

const WAITS: Record<Wait, string> = {
	'Check Until Ready': 'poll',
	'Pause Until Callback': 'callback',
	'Do Not Wait': 'none',
};

/** One way for each way of waiting. */
function inEveryWay(
	way: Way & { moments: { request: EndpointName } },
	checkOfCallback: EndpointName,
): Way[] {
	return (Object.keys(WAITS) as Wait[]).map((wait) => ({
		...way,
		wait,
		moments:
			wait === 'Do Not Wait'
				? { request: way.moments.request }
				: { ...way.moments, ...(wait === 'Pause Until Callback' && { check: checkOfCallback }) },
		parameters: (world) => ({ waitForResult: WAITS[wait], ...way.parameters(world) }),
	}));
}

/** About a finished video. */
const ofSource =
	(parameters: IDataObject) =>
	({ sandbox }: World): IDataObject => ({
		...parameters,
		taskId: sandbox.addTask({ id: 'veo_task_source' }).id,
	});

export const GENERATE_WAYS: Way[] = inEveryWay(
	{
		operation: 'Generate',
		costs: 'each',
		moments: { request: 'generate', check: 'recordInfo' },
		parameters: () => GENERATE,
	},
	'recordInfo',
);

export const EXTEND_WAYS: Way[] = inEveryWay(
	{
		operation: 'Extend',
		costs: 'each',
		moments: { request: 'extend', check: 'recordInfo' },
		parameters: ofSource({ operation: 'extend', prompt: 'On' }),
	},
	'recordInfo',
);

const GET_4K = { costs: 'once', parameters: ofSource({ operation: 'get4k' }) } as const;

/** As KieAI knows an upgrade: by its source's task ID, or by one of its own, which has a record. */
export const GET_4K_WAYS: Way[] = [
	...inEveryWay(
		{
			...GET_4K,
			operation: 'Get 4K',
			moments: { request: 'get4k', check: 'get4k' },
			settings: { upgrade4kTaskId: 'source' },
		},
		// Of the callback, KieAI is asked whether the film is its own.
		'downloadUrl',
	),
	...inEveryWay(
		{
			...GET_4K,
			operation: 'Get 4K, with a task ID of its own',
			moments: { request: 'get4k', check: 'recordInfo' },
			settings: { upgrade4kTaskId: 'own' },
			isKnownOtherwise: true,
		},
		'recordInfo',
	),
];

export const GET_1080P_WAYS: Way[] = (['Check Until Ready', 'Do Not Wait'] as const).map(
	(wait) => ({
		operation: 'Get 1080p',
		wait,
		costs: 'nothing',
		moments: {
			request: 'get1080p',
			...(wait === 'Check Until Ready' && { check: 'get1080p' }),
		},
		parameters: ofSource({ operation: 'get1080p', waitForResult: WAITS[wait] }),
	}),
);

export const GET_WAYS: Way[] = (['Check Until Ready', 'Do Not Wait'] as const).map((wait) => ({
	operation: 'Get',
	wait,
	costs: 'nothing',
	moments: {
		request: 'recordInfo',
		...(wait === 'Check Until Ready' && { check: 'recordInfo' }),
	},
	// Still running at the first look, however busy the machine is: the node's second pause makes this time pass.
	settings: { videoSeconds: 36_000 },
	parameters: ({ sandbox }) => ({
		operation: 'get',
		waitForResult: WAITS[wait],
		taskId: sandbox.addTask({ id: 'veo_task_1', state: 'running' }).id,
	}),
}));

/** A minute without a byte is silence, and must be more than a pause of n8n's. */
const FILM_CLOCK_SCALE = 150;

export const FILM_WAYS: Way[] = [
	{
		operation: 'Download',
		costs: 'nothing',
		moments: { request: 'downloadUrl', film: 'file' },
		clockScale: FILM_CLOCK_SCALE,
		parameters: ({ sandbox }) => ({
			resource: 'file',
			operation: 'download',
			fileUrl: sandbox.addTask().videos[0]?.url ?? '',
		}),
	},
	{
		operation: 'Generate, with the film',
		wait: 'Check Until Ready',
		costs: 'each',
		moments: { film: 'file' },
		clockScale: FILM_CLOCK_SCALE,
		parameters: () => ({ ...GENERATE, download: true }),
	},
	{
		...GET_4K,
		operation: 'Get 4K, with the film',
		wait: 'Check Until Ready',
		moments: { film: 'file' },
		clockScale: FILM_CLOCK_SCALE,
		parameters: ofSource({ operation: 'get4k', download: true }),
	},
];

const UPLOAD = { resource: 'file', operation: 'upload' };

export const SHORT_WAYS: Way[] = [
	{
		operation: 'Upload, of a binary field',
		costs: 'nothing',
		moments: { request: 'uploadStream' },
		parameters: () => UPLOAD,
		items: [
			{ json: {}, binary: { data: { data: 'AAAA', mimeType: 'image/jpeg', fileName: 'a.jpg' } } },
		],
	},
	{
		operation: 'Upload, from a URL',
		costs: 'nothing',
		moments: { request: 'uploadUrl' },
		parameters: () => ({ ...UPLOAD, fileSource: 'url', sourceUrl: 'https://a.example/a.jpg' }),
	},
	{
		operation: 'Get Credit Balance',
		costs: 'nothing',
		moments: { request: 'credit' },
		parameters: () => ({ resource: 'account', operation: 'getCreditBalance' }),
	},
];
