import type { IDisplayOptions, INodeProperties, NodeParameterValue } from 'n8n-workflow';

export type Resource = 'account' | 'file' | 'veoVideo';

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

/** What an AI agent reads about an operation before it decides to call it. */
export function toolDescriptionField(
	resource: Resource,
	operation: string,
	text: string,
): INodeProperties {
	return {
		displayName: 'Tool Description',
		name: 'toolDescription',
		type: 'string',
		typeOptions: { rows: 3 },
		default: text,
		required: true,
		description:
			'What the AI agent is told about this tool: what it does, what it needs and what it costs',
		...show({ resource, operations: [operation], onlyInTools: true }),
	};
}
