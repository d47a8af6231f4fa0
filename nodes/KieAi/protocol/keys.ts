import type { IDataObject } from 'n8n-workflow';

/** What is shorter is no key of KieAI's, and could be part of any word. */
const MIN_KEY_CHARACTERS = 8;

/** What KieAI's words repeat of the keys goes no further: it could end in items, errors and logs. */
export function hideKeys(text: string, keys: string[]): string {
	return keys
		.filter((key) => key.length >= MIN_KEY_CHARACTERS)
		.flatMap((key) => [key, JSON.stringify(key).slice(1, -1), key.replaceAll('/', '\\/')])
		.reduce((hidden, key) => hidden.replaceAll(key, '[key]'), text);
}

/**
 * The same for JSON that has been read.
 * @returns undefined for what is nested deeper than JSON can be written
 */
export function withoutKeys(json: unknown, keys: string[]): unknown {
	try {
		return JSON.parse(hideKeys(JSON.stringify(json), keys));
	} catch {
		return undefined;
	}
}

/** Of a request that KieAI repeats, in JSON or in JSON text within it, however often escaped: up to the same quote. */
const CALLBACK_URL = /(call_?back_?url\\*"\s*:\s*(\\*)").*?(?=\2")/gis;

/**
 * KieAI's data without what opens a paused execution: whoever reads an item must not learn that.
 * @returns nothing for what is nested deeper than JSON can be written
 */
export function withoutCallbackUrl(json: object): IDataObject {
	try {
		return JSON.parse(JSON.stringify(json).replace(CALLBACK_URL, '$1hidden')) as IDataObject;
	} catch {
		return {};
	}
}
