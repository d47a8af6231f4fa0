/** Accounts, their credits and limits, and the ledger of everything that was charged. */
import { randomBytes } from 'node:crypto';

import type { Clock } from './clock';
import { SUBMISSION_WINDOW_MS, type Settings } from './settings';

export interface Account {
	id: string;
	key: string;
	/** Without one, callbacks are not signed. */
	hmacKey?: string;
	credits: number;
}

export interface NewAccount {
	key?: string | undefined;
	/** `null` makes an account whose callbacks are not signed. */
	hmacKey?: string | null | undefined;
	credits?: number | undefined;
}

export type ChargedOperation = 'generate' | 'extend' | 'upgrade4k';

export interface LedgerEntry {
	taskId: string;
	operation: ChargedOperation;
	credits: number;
	/** ID of the account. */
	account: string;
	/** Sandbox time in ms. */
	at: number;
}

export type Admission = 'ok' | 'tooMany' | 'tooPoor';

export interface Accounts {
	add(wanted: NewAccount): Account;
	/** The account that an `Authorization` header names, if any. */
	authenticate(authorization: string | undefined): Account | undefined;
	/** Counts a new task against the account's limit and says whether it may be charged. */
	admit(account: Account, credits: number): Admission;
	charge(account: Account, taskId: string, operation: ChargedOperation, credits: number): void;
	all(): Account[];
	clear(): void;
}

const PLENTY_CREDITS = 1_000_000;

export function openAccounts(clock: Clock, settings: Settings, ledger: LedgerEntry[]): Accounts {
	const byKey = new Map<string, Account>();
	const submissions = new Map<string, number[]>();
	let count = 0;

	return {
		add({ key, hmacKey, credits }) {
			count += 1;
			const account: Account = {
				id: `account_${count}`,
				key: key ?? `sk-sandbox-${randomBytes(12).toString('hex')}`,
				credits: credits ?? PLENTY_CREDITS,
			};
			if (hmacKey !== null) account.hmacKey = hmacKey ?? `hmac-${randomBytes(16).toString('hex')}`;
			byKey.set(account.key, account);
			return account;
		},

		authenticate(authorization) {
			const key = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
			return key === undefined ? undefined : byKey.get(key);
		},

		admit(account, credits) {
			const windowStart = clock.now() - SUBMISSION_WINDOW_MS;
			const recent = (submissions.get(account.id) ?? []).filter((at) => at > windowStart);
			submissions.set(account.id, recent);
			if (recent.length >= settings.submissionsPer10Seconds) return 'tooMany';
			recent.push(clock.now());
			return account.credits < credits ? 'tooPoor' : 'ok';
		},

		charge(account, taskId, operation, credits) {
			account.credits -= credits;
			ledger.push({ taskId, operation, credits, account: account.id, at: clock.now() });
		},

		all: () => [...byKey.values()],

		clear() {
			byKey.clear();
			submissions.clear();
			count = 0;
		},
	};
}
