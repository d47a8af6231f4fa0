import type { ShortOperation } from '../operation';

export const getCreditBalance: ShortOperation = {
	type: 'short',
	read: () => ({}),
	run: async (_request, _itemIndex, { connection }) => ({
		json: { creditBalance: await connection.client.getCreditBalance() },
	}),
};
