import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { Connection } from '../connection';
import { isPrivate } from '../protocol/address';
import { asObject, asText, asTextList, parseJson } from '../protocol/parse';
import { inWords, type Range } from './ranges';

/** Input that cannot be sent: names the field as it stands on screen, and says what to do. */
export class InputError extends Error {
	constructor(
		message: string,
		readonly advice: string,
	) {
		super(message);
		this.name = 'InputError';
	}
}

export interface BinaryField {
	name: string;
	binary: IBinaryData;
}

/** One item's parameters, read and checked; every method throws an `InputError` for what cannot be used. */
export type ItemParameters = ReturnType<typeof readItem>;

export function readItem(context: IExecuteFunctions, itemIndex: number) {
	// Fields that are not on screen, as many are not in a tool, have no value at all.
	const raw = (name: string): unknown => context.getNodeParameter(name, itemIndex, null);
	const options = asObject(raw('options')) ?? {};

	function findBinary(name: string, label: string): BinaryField {
		const present = context.getInputData()[itemIndex]?.binary ?? {};
		const binary = present[name];
		if (binary !== undefined) return { name, binary };
		const names = Object.keys(present).map((each) => `'${each}'`);
		throw new InputError(
			`'${label}': the item has no binary field '${name}'`,
			names.length > 0
				? `It has ${names.join(', ')}.`
				: 'The item has no binary data. Check the node before this one.',
		);
	}

	return {
		itemIndex,
		/** What the node before put out. */
		json: context.getInputData()[itemIndex]?.json ?? {},

		text(name: string, label: string, advice: string, whenNotShown?: string): string {
			const text = asText(raw(name) ?? whenNotShown);
			if (text === undefined) throw new InputError(`'${label}' is empty`, advice);
			return text;
		},

		/** One of `allowed`, whose first is the default. */
		choice<T extends string>(name: string, allowed: readonly [T, ...T[]], label: string): T {
			const value = raw(name) ?? allowed[0];
			const found = allowed.find((candidate) => candidate === value);
			if (found !== undefined) return found;
			throw new InputError(
				`'${label}' is '${String(value)}'`,
				`Choose one of ${allowed.map((each) => `'${each}'`).join(', ')}.`,
			);
		},

		flag: (name: string, label: string, fallback: boolean): boolean =>
			checkedFlag(raw(name), label, fallback),

		/** Texts from a list parameter or an expression; empty ones are left out. */
		texts: (name: string): string[] => asTextList(raw(name)),

		number: (name: string, label: string, range: Range): number =>
			checkedNumber(raw(name) ?? range.min, label, range),

		/** A JSON object, typed in or from an expression; undefined where there is none. */
		jsonObject(name: string, label: string): IDataObject | undefined {
			const value = raw(name);
			if (value === undefined || value === null || value === '') return undefined;
			const object = asObject(typeof value === 'string' ? parseJson(value) : value);
			if (object === undefined) {
				throw new InputError(`'${label}' is not a JSON object`, 'Write it like {"row": 12}.');
			}
			return Object.keys(object).length === 0 ? undefined : (object as IDataObject);
		},

		binary(name: string, label: string): BinaryField {
			const field = asText(raw(name));
			if (field === undefined) {
				throw new InputError(
					`'${label}' is empty`,
					"Enter the name of a binary field, e.g. 'data'.",
				);
			}
			return findBinary(field, label);
		},

		/** Several binary fields, by names with commas between them. */
		binaries(name: string, label: string): BinaryField[] {
			const fields = (asText(raw(name)) ?? '').split(',').flatMap((field) => asText(field) ?? []);
			return fields.map((field) => findBinary(field, label));
		},

		option: {
			text: (name: string): string | undefined => asText(options[name]),
			flag: (name: string, label: string, fallback: boolean): boolean =>
				checkedFlag(options[name], label, fallback),
			number(name: string, label: string, range: Range & { fallback: number }): number {
				const value = options[name];
				if (value === undefined || value === '') return range.fallback;
				return checkedNumber(value, label, range);
			},
			isSet: (name: string): boolean => options[name] !== undefined && options[name] !== '',
		},
	};
}

/** A table may say true and false in words. */
function checkedFlag(value: unknown, label: string, fallback: boolean): boolean {
	if (value === undefined || value === null || value === '') return fallback;
	const word = String(value).toLowerCase();
	if (word === 'true' || word === 'false') return word === 'true';
	throw new InputError(`'${label}' is '${word}'`, 'Set it to true or false.');
}

function checkedNumber(value: unknown, label: string, range: Range): number {
	const { min, max, whole = false } = range;
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	if (
		typeof number === 'number' &&
		number >= min &&
		number <= max &&
		(!whole || Number.isInteger(number))
	) {
		return number;
	}
	throw new InputError(
		`'${label}' is '${String(value)}'`,
		`Enter ${whole ? 'a whole number' : 'a number'} ${inWords(range)}.`,
	);
}

/** An http(s) URL that KieAI can open. */
export function checkedUrl(value: string, label: string): string {
	const url = URL.canParse(value) ? new URL(value) : undefined;
	if (url?.protocol === 'https:' || url?.protocol === 'http:') return value;
	throw new InputError(
		`'${label}' is '${value}', which is not a URL that KieAI can open`,
		'Enter a URL that begins with https:// or http://.',
	);
}

type Place = Pick<Connection, 'localHost'>;

/** A callback URL that a person gave, or the KieAI Trigger left. */
export function checkedCallbackUrl(value: string, label: string, connection: Place): string {
	const url = checkedUrl(value, label);
	checkReachable(`'${label}' is '${value}'`, url, connection);
	return url;
}

/**
 * Refuses what only a local network knows, unless KieAI itself is here, as with the sandbox.
 * @param subject what is said to be out of reach
 */
export function checkReachable(subject: string, url: string, { localHost }: Place): void {
	const isReachable = URL.canParse(url) && !isPrivate(new URL(url).hostname);
	if (localHost !== undefined || isReachable) return;
	throw new InputError(
		`${subject}, where KieAI cannot reach n8n`,
		"Set n8n's WEBHOOK_URL to an address that is open to the internet, or use 'Check Until Ready'.",
	);
}
