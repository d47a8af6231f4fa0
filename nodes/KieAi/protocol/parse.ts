/** Readers for what came over the wire: nothing foreign is trusted to have the type it should have. */

export type JsonObject = Record<string, unknown>;

export function asObject(value: unknown): JsonObject | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as JsonObject)
		: undefined;
}

/** Non-empty text, trimmed; numbers become text (IDs have been seen as both). */
export function asText(value: unknown): string | undefined {
	if (Number.isFinite(value)) return String(value);
	if (typeof value !== 'string') return undefined;
	const text = value.trim();
	return text === '' ? undefined : text;
}

export function asNumber(value: unknown): number | undefined {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/**
 * A list of texts, which KieAI sends as an array, as JSON text holding an array, as `[a, b]` without
 * quotes, or as one bare text. Anything else is an empty list.
 */
export function asTextList(value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap((entry) => asText(entry) ?? []);
	const text = asText(value);
	if (text === undefined) return [];
	const parsed = parseJson(text);
	if (Array.isArray(parsed)) return asTextList(parsed);
	if (parsed === null) return [];
	const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
	return inner.split(/,(?=\s|https?:\/\/)/).flatMap((entry) => asText(entry) ?? []);
}

/** ISO 8601 from milliseconds, from ISO 8601, or from `YYYY-MM-DD hh:mm:ss`, as KieAI gives it; 0 is no time yet. */
export function asIsoTime(value: unknown): string | undefined {
	const date = new Date(asNumber(value) ?? msOf(String(asText(value))));
	if (Number.isNaN(date.getTime()) || date.getTime() === 0) return undefined;
	const iso = date.toISOString();
	// A year of other than four digits is no time of KieAI's, and nobody could read it.
	return /^\d{4}-/.test(iso) ? iso : undefined;
}

/** A time without a zone is UTC here, and not the machine's own. */
function msOf(text: string): number {
	const parts = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(Z|[+-]\d{2}:?\d{2})?$/.exec(
		text,
	);
	return parts ? Date.parse(`${parts[1]}T${parts[2]}${parts[3] ?? 'Z'}`) : Number.NaN;
}
