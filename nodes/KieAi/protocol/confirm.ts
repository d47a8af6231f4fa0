import type { Client } from './client';
import { KieAiError } from './errors';
import { hasRecord, isFinal, type VideoTask } from './video';

/**
 * What KieAI says when it is asked about a callback: the task as KieAI knows it, `refuted`, `unfinished` where KieAI
 * is still at it, or `unreachable` where it cannot be asked now.
 */
export type Confirmation = VideoTask | 'refuted' | 'unfinished' | 'unreachable';

export interface ConfirmOptions {
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
	options: ConfirmOptions = {},
): Promise<Confirmation> {
	if (!hasRecord(claim)) {
		return await confirmWithoutRecord(claim, client, options);
	}
	const record = await ask(async () => await client.getDetails(claim));
	if (record === 'unreachable') return record;
	if (claim.kind !== 'upgrade4k') return record === 'refuted' ? record : fromRecord(claim, record);

	if (record !== 'refuted' && isUpgradesOwn(record, claim))
		return await fromOwnRecord(claim, record, client, options);
	// Nobody but KieAI and we know the source of an upgrade, where the callback's URL tells it.
	if (record === 'refuted' && claim.status === 'failed' && claim.sourceTaskId === null)
		return 'refuted';
	return await confirmWithoutRecord(claim, client, options);
}

/** Asks once: a callback waits for its answer, and comes again where KieAI is in trouble. */
async function ask<T>(question: () => Promise<T>): Promise<T | 'refuted' | 'unreachable'> {
	return await question().catch((error: unknown) => (saysNo(error) ? 'refuted' : 'unreachable'));
}

/** Only KieAI's own no counts: a page of a proxy, a bad key or a feature that is off says nothing of the task. */
function saysNo(error: unknown): boolean {
	if (!(error instanceof KieAiError) || !error.isAnswer || error.transient) return false;
	return error.code !== 401 && error.code !== 402 && error.code !== 505;
}

/** A record with other films is the source's. */
function isUpgradesOwn(record: VideoTask, claim: VideoTask): boolean {
	if (claim.status === 'failed') return record.status === 'failed';
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
	const [films, imageUrls] = await Promise.all([
		askForLinks(claim.resultUrls, client),
		confirmPreviews(claim, client, options),
	]);
	if (films.isUnknown) return 'unreachable';
	if (films.isRefuted || films.known.length === 0) return 'refuted';
	return {
		...claim,
		imageUrls,
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
	return trustPreviews ? imageUrls : (await askForLinks(imageUrls, client)).known;
}

interface Links {
	/** Those that KieAI made. */
	known: string[];
	isRefuted: boolean;
	/** KieAI could not be asked about one of them. */
	isUnknown: boolean;
}

async function askForLinks(urls: string[], client: Client): Promise<Links> {
	const unique = [...new Set(urls)];
	const answers = await Promise.all(
		unique.map(async (url) => await ask(async () => await client.getFreshLink(url))),
	);
	return {
		known: unique.filter((_url, at) => answers[at] !== 'refuted' && answers[at] !== 'unreachable'),
		isRefuted: answers.includes('refuted'),
		isUnknown: answers.includes('unreachable'),
	};
}
