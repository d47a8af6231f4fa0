import type { Client } from './client';
import { KieAiError } from './errors';
import { hasRecord, isFinal, type VideoTask } from './video';

/**
 * What KieAI says when it is asked about a callback: the task as KieAI knows it, `refuted`, `unfinished` where KieAI
 * is still at it, or `unreachable` where it cannot be asked now.
 */
export type Confirmation = VideoTask | 'refuted' | 'unfinished' | 'unreachable';

export interface ConfirmOptions {
	/** KieAI's signature, or what our own node wrote into the URL, says that KieAI sent it. */
	isProven: boolean;
	/** Takes the links of previews as they came, where the callback's URL was a secret. */
	trustPreviews?: boolean;
}

/**
 * Asks KieAI about what a callback claims; what leaves the trigger is what KieAI confirmed, not the callback.
 * A 4K upgrade that runs under its source's ID has no record of its own: asked with that ID, KieAI describes the source.
 * @param claim the callback, with what our own proven parameter in its URL adds
 */
export async function confirm(
	claim: VideoTask,
	client: Client,
	options: ConfirmOptions,
): Promise<Confirmation> {
	if (!hasRecord(claim)) {
		return await confirmWithoutRecord(claim, client, options);
	}
	const record = await ask(async () => await client.getDetails(claim));
	if (record === 'unreachable') return record;
	if (claim.kind !== 'upgrade4k') return record === 'refuted' ? record : fromRecord(claim, record);

	if (record !== 'refuted' && isUpgradesOwn(record, claim))
		return await fromOwnRecord(claim, record, client, options);
	// KieAI may keep no record of an upgrade: a stranger could make one up, with a film of his own. Of a failed one there
	// is no film to ask about, and nobody but KieAI and we know its source, where the callback's URL tells it.
	const isKnown = options.isProven && (claim.status !== 'failed' || claim.sourceTaskId !== null);
	if (record === 'refuted' && !isKnown) return 'refuted';
	return await confirmWithoutRecord(claim, client, options);
}

/** Asks once: a callback waits for its answer, and comes again where KieAI is in trouble. */
async function ask<T>(question: () => Promise<T>): Promise<T | 'refuted' | 'unreachable'> {
	return await question().catch((error: unknown) => (saysNo(error) ? 'refuted' : 'unreachable'));
}

/** Only KieAI's own no counts: a page of a proxy, a bad key or a feature that is off says nothing of the task. */
function saysNo(error: unknown): boolean {
	if (!(error instanceof KieAiError) || !error.isFinalWord) return false;
	return error.code !== 401 && error.code !== 402 && error.code !== 505;
}

/**
 * A record with other films is the source's. Of a failure's, one with a film may be too, unless the source has another
 * ID; and one that is not final yet may lag behind.
 */
function isUpgradesOwn(record: VideoTask, claim: VideoTask): boolean {
	if (claim.status === 'failed') {
		const hasFilm = record.status === 'succeeded' && claim.sourceTaskId !== null;
		return record.status === 'failed' || hasFilm;
	}
	return record.resultUrls.some((url) => claim.resultUrls.includes(url));
}

function fromRecord(claim: VideoTask, record: VideoTask): Confirmation {
	if (!isFinal(record)) return 'unfinished';
	if (record.status !== claim.status) return 'refuted';
	return {
		...record,
		videoTaskId: claim.videoTaskId,
		metadata: claim.metadata,
		errorMessage: record.errorMessage ?? claim.errorMessage,
		confirmed: true,
	};
}

/** A record knows no previews; the callback's are shown to KieAI. */
async function fromOwnRecord(
	claim: VideoTask,
	record: VideoTask,
	client: Client,
	options: ConfirmOptions,
): Promise<Confirmation> {
	const task = fromRecord(claim, record);
	if (typeof task === 'string' || task.imageUrls.length > 0) return task;
	return { ...task, imageUrls: await confirmPreviews(claim, client, options) };
}

/**
 * Each film's link is shown to KieAI, which refuses what is not its own. That an upgrade failed cannot be asked, and
 * leaves unconfirmed.
 */
async function confirmWithoutRecord(
	claim: VideoTask,
	client: Client,
	options: ConfirmOptions,
): Promise<Confirmation> {
	if (claim.status === 'failed') return claim;
	if (claim.resultUrls.length === 0) return 'refuted';
	// One by one, and nothing more once one is not KieAI's: nobody shall have many questions asked with the key.
	for (const url of new Set(claim.resultUrls)) {
		const link = await askForLink(url, client);
		if (link === 'refuted' || link === 'unreachable') return link;
	}
	return {
		...claim,
		imageUrls: await confirmPreviews(claim, client, options),
		mediaIds: [],
		creditsConsumed: null,
		confirmed: true,
	};
}

async function confirmPreviews(
	{ imageUrls }: VideoTask,
	client: Client,
	{ trustPreviews = false }: ConfirmOptions,
): Promise<string[]> {
	if (trustPreviews) return imageUrls;
	const unique = [...new Set(imageUrls)];
	const links = await Promise.all(unique.map(async (url) => await askForLink(url, client)));
	return unique.filter((_url, at) => links[at] !== 'refuted' && links[at] !== 'unreachable');
}

/** KieAI renews the links of what it has made, and refuses others. */
async function askForLink(url: string, client: Client): Promise<string> {
	return await ask(async () => await client.getFreshLink(url));
}
