import { createHash } from 'node:crypto';

import { asObject } from '../protocol/parse';
import type { VideoTask } from '../protocol/video';

/**
 * What a node remembers of the tasks that it started, because n8n's Retry On Fail and a person's Retry run the whole
 * node again: without it, what has been paid for would be paid for twice. It lives in the execution's own data
 * (`getContext('node')`), which outlasts both.
 */
export type Memory = Record<string, Entry>;

interface Entry {
	/** Of the request: an edited prompt is a new request. */
	hash: string;
	executionId: string;
	/** Undefined where KieAI may have taken the request, and nobody knows. */
	task: VideoTask | undefined;
	/** Whoever asked has its result. */
	isDelivered?: boolean;
}

/** One request of one item in one run of the node. */
export interface Slot {
	recall(): 'new' | 'sent' | VideoTask;
	/** Before the request goes out: from here on it may be charged. */
	sending(): void;
	accepted(task: VideoTask): void;
	/** The result has gone out: to ask for the same once more, in this execution, is to want another one. */
	delivered(): void;
	/** KieAI did not take the request, or its task failed: whoever tries again wants a new one. */
	forget(): void;
}

/** Where in a workflow's life a request is made. */
export interface Place {
	executionId: string;
	/** Undefined for the tool of an AI agent, which may call it for one thing after the other: the request tells which. */
	runIndex?: number | undefined;
	itemIndex: number;
}

export function hashOf(request: object): string {
	return createHash('sha256').update(JSON.stringify(request)).digest('hex');
}

/** @param hash of the request */
export function openSlot(memory: Memory, place: Place, hash: string): Slot {
	const { executionId, runIndex, itemIndex } = place;
	const key = `${runIndex ?? hash}:${itemIndex}`;
	// Another try of the same execution is never another request, whatever `$now` in its prompt makes of it.
	const isSame = (entry: Entry) => entry.hash === hash || entry.executionId === executionId;
	const write = (task?: VideoTask) => {
		memory[key] = { hash, executionId, task };
	};

	return {
		recall() {
			const entry = memory[key];
			if (entry === undefined || !isSame(entry)) return 'new';
			const isEarlierTry = entry.executionId === executionId;
			if (isEarlierTry && entry.isDelivered) return 'new';
			if (entry.task) return entry.task;
			// In a later execution a person has seen the warning, and pressed Retry.
			return isEarlierTry ? 'sent' : 'new';
		},
		sending: () => write(),
		accepted: write,
		delivered() {
			const entry = memory[key];
			if (entry !== undefined) memory[key] = { ...entry, executionId, isDelivered: true };
		},
		forget: () => {
			delete memory[key];
		},
	};
}

/** The memory inside a node's context, which n8n hands out as any object. */
export function openMemory(context: Record<string, unknown>): Memory {
	const tasks = asObject(context.tasks) ?? {};
	context.tasks = tasks;
	return tasks as Memory;
}
