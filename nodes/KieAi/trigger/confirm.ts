import type { Client } from '../protocol/client';
import { KieAiError } from '../protocol/errors';
import { isFinal, type VideoTask } from '../protocol/video';

/**
 * What KieAI says when it is asked about a callback:
 * the task as KieAI knows it, `refuted`, or `later` where it cannot be asked now.
 */
export type Confirmation = VideoTask | 'refuted' | 'later';

/**
 * Asks KieAI about what a callback claims; what leaves the trigger is KieAI's answer, not the callback's.
 * @param claim the callback, with what our own proven parameter in its URL adds
 */
export async function confirm(claim: VideoTask, client: Client): Promise<Confirmation> {
	const record = await ask(async () => await client.getDetails(claim));
	if (claim.kind !== 'upgrade4k') {
		return typeof record === 'string' ? record : fromRecord(claim, record);
	}
	if (record === 'later') return 'later';
	if (record !== 'refuted' && isUpgradesOwn(record, claim)) return fromRecord(claim, record);
	return await confirmWithoutRecord(claim, client, record !== 'refuted');
}

/** Asks once: a callback waits for its answer, and comes again where KieAI is in trouble. */
async function ask<T>(question: () => Promise<T>): Promise<T | 'refuted' | 'later'> {
	return await question().catch((error: unknown) => {
		// With a bad key KieAI says nothing of the task.
		const isVerdict = error instanceof KieAiError && !error.transient && error.code !== 401;
		return isVerdict ? 'refuted' : 'later';
	});
}

/** Asked with the ID of the source, KieAI describes the source: another task, with other films, and finished. */
function isUpgradesOwn(record: VideoTask, claim: VideoTask): boolean {
	if (claim.sourceTaskId !== null) return claim.sourceTaskId !== claim.taskId;
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
		imageUrls: record.imageUrls.length > 0 ? record.imageUrls : claim.imageUrls,
		mediaIds: record.mediaIds.length > 0 ? record.mediaIds : claim.mediaIds,
		creditsConsumed: record.creditsConsumed ?? claim.creditsConsumed,
		confirmed: true,
	};
}

/**
 * A 4K upgrade under its source's ID has no record of its own: there each film's link is shown to KieAI, which refuses
 * what is not its own. That such an upgrade failed cannot be asked, and leaves unconfirmed.
 */
async function confirmWithoutRecord(
	claim: VideoTask,
	client: Client,
	isTaskKnown: boolean,
): Promise<Confirmation> {
	if (claim.status === 'failed') {
		return isTaskKnown || claim.sourceTaskId !== null ? claim : 'refuted';
	}
	const links = await Promise.all(
		claim.resultUrls.map(async (url) => await ask(async () => await client.getFreshLink(url))),
	);
	if (links.includes('refuted')) return 'refuted';
	return links.includes('later') ? 'later' : { ...claim, confirmed: true };
}
