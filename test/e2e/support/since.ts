import { N8N_VERSION } from '../../../scripts/n8n/installation';

/** Like `it`, for what n8n 1.x does otherwise; the test says how. */
export const itSince2 = N8N_VERSION.startsWith('1.') ? it.skip : it;
