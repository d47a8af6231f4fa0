import type { INodeProperties } from 'n8n-workflow';

import { getCreditBalance } from './getCreditBalance.operation';

export const operations = { getCreditBalance };

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
