import {
	NodeOperationError,
	type ICredentialDataDecryptedObject,
	type IExecuteFunctions,
	type IHookFunctions,
	type IHttpRequestOptions,
	type IWebhookFunctions,
} from 'n8n-workflow';

import { shareOverlaps } from './overlap';
import { isLoopback, isPrivate } from './protocol/address';
import { createClient, type Client } from './protocol/client';
import { systemClock, type Clock } from './protocol/clock';
import {
	BLOCKED,
	TransportError,
	type HttpRequest,
	type HttpResponse,
	type Send,
} from './protocol/http';
import { hideKeys } from './protocol/secrets';
import { API_BASE_URL, UPLOAD_BASE_URL } from './protocol/limits';
import { asObject, asText, type JsonObject } from './protocol/parse';
import { concurrencyGate } from './waiting/pace';
import { readCredential } from './waiting/reach';

export const CREDENTIAL_NAME = 'kieAiApi';

/** Requests of one run that are open at the same time; KieAI's answers are small and quick. */
const MAX_OPEN_REQUESTS = 50;

/** KieAI waits 15 s for an answer to its callback, and the answer may need two questions of ours. */
const QUICK_TIMEOUT_MS = 6_000;

export type NodeContext = IExecuteFunctions | IWebhookFunctions | IHookFunctions;

/** A KieAI account as a node uses it. */
export interface Connection {
	/** Tries again by itself, as far as that cannot cost anything. */
	client: Client;
	/** Asks once: for whoever asks again anyway. */
	once: Client;
	/** Asks once, and gives up soon: for whoever has a caller waiting. */
	quick: Client;
	clock: Clock;
	signal: AbortSignal | undefined;
	apiKey: string;
	/** Empty where the credential has none. */
	webhookHmacKey: string;
	/** Of the credential's base URL, where that is on this machine or in its private network, as with the sandbox. */
	localHost: string | undefined;
	/** Whether n8n finds the host of a public name inside its own network; false where this n8n cannot tell. */
	leadsInside: (url: URL) => Promise<boolean>;
	/** Fetches a public link, without the key: a film host needs none. */
	fetchPublic: (url: string, signal: AbortSignal) => Promise<PublicResponse>;
}

/** Node's readable stream, by the only way in which n8n's types name it. */
export type Readable = Awaited<ReturnType<IExecuteFunctions['helpers']['getBinaryStream']>>;

export interface PublicResponse {
	status: number;
	headers: Record<string, unknown>;
	/** A readable stream: never the whole film in memory. */
	body: unknown;
}

const overlapping = shareOverlaps<ICredentialDataDecryptedObject>();

/** Of callbacks of the same moment, one reads it: n8n's database and an engine for expressions are in it. */
async function readTriggerCredential(
	context: IWebhookFunctions,
): Promise<ICredentialDataDecryptedObject> {
	const { id, credentials } = context.getNode();
	const key = JSON.stringify([context.getWorkflow().id, id, credentials?.[CREDENTIAL_NAME]?.id]);
	return await overlapping(key, async () => await readCredential(context, CREDENTIAL_NAME));
}

/** Opens the node's credential. Throws a `NodeOperationError` for one that cannot be used. */
export async function connect(context: NodeContext): Promise<Connection> {
	const credential = await ('getBodyData' in context
		? readTriggerCredential(context)
		: context.getCredentials(CREDENTIAL_NAME));
	const baseUrl = readBaseUrl(context, credential, 'baseUrl', 'Base URL', API_BASE_URL);
	const uploadBaseUrl = readBaseUrl(
		context,
		credential,
		'uploadBaseUrl',
		'Upload Base URL',
		UPLOAD_BASE_URL,
	);
	const signal =
		'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	const apiKey = asText(credential.apiKey) ?? '';
	const webhookHmacKey = asText(credential.webhookHmacSecret) ?? '';
	const send = sendWithKey(
		context,
		credential,
		[baseUrl, uploadBaseUrl],
		[apiKey, webhookHmacKey],
		signal,
	);
	const { hostname } = new URL(baseUrl);
	const options = { send, baseUrl, uploadBaseUrl, clock: systemClock, signal };
	return {
		client: createClient(options),
		once: createClient({ ...options, maxAttempts: 1 }),
		quick: createClient({ ...options, maxAttempts: 1, timeoutMs: QUICK_TIMEOUT_MS }),
		clock: systemClock,
		signal,
		apiKey,
		webhookHmacKey,
		localHost: isPrivate(hostname) ? hostname : undefined,
		leadsInside: async (url) => await isRefusedByFilter(context, url),
		fetchPublic: async (...request) => await fetchWithoutKey(context, ...request),
	};
}

function readBaseUrl(
	context: NodeContext,
	credential: ICredentialDataDecryptedObject,
	field: string,
	label: string,
	fallback: string,
): string {
	const text = asText(credential[field]) ?? fallback;
	const url = URL.canParse(text) ? new URL(text) : undefined;
	const isSafe =
		url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
	const hasUser = url !== undefined && url.username + url.password !== '';
	if (isSafe && !hasUser) return text.replace(/\/+$/, '');
	throw new NodeOperationError(
		context.getNode(),
		`'${label}' of the KieAI credential must ${hasUser ? 'have no user name in it' : 'begin with https://'}`,
		{ description: `Open the credential and set '${label}' to ${fallback}.` },
	);
}

/**
 * Every request with the key goes through here. n8n's helper would send the key along with a redirect to another
 * host, and send a request again after an HTTP 401: neither can happen where redirects are off and HTTP errors are
 * read, not thrown.
 */
function sendWithKey(
	context: NodeContext,
	credential: ICredentialDataDecryptedObject,
	baseUrls: string[],
	keys: string[],
	signal: AbortSignal | undefined,
): Send {
	const open = concurrencyGate(MAX_OPEN_REQUESTS);
	const allowedDomains = baseUrls.map((url) => new URL(url).hostname).join(',');
	// Else n8n would read and decrypt it once more for every request; of this, it takes the data alone.
	const credentialsDecrypted = { id: '', name: '', type: CREDENTIAL_NAME, data: credential };

	return async (request) =>
		await open(async () => {
			const deadline = deadlineOf(request);
			const stops = [deadline, request.outlivesStop ? undefined : signal].filter(
				(stop) => stop !== undefined,
			);
			try {
				const response: unknown = await context.helpers.httpRequestWithAuthentication.call(
					withoutStop(context),
					CREDENTIAL_NAME,
					{
						...httpOptions(request, allowedDomains),
						abortSignal: AbortSignal.any(stops),
					},
					{ credentialsDecrypted },
				);
				const answer = httpResponse(response);
				return { ...answer, text: hideKeys(answer.text, keys) };
			} catch (error) {
				throw blockOf(error) ?? transportError(deadline?.aborted ? { code: 'ETIMEDOUT' } : error);
			}
		});
}

/** HTTP's own timeout is for silence: an answer that drips in would never end. A file on its way up may take longer. */
function deadlineOf(request: HttpRequest): AbortSignal | undefined {
	return isUpload(request) ? undefined : AbortSignal.timeout(request.timeoutMs);
}

/** Whatever is no JSON is a file. */
function isUpload({ headers }: HttpRequest): boolean {
	return headers?.['content-type'] !== undefined;
}

/** In place of what a request is told to stop by, n8n's helper puts the Stop signal of a context that has one. */
function withoutStop<T extends object>(context: T): T {
	return new Proxy(context, {
		has: (target, key) => key !== 'getExecutionCancelSignal' && key in target,
	});
}

function httpOptions(request: HttpRequest, allowedDomains: string): IHttpRequestOptions {
	const isJson = request.body !== undefined && !isUpload(request);
	return {
		method: request.method,
		url: request.url,
		...(request.query && { qs: request.query }),
		...(request.body && { body: isJson ? JSON.stringify(request.body) : (request.body as Buffer) }),
		headers: {
			accept: 'application/json',
			...(isJson && { 'content-type': 'application/json' }),
			...request.headers,
		},
		encoding: 'text',
		timeout: request.timeoutMs,
		disableFollowRedirect: true,
		ignoreHttpStatusErrors: true,
		returnFullResponse: true,
		sendCredentialsOnCrossOriginRedirect: false,
		allowedDomains,
	};
}

function httpResponse(response: unknown): HttpResponse {
	const { statusCode, headers, body } = asObject(response) ?? {};
	return {
		status: typeof statusCode === 'number' ? statusCode : 0,
		headers: asObject(headers) ?? {},
		text: typeof body === 'string' ? body : JSON.stringify(body ?? ''),
	};
}

/** Node's code says whether a connection was made. */
function transportError(error: unknown): unknown {
	for (const cause of causesOf(error)) {
		// n8n 1.x keeps no cause, and calls the code a status.
		const code = typeof cause.code === 'string' ? cause.code : asNetworkCode(cause.httpCode);
		if (code !== undefined) return new TransportError(code, code, asText(cause.syscall));
	}
	// Of an answer that breaks off, n8n 1.x keeps these words alone.
	const words = asText(asObject(error)?.message);
	if (words === 'stream has been aborted') return new TransportError(words, undefined);
	// Nothing of the network's: n8n itself refused, and says why.
	return error;
}

/** n8n's helpers wrap axios' error, sometimes twice. */
function* causesOf(error: unknown): Generator<JsonObject> {
	let cause = asObject(error);
	for (let depth = 0; cause !== undefined && depth < 5; depth++) {
		yield cause;
		cause = asObject(cause.cause);
	}
}

function blockOf(error: unknown): TransportError | undefined {
	const block = [...causesOf(error)].find(isBlocked);
	return block && new TransportError(String(block.message), BLOCKED);
}

/** n8n's own filter of addresses has kept a request back; n8n has it since 2.30. */
function isBlocked({ name }: { name?: unknown }): boolean {
	return typeof name === 'string' && name.startsWith('SsrfBlocked');
}

/** Node's own codes are words; a number would be the status of an answer. */
function asNetworkCode(code: unknown): string | undefined {
	return typeof code === 'string' && /^[A-Z][A-Z_]+$/.test(code) ? code : undefined;
}

/** Whether or not the filter is switched on for all requests. */
async function isRefusedByFilter({ helpers }: NodeContext, url: URL): Promise<boolean> {
	const { getSecureEgressFilter } = helpers as Partial<NodeContext['helpers']>;
	const checked = await getSecureEgressFilter?.('enforced').validateUrl(url);
	// A name that cannot be looked up here may be for a proxy to find.
	return checked?.ok === false && isBlocked(checked.error);
}

async function fetchWithoutKey(
	context: NodeContext,
	url: string,
	abortSignal: AbortSignal,
): Promise<PublicResponse> {
	try {
		const response: unknown = await context.helpers.httpRequest({
			method: 'GET',
			url,
			encoding: 'stream',
			disableFollowRedirect: true,
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
			abortSignal,
		});
		const { statusCode, headers, body } = asObject(response) ?? {};
		return {
			status: typeof statusCode === 'number' ? statusCode : 0,
			headers: asObject(headers) ?? {},
			body,
		};
	} catch (error) {
		throw transportError(error);
	}
}
