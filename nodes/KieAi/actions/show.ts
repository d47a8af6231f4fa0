import type { IDisplayOptions, INodeProperties, NodeParameterValue } from 'n8n-workflow';

import type { Operations } from './router';

type Resource = keyof Operations;

interface Where {
	resource: Resource;
	operations: string[];
	/** Further parameters that must have one of these values. */
	when?: Record<string, NodeParameterValue[]>;
	/** Left out where the node is an AI agent's tool. */
	notInTools?: boolean;
	onlyInTools?: boolean;
}

/** When a field is on screen. */
export function show({ resource, operations, when, notInTools, onlyInTools }: Where): {
	displayOptions: IDisplayOptions;
} {
	return {
		displayOptions: {
			show: {
				resource: [resource],
				operation: operations,
				...when,
				...(onlyInTools && { '@tool': [true] }),
			},
			...(notInTools && { hide: { '@tool': [true] } }),
		},
	};
}

/** What an AI agent reads about each operation of a resource before it decides to call it. */
export function toolDescriptionFields<Name extends Resource>(
	resource: Name,
	texts: Record<keyof Operations[Name] & string, string>,
): INodeProperties[] {
	return Object.entries<string>(texts).map(([operation, text]) => ({
		displayName: 'Tool Description',
		name: 'toolDescription',
		type: 'string',
		typeOptions: { rows: 6 },
		default: text,
		required: true,
		description:
			'What the AI agent is told about this tool: what it does, what it needs and what it costs',
		...show({ resource, operations: [operation], onlyInTools: true }),
	}));
}

/**
 * A text field in two versions: as people fill it in, and, where the node is an AI agent's tool, filled in by the model
 * from the start.
 * @param key what the model knows the value by
 */
export function alsoForModel(field: INodeProperties, where: Where, key: string): INodeProperties[] {
	const description = String(field.description).replace(/'/g, '’');
	return [
		{ ...field, ...show({ ...where, notInTools: true }) },
		{
			...field,
			default: `={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${key}', \`${description}\`, 'string') }}`,
			...show({ ...where, onlyInTools: true }),
		},
	];
}
