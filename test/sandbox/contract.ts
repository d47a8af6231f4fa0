/**
 * Holds what is said to the OpenAPI document. Whatever does not fit is told, never refused: the
 * sandbox goes on as the service would.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { z } from 'zod';

import { ENDPOINT_NAMES, ENDPOINTS, type EndpointName } from './endpoints';

export type CallbackName = 'videoFinished' | 'upgrade4kFinished';

export interface Contract {
	/** Checks a request's query and body. */
	checkRequest(endpoint: EndpointName, query: Record<string, string>, body: unknown): void;
	checkAnswer(endpoint: EndpointName, status: number, body: unknown): void;
	checkCallback(name: CallbackName, body: unknown): void;
}

const DOCUMENT_ID = 'openapi';

const documentSchema = z.object({
	paths: z.record(
		z.record(
			z.object({
				parameters: z
					.array(
						z.object({ name: z.string(), required: z.boolean().optional(), schema: z.unknown() }),
					)
					.optional(),
				requestBody: z.object({ content: z.record(z.unknown()) }).optional(),
				responses: z.record(z.unknown()),
			}),
		),
	),
});

type Document = z.output<typeof documentSchema>;

/** @param tell receives each mismatch as a sentence */
export function readContract(tell: (violation: string) => void): Contract {
	const raw: unknown = parse(readFileSync(join(__dirname, 'openapi.yaml'), 'utf8'));
	const document = documentSchema.parse(raw);
	const ajv = new Ajv2020({ strict: false, allErrors: true });
	addFormats(ajv);
	ajv.addSchema(documentSchema.passthrough().parse(raw), DOCUMENT_ID, undefined, false);

	const check = (what: string, pointer: string[], value: unknown): void => {
		const fragment = pointer.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'));
		const validate = ajv.getSchema(`${DOCUMENT_ID}#/${fragment.join('/')}`);
		if (validate === undefined) tell(`${what}: the document does not know it`);
		else report(what, validate, value, tell);
	};

	const queries = new Map(
		ENDPOINT_NAMES.map((name) => [name, queryValidator(document, name)] as const),
	);

	return {
		checkRequest(endpoint, query, body) {
			const validateQuery = queries.get(endpoint);
			// Numbers are read from text in place, so the check gets a copy.
			if (validateQuery) report(`query of ${endpoint}`, validateQuery, { ...query }, tell);

			const { method, path } = ENDPOINTS[endpoint];
			const verb = method.toLowerCase();
			const operation = document.paths[path]?.[verb];
			const mediaType = Object.keys(operation?.requestBody?.content ?? {})[0];
			if (mediaType === undefined) {
				if (body !== undefined) tell(`request of ${endpoint}: it takes no body`);
				return;
			}
			const pointer = ['paths', path, verb, 'requestBody', 'content', mediaType, 'schema'];
			check(`request of ${endpoint}`, pointer, body);
		},

		checkAnswer(endpoint, status, body) {
			const { method, path } = ENDPOINTS[endpoint];
			const responses = ['paths', path, method.toLowerCase(), 'responses', `${status}`];
			check(
				`answer of ${endpoint} (${status})`,
				[...responses, 'content', 'application/json', 'schema'],
				body,
			);
		},

		checkCallback(name, body) {
			const content = ['webhooks', name, 'post', 'requestBody', 'content'];
			check(`callback ${name}`, [...content, 'application/json', 'schema'], body);
		},
	};
}

/** Queries arrive as text, so numbers in them are read from text. */
function queryValidator(document: Document, endpoint: EndpointName): ValidateFunction {
	const { method, path } = ENDPOINTS[endpoint];
	const parameters = document.paths[path]?.[method.toLowerCase()]?.parameters ?? [];
	return addFormats(new Ajv2020({ strict: false, allErrors: true, coerceTypes: true })).compile({
		type: 'object',
		additionalProperties: false,
		properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
		required: parameters.filter(({ required }) => required).map(({ name }) => name),
	});
}

function report(
	what: string,
	validate: ValidateFunction,
	value: unknown,
	tell: (violation: string) => void,
): void {
	if (validate(value)) return;
	const reasons = (validate.errors ?? []).map(describe);
	tell(`${what}: ${[...new Set(reasons)].join('; ')}`);
}

function describe({ instancePath, message = 'does not fit', params }: ErrorObject): string {
	const extra = 'additionalProperty' in params ? ` (${params.additionalProperty})` : '';
	return `${instancePath || 'it'} ${message}${extra}`;
}
