import type { INodeProperties } from 'n8n-workflow';

import { toolDescriptionFields } from '../show';

export const toolDescriptions = toolDescriptionFields('account', {
	getCreditBalance:
		'See how many KieAI credits are left. Free of charge. Returns JSON with creditBalance, a number.',
});

export const fields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['account'] } },
		options: [
			{
				name: 'Get Credit Balance',
				value: 'getCreditBalance',
				action: 'Get credit balance',
				description: 'See how many credits are left. Free.',
			},
		],
		default: 'getCreditBalance',
	},
];
