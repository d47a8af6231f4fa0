import { N8N_VERSION } from '../../../scripts/n8n/installation';

export const IS_N8N_1 = N8N_VERSION.startsWith('1.');

/** Like `it`, for what n8n 1.x does otherwise; the test says how. */
export const itSince2 = IS_N8N_1 ? it.skip : it;
