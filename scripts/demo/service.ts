import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { speedUpNodes } from '../../test/engine/support/clock';
import { chain, type Engine } from '../../test/engine/support/engine';
import { KIEAI_NODE } from '../../test/engine/support/world';
import { startSandbox } from '../../test/sandbox';
import type { Account } from './options';
import { runWorkflow } from './run';

/** The KieAI that the demo talks to. */
export interface Service {
	credentials: { kieAiApi: ICredentialDataDecryptedObject };
	/** Seconds at KieAI per second here. */
	speed: number;
	/** Since it was opened. */
	creditsSpent(): Promise<number>;
	close(): Promise<void>;
}

/** A 4K upgrade of 7.5 minutes takes 7.5 seconds. */
const SANDBOX_SPEED = 60;

/** A KieAI on this machine, and nodes whose minutes are as short as its own. */
export async function openSandboxService(): Promise<Service> {
	const sandbox = await startSandbox({ clockScale: SANDBOX_SPEED });
	const restoreClock = speedUpNodes(SANDBOX_SPEED);
	return {
		credentials: {
			kieAiApi: {
				apiKey: sandbox.apiKey,
				baseUrl: sandbox.apiUrl,
				uploadBaseUrl: sandbox.uploadUrl,
			},
		},
		speed: SANDBOX_SPEED,
		creditsSpent: async () => sandbox.ledger.reduce((sum, { credits }) => sum + credits, 0),
		async close() {
			restoreClock();
			await sandbox.close();
		},
	};
}

/** @param confirm is told the account's balance before anything is charged, and throws if that is not to be */
export async function openLiveService(
	engine: Engine,
	account: Account,
	signal: AbortSignal,
	confirm: (balance: number) => Promise<void>,
): Promise<Service> {
	const credentials = { kieAiApi: { ...account } };
	const readBalance = async () => {
		const run = await runWorkflow(engine, balanceWorkflow, signal, { credentials });
		return Number(run.json(BALANCE)[0]?.['creditBalance']);
	};
	const before = await readBalance();
	await confirm(before);
	return {
		credentials,
		speed: 1,
		creditsSpent: async () => before - (await readBalance()),
		close: async () => undefined,
	};
}

const BALANCE = 'Get credit balance';

const balanceWorkflow = chain(
	{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
	{
		name: BALANCE,
		type: KIEAI_NODE,
		parameters: { resource: 'account', operation: 'getCreditBalance' },
	},
);
