import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { Connection, Readable } from '../connection';
import type { Clock } from '../protocol/clock';
import { KieAiError } from '../protocol/errors';
import { isPermanent, TransportError } from '../protocol/http';
import { RESULT_LIFETIME_DAYS } from '../protocol/limits';
import { asNumber, asObject, asText } from '../protocol/parse';
import { withRetries } from '../protocol/retry';
import { databaseLimit } from './database';
import { checkAddress, checkLink } from './link';

const MAX_REDIRECTS = 5;
const SILENCE_LIMIT_MS = 60_000;
const SILENCE_CHECK_MS = 5_000;

export interface Download {
	/** A link that KieAI gave, however old. */
	url: string;
	/** Without its ending, which the content type decides. */
	baseName: string;
	maxBytes: number;
}

/**
 * A file of KieAI's as n8n's binary data, streamed: never the whole film in memory. KieAI is asked for a fresh link
 * first, which renews an expired one and refuses what is not KieAI's own.
 * Throws a `KieAiError` that tells why there is no file.
 */
export async function downloadToBinary(
	context: IExecuteFunctions,
	connection: Connection,
	{ url, baseName, maxBytes }: Download,
): Promise<IBinaryData> {
	checkLink(url, connection);
	return await withRetries(
		'repeatable',
		async () => {
			const link = await connection.once.getFreshLink(url);
			const arrival: Arrival = { bytes: 0, isBroken: false };
			const over = new AbortController();
			const fallenSilent = breakOffSilence(arrival, connection.clock, over.signal);
			const stop = AbortSignal.any([
				fallenSilent,
				...(connection.signal ? [connection.signal] : []),
			]);
			try {
				const { body, mimeType } = await openFile(connection, link, {
					maxBytes,
					arrival,
					signal: stop,
				});
				const fileName = `${safeName(baseName)}.${endingOf(mimeType, link)}`;
				if (body.destroyed) throw interrupted(body.errored);
				watchSize(body, maxBytes, arrival);
				// n8n may come to it late, and then does not learn of what went wrong before.
				const brokenOff = new Promise<never>((_resolve, reject) => body.once('error', reject));
				const saving = context.helpers.prepareBinaryData(body, fileName, mimeType);
				return await Promise.race([saving, brokenOff]).catch((error: unknown) => {
					throw whyNotSaved(error, arrival);
				});
			} finally {
				over.abort();
			}
		},
		connection,
	);
}

/** How far a download has come. */
interface Arrival {
	bytes: number;
	/** The host broke off, or was given up. */
	isBroken: boolean;
}

/**
 * A host that falls silent is given up: HTTP itself would wait for ever.
 * @param over ends the watch
 * @returns aborted after a minute without a byte
 */
function breakOffSilence(arrival: Arrival, clock: Clock, over: AbortSignal): AbortSignal {
	const silence = new AbortController();
	const watch = async () => {
		let seen = 0;
		let silentMs = 0;
		while (silentMs < SILENCE_LIMIT_MS) {
			await clock.sleep(SILENCE_CHECK_MS, over);
			silentMs = arrival.bytes === seen ? silentMs + SILENCE_CHECK_MS : 0;
			seen = arrival.bytes;
		}
		silence.abort(new Error(`nothing came for ${SILENCE_LIMIT_MS / 1000} seconds`));
	};
	// Rejects when the download is over, which is how it should end.
	watch().catch(() => undefined);
	return silence.signal;
}

/** Only what the host broke off is worth another try; a full disk is not. */
function whyNotSaved(error: unknown, arrival: Arrival): KieAiError {
	if (error instanceof KieAiError) return error;
	if (arrival.isBroken) return interrupted(error);
	const { message, advice } = databaseLimit(error) ?? {
		message: 'n8n could not store the file',
		advice: `See n8n's own words: ${error instanceof Error ? error.message : String(error)}.`,
	};
	return new KieAiError(message, { outcome: 'unknown', transient: false, advice });
}

interface OpenedFile {
	body: Readable;
	mimeType: string;
}

/** Follows redirects by hand, so that each hop is checked like the first link. */
async function openFile(
	connection: Connection,
	link: string,
	{ maxBytes, arrival, signal }: { maxBytes: number; arrival: Arrival; signal: AbortSignal },
): Promise<OpenedFile> {
	let url = checkLink(link, connection);
	for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
		await checkAddress(url, connection);
		const { status, headers, body } = await connection
			.fetchPublic(url.toString(), signal)
			.catch((error: unknown) => {
				throw error instanceof TransportError ? interrupted(error) : error;
			});
		if (!isReadable(body)) throw noFile(status);
		// From here on: it may break off before anybody reads it.
		body.on('error', () => (arrival.isBroken = true));
		const location = asText(headers.location);
		if (status >= 300 && status < 400 && location !== undefined) {
			body.destroy();
			url = checkLink(
				URL.canParse(location, url.href) ? new URL(location, url.href).href : location,
				connection,
			);
			continue;
		}
		if (status !== 200) {
			body.destroy();
			throw noFile(status);
		}
		const mimeType = asText(headers['content-type'])?.toLowerCase().replace(/;.*/, '') ?? '';
		const size = asNumber(headers['content-length']) ?? 0;
		let isWanted = false;
		try {
			checkType(mimeType);
			if (size > maxBytes) throw tooLarge(maxBytes);
			isWanted = true;
		} finally {
			if (!isWanted) body.destroy();
		}
		return { body, mimeType: mimeType === '' ? 'video/mp4' : mimeType };
	}
	throw new KieAiError(`The file host redirected more than ${MAX_REDIRECTS} times`, {
		outcome: 'refused',
		transient: false,
	});
}

function isReadable(body: unknown): body is Readable {
	return typeof asObject(body)?.pipe === 'function';
}

/** Films, pictures, and what hosts call anything; a page means that the link leads somewhere else. */
function checkType(mimeType: string): void {
	if (
		mimeType === '' ||
		/^(video|image|audio)\/|^(application|binary)\/octet-stream$/.test(mimeType)
	)
		return;
	throw new KieAiError(`The file host sent '${mimeType}' where a film or a picture was expected`, {
		outcome: 'refused',
		transient: false,
		advice: 'Open the link in a browser to see what it leads to.',
	});
}

/**
 * Sees the bytes go by on their way to n8n. A listener would start the stream before n8n reads it, and another stream in
 * between takes a tenth of its speed.
 */
function watchSize(body: Readable, maxBytes: number, arrival: Arrival): void {
	const { emit } = body;
	body.emit = (event: string | symbol, ...of: unknown[]) => {
		if (event === 'data') {
			arrival.bytes += (of[0] as Buffer).length; // of a body that nobody has given an encoding
			if (arrival.bytes > maxBytes) body.destroy(tooLarge(maxBytes));
		}
		return emit.call(body, event, ...of);
	};
}

function tooLarge(maxBytes: number): KieAiError {
	return new KieAiError(`The file is larger than ${Math.floor(maxBytes / 1024 ** 2)} MB`, {
		outcome: 'refused',
		transient: false,
		advice: "Raise 'Maximum File Size (MB)' in the options.",
	});
}

function noFile(status: number): KieAiError {
	return new KieAiError(`The file host answered with HTTP status ${status}`, {
		outcome: 'refused',
		// A link may have expired between getting it and using it: the next try gets a new one.
		transient:
			status === 403 || status === 404 || status === 410 || status === 429 || status >= 500,
		code: status,
		advice: `KieAI keeps files for ${RESULT_LIFETIME_DAYS} days. Run the node again, or generate the video anew.`,
	});
}

function interrupted(error: unknown): KieAiError {
	return new KieAiError('The download broke off', {
		outcome: 'unknown',
		transient: !(error instanceof TransportError && isPermanent(error)),
		advice: `Run the node again; the film stays at KieAI for ${RESULT_LIFETIME_DAYS} days (${error instanceof Error ? error.message : 'no reason given'}).`,
	});
}

const ENDINGS: Record<string, string> = {
	'video/mp4': 'mp4',
	'video/quicktime': 'mov',
	'video/webm': 'webm',
	'image/jpeg': 'jpg',
	'image/png': 'png',
	'image/webp': 'webp',
};

function endingOf(mimeType: string, link: string): string {
	const named = /\.([a-z0-9]{3,4})$/.exec(new URL(link).pathname.toLowerCase())?.[1];
	const known = Object.values(ENDINGS).find((ending) => ending === named);
	return ENDINGS[mimeType] ?? known ?? 'mp4';
}

/** A name that no file system takes for a path. */
export function safeName(name: string): string {
	return (
		name
			.replace(/[^\w.-]+/g, '_')
			.replace(/^\.+/, '')
			.slice(0, 120) || 'kieai-file'
	);
}
