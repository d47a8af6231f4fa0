import { IS_N8N_1 } from '../../../scripts/n8n/installation';

/** Like `it`, for what n8n 1.x does otherwise; the test says how. */
export const itSince2 = IS_N8N_1 ? it.skip : it;
