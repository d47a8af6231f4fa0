/** Faults on demand: what may go wrong on the way to the service and back. */
import { z } from 'zod';

import { ENDPOINT_NAMES, type EndpointName } from './endpoints';

const target = {
	/** Which endpoint it hits; `*` is every one. */
	endpoint: z.enum([...ENDPOINT_NAMES, '*']),
	/** How many requests it hits; 1 unless told. */
	times: z.union([z.number().int().positive(), z.literal('always')]).optional(),
	/** How many matching requests it lets pass first. */
	after: z.number().int().nonnegative().optional(),
};

/** Before the work (nothing starts, nothing is charged) or after it; `before` unless told. */
const when = z.enum(['before', 'after']).optional();

export const faultSchema = z.discriminatedUnion('kind', [
	/**
	 * The endpoint's whole host stops listening, for `ms` real milliseconds or until cleared. On the
	 * API host that takes the control routes away too, so over HTTP it wants an `ms`.
	 */
	z.object({ ...target, kind: z.literal('refuse'), ms: z.number().positive().optional() }).strict(),
	/** The connection is cut before any work is done. */
	z.object({ ...target, kind: z.literal('resetBefore') }).strict(),
	/** The work is done and charged, then the connection is cut. */
	z.object({ ...target, kind: z.literal('resetAfter') }).strict(),
	/** The answer comes `ms` real milliseconds late. */
	z.object({ ...target, kind: z.literal('delay'), ms: z.number().nonnegative(), when }).strict(),
	/** The answer never comes. */
	z.object({ ...target, kind: z.literal('hang'), when }).strict(),
	/** HTTP 429 with its envelope; `retryAfter` is seconds or an HTTP date. */
	z
		.object({
			...target,
			kind: z.literal('status429'),
			retryAfter: z.union([z.number(), z.string()]).optional(),
		})
		.strict(),
	/** An envelope with this code, under HTTP 200 unless told. */
	z
		.object({
			...target,
			kind: z.literal('code'),
			code: z.number().int(),
			msg: z.string().optional(),
			data: z.unknown().optional(),
			httpStatus: z.number().int().optional(),
			when,
		})
		.strict(),
	/** Any HTTP answer. */
	z
		.object({
			...target,
			kind: z.literal('http'),
			status: z.number().int(),
			body: z.string().optional(),
			headers: z.record(z.string()).optional(),
			when,
		})
		.strict(),
	/** A proxy's HTML page, 502 unless told. */
	z
		.object({ ...target, kind: z.literal('html'), status: z.number().int().optional(), when })
		.strict(),
	/** A redirect, 302 unless told. */
	z
		.object({
			...target,
			kind: z.literal('redirect'),
			redirectTo: z.string(),
			status: z.number().int().optional(),
			when,
		})
		.strict(),
	/** The true answer, cut in half, under the length of the half. */
	z.object({ ...target, kind: z.literal('truncated') }).strict(),
	/** The true answer without its body. */
	z.object({ ...target, kind: z.literal('empty') }).strict(),
	/** The true answer in a shape that it should not have: texts as numbers, lists as texts, or no `data` at all. */
	z
		.object({
			...target,
			kind: z.literal('reshape'),
			as: z.enum(['numbersForTexts', 'textsForLists', 'noData']),
		})
		.strict(),
	/** A JSON answer that does not end for this many bytes. */
	z.object({ ...target, kind: z.literal('huge'), bytes: z.number().int().positive() }).strict(),
	/** The true answer in small pieces with pauses of real milliseconds. */
	z
		.object({
			...target,
			kind: z.literal('drip'),
			pauseMs: z.number().nonnegative(),
			pieceBytes: z.number().int().positive().optional(),
		})
		.strict(),
	/** The true answer, with the connection cut after some bytes of its body. */
	z
		.object({
			...target,
			kind: z.literal('resetMidway'),
			afterBytes: z.number().int().nonnegative(),
		})
		.strict(),
	/** The true answer, silent after some bytes of its body, on a connection that stays open. */
	z
		.object({ ...target, kind: z.literal('stall'), afterBytes: z.number().int().nonnegative() })
		.strict(),
	/** The true answer under another content type. */
	z.object({ ...target, kind: z.literal('contentType'), contentType: z.string() }).strict(),
]);

export type Fault = z.output<typeof faultSchema>;

export interface FaultPlan {
	/** Faults are tried in the order of their adding; each request meets one at most. */
	add(fault: Fault): void;
	clear(): void;
	/** The fault that the next request to an endpoint meets; counts as that request. */
	take(endpoint: EndpointName): Fault | undefined;
	/** Faults that have not been used up. */
	pending(): Fault[];
}

/** @param refuse makes an endpoint's host stop listening; @param reopen undoes it everywhere */
export function planFaults(
	refuse: (endpoint: EndpointName | '*', ms: number | undefined) => void,
	reopen: () => void,
): FaultPlan {
	let planned: Array<{ fault: Fault; seen: number; used: number }> = [];

	const isOpen = ({ fault, used }: { fault: Fault; used: number }): boolean =>
		fault.times === 'always' || used < (fault.times ?? 1);

	return {
		add(fault) {
			if (fault.kind === 'refuse') refuse(fault.endpoint, fault.ms);
			else planned.push({ fault, seen: 0, used: 0 });
		},
		clear() {
			planned = [];
			reopen();
		},
		take(endpoint) {
			const matching = planned.filter(
				({ fault }) => fault.endpoint === '*' || fault.endpoint === endpoint,
			);
			for (const entry of matching) entry.seen += 1;
			const hit = matching.find((entry) => isOpen(entry) && entry.seen > (entry.fault.after ?? 0));
			if (hit === undefined) return undefined;
			hit.used += 1;
			return hit.fault;
		},
		pending: () => planned.filter(isOpen).map(({ fault }) => fault),
	};
}
