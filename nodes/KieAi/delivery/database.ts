/** n8n's binary data mode `database`, its default in queue mode: how large a file may be there. */
import type { IBinaryData } from 'n8n-workflow';

import { asNumber } from '../protocol/parse';
import { RESULT_LIFETIME_DAYS } from '../protocol/limits';

/** n8n's default for this setting, which allows 1,024 at most (its `BinaryDataConfig`). Nodes are not told its value. */
const LIMIT_SETTING = 'N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE';
const DEFAULT_LIMIT_MB = 512;
/**
 * PostgreSQL sends a file as text of two characters a byte, and Node's longest text is 512 Mi characters: what is as
 * large as this can be stored, and never read again.
 */
const POSTGRES_LIMIT_MB = 256;
/** The share of the lower limit from which a file is near: the next film may well be a quarter longer. */
const NEAR_SHARE = 0.75;

const BYTES_PER_MB = 1024 ** 2;
const OTHER_WAYS = "pass its link ('videoUrl') on instead of the film, or let n8n keep files in S3";

/** What to say of files that n8n has stored, where one of them is near the limit. */
export function databaseHint(files: IBinaryData[]): string | undefined {
	const inDatabase = files.filter(({ id }) => id?.startsWith('database:'));
	const largest =
		Math.max(0, ...inDatabase.map(({ bytes }) => asNumber(bytes) ?? 0)) / BYTES_PER_MB;
	if (largest < POSTGRES_LIMIT_MB * NEAR_SHARE) return undefined;
	return `n8n keeps this film of ${Math.ceil(largest)} MB in its database, and holds it in memory on the way. PostgreSQL gives back no file of ${POSTGRES_LIMIT_MB} MB or more, and n8n takes none above ${DEFAULT_LIMIT_MB} MB unless ${LIMIT_SETTING} says otherwise. To be safe with larger ones, ${OTHER_WAYS}; 'Maximum File Size (MB)' refuses what is too large before it fills the memory.`;
}

/** Why n8n's database has not taken a file, where its size is the reason; by n8n's words, for want of a code. */
export function databaseLimit(error: unknown): { message: string; advice: string } | undefined {
	const limit = /max size limit of ([\d.]+) MB set for `database` mode/.exec(String(error))?.[1];
	if (limit === undefined) return undefined;
	return {
		message: `The file is larger than the ${limit} MB that n8n's database takes`,
		advice: `The film stays at KieAI for ${RESULT_LIFETIME_DAYS} days: ${OTHER_WAYS}. ${LIMIT_SETTING} can be raised to 1024; each file is held in memory.`,
	};
}
