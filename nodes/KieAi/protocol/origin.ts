import { createHmac } from 'node:crypto';

import { asNumber, asObject, asText, parseJson } from './parse';
import { isSame } from './signature';
import type { Metadata, TaskKind } from './video';

/**
 * What the node that starts a task writes into its callback URL, because KieAI's callback does not carry it:
 * one query parameter, `<base64url of JSON>.<HMAC>`, keyed with the credential's API key.
 */
export interface Origin {
	kind: TaskKind;
	sourceTaskId?: string;
	index?: number;
	metadata?: Metadata;
	/** Which item of which run of a parked node waits for it. */
	item?: number;
	run?: number;
}

export const ORIGIN_PARAMETER = 'kieai';

/** Any KieAI Trigger that has the same API key. */
const TRIGGER = 'callback-origin';

const KINDS: readonly TaskKind[] = ['generate', 'extend', 'upgrade4k'];

/** @param audience who is to be called: what is signed for one execution opens no other, and no trigger */
export function addOrigin(
	callbackUrl: string,
	origin: Origin,
	apiKey: string,
	audience = TRIGGER,
): string {
	const payload = Buffer.from(JSON.stringify(origin)).toString('base64url');
	// Added by hand: URLSearchParams would write the rest of the query anew, and break signed URLs.
	// Quotes would end it where it is to be hidden.
	const url = callbackUrl.replace(/#.*/, '').replaceAll('"', '%22');
	const separator = url.includes('?') ? '&' : '?';
	return `${url}${separator}${ORIGIN_PARAMETER}=${payload}.${proofOf(payload, apiKey, audience)}`;
}

/** @returns undefined unless this is what `addOrigin` wrote with the same key, for the same audience */
export function readOrigin(
	parameter: unknown,
	apiKey: string,
	audience = TRIGGER,
): Origin | undefined {
	if (typeof parameter !== 'string' || apiKey === '') return undefined;
	const dot = parameter.indexOf('.');
	const payload = parameter.slice(0, dot);
	if (!isSame(parameter.slice(dot + 1), proofOf(payload, apiKey, audience))) return undefined;
	const origin = asObject(parseJson(Buffer.from(payload, 'base64url').toString())) ?? {};
	const kind = KINDS.find((each) => each === origin.kind);
	if (kind === undefined) return undefined;
	const sourceTaskId = asText(origin.sourceTaskId);
	const index = asNumber(origin.index);
	const metadata = asObject(origin.metadata);
	const item = asNumber(origin.item);
	const run = asNumber(origin.run);
	return {
		kind,
		...(sourceTaskId !== undefined && { sourceTaskId }),
		...(index !== undefined && { index }),
		...(metadata !== undefined && { metadata: metadata as Metadata }),
		...(item !== undefined && { item }),
		...(run !== undefined && { run }),
	};
}

function proofOf(payload: string, apiKey: string, audience: string): string {
	return createHmac('sha256', apiKey).update(`${audience}.${payload}`).digest('base64url');
}
