import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Connection } from '../connection';
import type { TaskIdentity, TaskKind, VideoTask } from '../protocol/video';
import type { ItemParameters } from './parameters';

/** What an operation has at hand when it sends. */
export interface Tools {
	context: IExecuteFunctions;
	connection: Connection;
}

/** An operation that is done when KieAI has answered. */
export interface ShortOperation<Request extends object = object> {
	type: 'short';
	/** Parameters → a checked request; nothing is sent before every item's has been read. */
	read(item: ItemParameters): Request;
	run(request: Request, itemIndex: number, tools: Tools): Promise<INodeExecutionData>;
}

/** An operation on a video, which takes KieAI a while; see `waiting/` for how to wait. */
export interface VideoOperation<Request extends object = object> {
	type: 'video';
	kind: TaskKind;
	/**
	 * What starting costs: credits on every accepted call, credits once (asking again is free while it is under way
	 * or done), or nothing.
	 */
	cost: 'everyCall' | 'once' | 'none';
	/** How long to wait by default, and when to look. */
	timing: Timing;
	read(item: ItemParameters): Request;
	/** Requests of the same name are one request, and every item gets its result. */
	sameAs?(request: Request): string;
	/** Whether it only asks for what has been paid for. */
	picksUp?(request: Request): boolean;
	/** What is known of the task before it is started. */
	identify(request: Request): TaskIdentity;
	/** What has to be there first and costs nothing, such as uploaded images. */
	prepare?(request: Request, itemIndex: number, tools: Tools): Promise<Request>;
	/** Sends the request; may cost credits. The task may be there, finished, at once. */
	start(request: Request, tools: Tools, callBackUrl?: string): Promise<Started>;
	/** Whether KieAI can call back when the task is final. */
	callsBack: boolean;
	/** Asks how the task stands, without side effects; undefined where KieAI cannot be asked so. */
	look(task: VideoTask, tools: Tools): Promise<VideoTask | undefined>;
	/** Asks in the one way that is left where nothing else is known of the task; may cost credits after a failure. */
	askAgain?(task: VideoTask, itemIndex: number, tools: Tools): Promise<VideoTask>;
}

export interface Started {
	task: VideoTask;
	/** Whether KieAI took it as a new request: it calls back whoever sent that. */
	isNew: boolean;
	/** Whether KieAI may have taken an earlier attempt as the new request: its answer was lost. */
	mayBeOurs?: boolean;
}

export interface Timing {
	firstCheckAfterSeconds: number;
	/** What KieAI recommends. */
	pollIntervalSeconds: number;
	timeoutMinutes: number;
}

export type Operation = ShortOperation | VideoOperation;
