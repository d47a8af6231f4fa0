import type { ShortOperation } from '../operation';

export const getCreditBalance: ShortOperation = {
	type: 'short',
	toolDescription:
		'See how many KieAI credits are left. Free of charge. Returns JSON with creditBalance, a number.',
	fields: [],
	read: () => ({}),
	run: async (_request, _itemIndex, { connection }) => ({
		json: { creditBalance: await connection.client.getCreditBalance() },
	}),
};
