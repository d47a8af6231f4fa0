import type { Client } from '../protocol/client';
import { KieAiError } from '../protocol/errors';
import { isFinal, type VideoTask } from '../protocol/video';

/**
 * What KieAI says when it is asked about a callback:
 * the task as KieAI knows it, `refuted`, or `later` where it cannot be asked now.
 */
export type Confirmation = VideoTask | 'refuted' | 'later';

/**
 * Asks KieAI about what a callback claims; what leaves the trigger is what KieAI confirmed, not the callback.
 * A 4K upgrade that runs under its source's ID has no record of its own: asked with that ID, KieAI describes the source.
 * @param claim the callback, with what our own proven parameter in its URL adds
 */
export async function confirm(claim: VideoTask, client: Client): Promise<Confirmation> {
	if (claim.kind === 'upgrade4k' && claim.sourceTaskId === claim.taskId) {
		return await confirmWithoutRecord(claim, client);
	}
	const record = await ask(async () => await client.getDetails(claim));
	if (record === 'later') return 'later';
	if (claim.kind !== 'upgrade4k') return record === 'refuted' ? record : fromRecord(claim, record);

	if (record !== 'refuted' && isUpgradesOwn(record, claim))
		return await fromOwnRecord(claim, record, client);
	// Nobody but KieAI and we know the source of an upgrade, where the callback's URL tells it.
	if (record === 'refuted' && claim.status === 'failed' && claim.sourceTaskId === null)
		return 'refuted';
	return await confirmWithoutRecord(claim, client);
}

/** Asks once: a callback waits for its answer, and comes again where KieAI is in trouble. */
async function ask<T>(question: () => Promise<T>): Promise<T | 'refuted' | 'later'> {
	return await question().catch((error: unknown) => (saysNo(error) ? 'refuted' : 'later'));
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
	if (!isFinal(record)) return 'later';
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
): Promise<Confirmation> {
	const task = fromRecord(claim, record);
	if (typeof task === 'string' || task.imageUrls.length > 0) return task;
	return { ...task, imageUrls: (await askForLinks(claim.imageUrls, client)).known };
}

/**
 * Each film's link is shown to KieAI, which refuses what is not its own. That an upgrade failed cannot be asked, and
 * leaves unconfirmed.
 */
async function confirmWithoutRecord(claim: VideoTask, client: Client): Promise<Confirmation> {
	if (claim.status === 'failed') return claim;
	const [films, images] = await Promise.all([
		askForLinks(claim.resultUrls, client),
		askForLinks(claim.imageUrls, client),
	]);
	if (films.isRefuted || films.known.length === 0) return films.isLater ? 'later' : 'refuted';
	if (films.isLater) return 'later';
	return {
		...claim,
		imageUrls: images.known,
		mediaIds: [],
		creditsConsumed: null,
		confirmed: true,
	};
}

interface Links {
	/** Those that KieAI made. */
	known: string[];
	isRefuted: boolean;
	isLater: boolean;
}

async function askForLinks(urls: string[], client: Client): Promise<Links> {
	const unique = [...new Set(urls)];
	const answers = await Promise.all(
		unique.map(async (url) => await ask(async () => await client.getFreshLink(url))),
	);
	return {
		known: unique.filter((_url, at) => answers[at] !== 'refuted' && answers[at] !== 'later'),
		isRefuted: answers.includes('refuted'),
		isLater: answers.includes('later'),
	};
}
