/**
 * A KieAI of our own, on the loopback: the Veo 3.1 endpoints, uploads and files, with accounts,
 * credits, callbacks and a clock that can be hurried – and with everything that may go wrong on
 * the way. Written from the service's description alone; it shares no code with the nodes.
 *
 * ```ts
 * const sandbox = await startSandbox({ clockScale: 1000 });
 * // … talk to sandbox.apiUrl with sandbox.apiKey …
 * await sandbox.close();
 * ```
 */
import type { Account, ChargedOperation, LedgerEntry, NewAccount } from './accounts';
import type { CallbackAttempt, RecordedCallback } from './callbacks';
import { serveCommon } from './common';
import { CONTROL_PREFIX, serveControl } from './control';
import type { EndpointName } from './endpoints';
import type { Fault, FaultPlan } from './faults';
import { serveFiles } from './fileHost';
import { openHost } from './host';
import { type ForeignRequest, openOtherHost, type OtherHost } from './otherHost';
import { type PlacedTask, placeTask } from './placing';
import { type RecordedAnswer, type RecordedRequest, refuseUnknownPaths } from './serving';
import {
	type Settings,
	type SettingsChange,
	settingsChangeSchema,
	settingsSchema,
} from './settings';
import type { Task, TaskState, Video } from './tasks';
import { serveUploads } from './uploads';
import { serveVeo } from './veo';
import { type Hosts, openWorld, type SandboxEvents, type World } from './world';

export type {
	Account,
	CallbackAttempt,
	ChargedOperation,
	EndpointName,
	Fault,
	ForeignRequest,
	LedgerEntry,
	NewAccount,
	OtherHost,
	PlacedTask,
	RecordedAnswer,
	RecordedCallback,
	RecordedRequest,
	SandboxEvents,
	Settings,
	SettingsChange,
	Task,
	TaskState,
	Video,
};

/** Settings, any of which may also change later, and what holds for the sandbox's whole life. */
export interface SandboxOptions extends SettingsChange {
	/** Ports to listen on; free ones unless told. */
	ports?: Partial<Record<'api' | 'upload' | 'files' | 'other', number>>;
	/** The base wall clock in ms, `Date.now` unless told. Sandbox time starts from it. */
	now?: () => number;
	/** The default account's. */
	apiKey?: string;
	hmacKey?: string | null;
	credits?: number;
}

export interface Sandbox {
	/** Base URLs, without a slash at the end. */
	apiUrl: string;
	uploadUrl: string;
	filesUrl: string;
	/** Nobody listens here: every connection is refused. */
	refusedUrl: string;
	/** Where the control routes are. */
	controlUrl: string;
	/** Of the default account, which has plenty of credits. */
	apiKey: string;
	/** Empty if the default account signs no callbacks. */
	hmacKey: string;
	otherHost: OtherHost;

	/** Sandbox time in ms. */
	now(): number;
	addAccount(account?: NewAccount): Account;
	/** The accounts, the default one first. Credits may be set on them at any time. */
	accounts(): Account[];
	/** Changes settings at runtime; tasks that run keep the time they were given. */
	configure(change: SettingsChange): void;
	faults: Pick<FaultPlan, 'add' | 'clear' | 'pending'>;

	requests: RecordedRequest[];
	callbacks: RecordedCallback[];
	ledger: LedgerEntry[];
	/** Whatever was sent or answered that does not fit the OpenAPI document. */
	violations: string[];

	addTask(task?: PlacedTask): Task;
	tasks(): Task[];
	/** Moves sandbox time forward; tasks that fall due end at once, callbacks set out. */
	advance(seconds: number): Promise<void>;
	/** Ends once no callback is on its way. Retries that wait for their time do not count. */
	settled(): Promise<void>;
	/** Back to the start: no tasks, records, faults or other accounts, the first settings. */
	reset(): Promise<void>;
	on<E extends keyof SandboxEvents>(event: E, listener: (...of: SandboxEvents[E]) => void): void;
	/** Ends everything and leaves no handle. */
	close(): Promise<void>;
}

/** No service has this reserved low port, and no process takes it by chance. */
const REFUSED_URL = 'http://127.0.0.1:2';

/** @throws if an option is unknown or a port is taken */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const { ports = {}, now = Date.now, apiKey, hmacKey, credits, ...given } = options;
	const settings = settingsSchema.parse(given);
	const hosts = {
		api: await openHost(ports.api ?? 0),
		upload: await openHost(ports.upload ?? 0),
		files: await openHost(ports.files ?? 0),
	};
	const otherHost = await openOtherHost(ports.other ?? 0);
	const world = openWorld(hosts, settings, now, { apiKey, hmacKey, credits });

	const closeAll = async (): Promise<void> => {
		world.clock.clear();
		await world.sender.stop();
		await Promise.all([...Object.values(hosts), otherHost].map((host) => host.close()));
		// A request that was under way may have planned something more.
		world.clock.clear();
		world.files.close();
	};
	const sandbox = sandboxOver(world, hosts, otherHost, closeAll);
	await serve(world, hosts, sandbox);
	return sandbox;
}

async function serve(world: World, hosts: Hosts, sandbox: Sandbox): Promise<void> {
	serveVeo(hosts.api.app, world, world.tasks);
	serveCommon(hosts.api.app, world, world.files);
	serveControl(hosts.api.app, sandbox);
	await serveUploads(hosts.upload.app, world, world.files);
	serveFiles(hosts.files.app, world, world.files);
	refuseUnknownPaths(hosts.api.app, world);
	refuseUnknownPaths(hosts.upload.app, world);
	await Promise.all(Object.values(hosts).map(async ({ app }) => await app.ready()));
}

function sandboxOver(
	world: World,
	hosts: Hosts,
	{ url, requests: foreignRequests }: OtherHost,
	close: () => Promise<void>,
): Sandbox {
	const { accounts, clock, defaultAccount, events, faults, tasks } = world;
	const firstAccount = { ...defaultAccount };
	const firstSettings = { ...world.settings };

	const configure = (change: SettingsChange): void => {
		const wanted = Object.entries(settingsChangeSchema.parse(change));
		const told = wanted.filter(([, value]) => value !== undefined);
		Object.assign(world.settings, Object.fromEntries(told));
		clock.setScale(world.settings.clockScale);
	};

	const reset = async (): Promise<void> => {
		clock.clear();
		await world.sender.stop();
		for (const part of [faults, tasks, world.files, accounts]) part.clear();
		accounts.add({ ...firstAccount, hmacKey: firstAccount.hmacKey ?? null });
		const { requests, callbacks, ledger, violations } = world;
		for (const list of [requests, callbacks, ledger, violations, foreignRequests]) list.length = 0;
		configure(firstSettings);
	};

	return {
		apiUrl: hosts.api.url,
		uploadUrl: hosts.upload.url,
		filesUrl: hosts.files.url,
		refusedUrl: REFUSED_URL,
		controlUrl: hosts.api.url + CONTROL_PREFIX,
		apiKey: firstAccount.key,
		hmacKey: firstAccount.hmacKey ?? '',
		otherHost: { url, requests: foreignRequests },
		now: () => clock.now(),
		addAccount: (account = {}) => accounts.add(account),
		accounts: () => accounts.all(),
		configure,
		faults,
		requests: world.requests,
		callbacks: world.callbacks,
		ledger: world.ledger,
		violations: world.violations,
		addTask: (task = {}) => placeTask(world, task),
		tasks: () => tasks.all(),
		advance: async (seconds) => await Promise.resolve(clock.advance(seconds)),
		settled: async () => await world.sender.settled(),
		reset,
		on: events.on.bind(events),
		close,
	};
}
