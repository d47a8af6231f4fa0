/** Everything a sandbox consists of behind its servers, put together. */
import { EventEmitter } from 'node:events';

import { type Account, type LedgerEntry, openAccounts } from './accounts';
import { type CallbackSender, openCallbackSender, type RecordedCallback } from './callbacks';
import { startClock } from './clock';
import { readContract } from './contract';
import { type EndpointName, ENDPOINTS, type HostName } from './endpoints';
import { planFaults } from './faults';
import { type FileStore, openFileStore } from './files';
import type { Host } from './host';
import type { RecordedRequest, Serving } from './serving';
import type { Settings } from './settings';
import { callbackOf } from './shapes';
import { openTasks, type Task, type Tasks } from './tasks';

export type Hosts = Record<HostName, Host>;

export interface SandboxEvents {
	/** A request was answered, or its connection cut. */
	request: [RecordedRequest];
	/** An attempt at a callback has ended. */
	callback: [RecordedCallback];
	/** A task has started or ended. */
	task: [Task];
}

export interface World extends Serving {
	tasks: Tasks;
	files: FileStore;
	sender: CallbackSender;
	events: EventEmitter<SandboxEvents>;
	callbacks: RecordedCallback[];
	ledger: LedgerEntry[];
	violations: string[];
	defaultAccount: Account;
}

export interface DefaultAccount {
	apiKey?: string | undefined;
	hmacKey?: string | null | undefined;
	credits?: number | undefined;
}

/** @param now the base wall clock in ms */
export function openWorld(
	hosts: Hosts,
	settings: Settings,
	now: () => number,
	{ apiKey, hmacKey, credits }: DefaultAccount,
): World {
	const events = new EventEmitter<SandboxEvents>();
	const callbacks: RecordedCallback[] = [];
	const ledger: LedgerEntry[] = [];
	const violations: string[] = [];
	const tellViolation = (violation: string): void => void violations.push(violation);

	const clock = startClock(now, settings.clockScale);
	const accounts = openAccounts(clock, settings, ledger);
	const files = openFileStore(clock, settings, hosts.files.url);
	const contract = readContract(tellViolation);
	const faults = planFaults(
		(endpoint, ms) => hostsOf(hosts, endpoint).forEach((host) => host.refuse(ms)),
		() => hostsOf(hosts, '*').forEach((host) => host.reopen()),
	);
	const sender = openCallbackSender(clock, settings, callbacks, (callback) =>
		events.emit('callback', callback),
	);

	const callBack = (task: Task): void => {
		if (task.state === 'running' || task.callBackUrl === undefined) return;
		const body = callbackOf(task, settings);
		const name = task.kind === 'upgrade4k' ? 'upgrade4kFinished' : 'videoFinished';
		contract.checkCallback(name, body);
		const account = accounts.all().find(({ id }) => id === task.account);
		sender.send(task.callBackUrl, task.id, body, account);
	};
	const tasks = openTasks(clock, settings, files, (task) => {
		events.emit('task', task);
		callBack(task);
	});

	return {
		settings,
		clock,
		accounts,
		faults,
		contract,
		requests: [],
		tellViolation,
		onAnswered: (request) => events.emit('request', request),
		tasks,
		files,
		sender,
		events,
		callbacks,
		ledger,
		violations,
		defaultAccount: accounts.add({ key: apiKey, hmacKey, credits }),
	};
}

function hostsOf(hosts: Hosts, endpoint: EndpointName | '*'): Host[] {
	return endpoint === '*' ? Object.values(hosts) : [hosts[ENDPOINTS[endpoint].host]];
}
