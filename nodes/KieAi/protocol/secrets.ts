/** What is shorter is no key of KieAI's, and could be part of any word. */
const MIN_KEY_CHARACTERS = 8;

/** What KieAI's words repeat of the keys goes no further: it could end in items, errors and logs. */
export function hideKeys(text: string, keys: string[]): string {
	return keys
		.filter((key) => key.length >= MIN_KEY_CHARACTERS)
		.flatMap((key) => [key, JSON.stringify(key).slice(1, -1), key.replaceAll('/', '\\/')])
		.reduce((hidden, key) => hidden.replaceAll(key, '[key]'), text);
}

/** Of a request that KieAI repeats, in JSON or in JSON text within it, however often escaped: a URL has no quotes. */
const CALLBACK_URL = /(call_?back_?url\\*"\s*:\s*\\*")(?:[^"\\]+|\\+(?!["\\]))*/gi;

/**
 * The same for JSON that has been read; and without callback URLs, which open a paused execution and prove callbacks.
 * @returns undefined for what is nested deeper than JSON can be written
 */
export function withoutSecrets(json: unknown, keys: string[] = []): unknown {
	try {
		const text = hideKeys(JSON.stringify(json), keys);
		return JSON.parse(text.replace(CALLBACK_URL, '$1hidden'));
	} catch {
		return undefined;
	}
}
