/** KieAI's numbers, from its published pages; each stands here and nowhere else. */

export const API_BASE_URL = 'https://api.kie.ai';
export const UPLOAD_BASE_URL = 'https://kieai.redpandaai.co';

/** "Up to 20 new requests per 10 seconds" for one account; more are rejected, not queued. */
export const NEW_TASKS_PER_WINDOW = 20;
export const NEW_TASKS_WINDOW_MS = 10_000;

export const RESULT_LIFETIME_DAYS = 14;

export const SEED_MIN = 10_000;
export const SEED_MAX = 99_999;

/** How many videos a task may hold is not documented; an index above this is surely a mistake. */
export const INDEX_MAX = 99;
