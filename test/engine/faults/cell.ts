/** One cell of the matrix: runs a node, lets the fault strike it, and tells what became of it. */
import { inspect } from 'node:util';

import type { IDataObject } from 'n8n-workflow';

import type { EndpointName, RecordedRequest, Sandbox } from '../../sandbox';
import { ENDPOINTS } from '../../sandbox/endpoints';
import { errorText, nodeClock, sent } from '../support/action';
import type { ParkingWorld } from '../support/parking';
import type { Run } from '../support/types';
import type { World } from '../support/world';
import { breakConnections } from './connections';
import type { Leaves } from './faults';
import { meaningOf, type Cell, type Outcome } from './rules';

export interface Observed {
	/** Or what happened instead of anything that may. */
	outcome: Outcome | string;
	/** Requests that met the fault. */
	struck: number;
	/** Credits of all tasks that KieAI took. */
	creditsCharged: number;
	/** Credits of tasks beyond the one that was wanted. */
	creditsChargedTwice: number;
	/** Task IDs and URLs that KieAI gave, and neither output nor error has; a charge that nothing tells of. */
	lost: string[];
	/** Keys in what left the node. */
	leaks: string[];
	/** What reached a host that is not KieAI's, and should not have. */
	strayed: number;
}

interface Strike {
	count(): number;
	end(): void;
}

/** In a world with a host, KieAI's tasks end when the test says so. */
export type CellWorld = World & Partial<Pick<ParkingWorld, 'host' | 'begin'>>;

/** A pause of the nodes' that is no pause between two tries of the same request; ms. */
const WAITS_FOR_KIEAI_MS = 20_000;
const HELD_SECONDS = 3600;
const TEN_MINUTES_MS = 600_000;

export async function observe(world: CellWorld, cell: Cell): Promise<Observed> {
	const { sandbox } = world;
	const endpoint = cell.way.moments[cell.moment];
	if (endpoint === undefined) throw new Error(`No request at this moment: ${cell.moment}`);
	if (cell.way.settings) sandbox.configure(cell.way.settings);
	let strike: Strike | undefined;
	const begin = () => void (strike ??= strikeWith(world, endpoint, cell));
	try {
		const run = await (world.host === undefined
			? runOpen(world, cell, begin)
			: runParked(world as ParkingWorld, cell, begin));
		const struck = strike?.count() ?? 0;
		const { ledger } = sandbox;
		const credits = ledger.map(({ credits }) => credits);
		return {
			outcome: outcomeOf(run, cell, {
				again: answersAfterFaults(sent(world, endpoint)),
				otherwise: endpoint === 'recordInfo' ? sent(world, 'downloadUrl').length : 0,
			}),
			struck,
			creditsCharged: sum(credits),
			creditsChargedTwice: sum(credits.slice(1)),
			lost: lostIn(run, world),
			leaks: keysIn(everything(run, world), sandbox),
			// A film may be wherever its host says.
			strayed: sandbox.otherHost.requests.filter(
				(request) => endpoint !== 'file' || keysIn(whole(request), sandbox).length > 0,
			).length,
		};
	} finally {
		strike?.end();
	}
}

function strikeWith(world: World, endpoint: EndpointName, { fault, extent }: Cell): Strike {
	const { sandbox } = world;
	if ('connection' in fault.strike) {
		const url = { api: sandbox.apiUrl, upload: sandbox.uploadUrl, files: sandbox.filesUrl };
		const backAt = nodeClock().now() + TEN_MINUTES_MS;
		const isOver = (count: number) =>
			(extent === 'once' && count > 0) || (extent === 'ten minutes' && nodeClock().now() > backAt);
		const host = ENDPOINTS[endpoint].host;
		const { count, restore } = breakConnections(url[host], fault.strike.connection, isOver);
		return { count, end: restore };
	}
	sandbox.faults.add({
		...fault.strike(sandbox),
		endpoint,
		times: extent === 'once' ? 1 : 'always',
	});
	return {
		count: () => sandbox.requests.filter((request) => request.fault !== undefined).length,
		end: () => undefined,
	};
}

/** The node checks, or does not wait; time runs by itself. */
async function runOpen(world: World, cell: Cell, begin: () => void): Promise<Run> {
	const { sandbox } = world;
	const parameters = cell.way.parameters(world);
	if (cell.moment === 'request') begin();
	const clock = nodeClock();
	const { sleep } = clock;
	const heldSeconds = cell.way.settings?.videoSeconds ?? 0;
	let pauseCount = 0;
	const pauses = jest.spyOn(clock, 'sleep').mockImplementation(async (...pause) => {
		// It pauses for the first time once its request has been answered.
		begin();
		// A video that is held is there at the second, so that the node waits for it, also after another try.
		if (++pauseCount === 2) await sandbox.advance(heldSeconds);
		await sleep(...pause);
	});
	try {
		return await world.run(
			{ ...parameters, ...timingFor(cell) },
			{ ...(cell.way.items && { items: cell.way.items }) },
		);
	} finally {
		pauses.mockRestore();
	}
}

function timingFor(cell: Cell): IDataObject {
	const { leaves } = meaningOf(cell);
	if (cell.way.wait === 'Check Until Ready') {
		const isInVain = cell.extent === 'for good' && leaves !== 'answered';
		return { options: { firstCheckAfter: 5, pollInterval: 5, timeout: isInVain ? 2 : 120 } };
	}
	// Where it checks all the same, the first check is the last.
	const isChecked = cell.way.wait === 'Pause Until Callback' && tellsNoMore(leaves);
	return isChecked ? { options: { timeout: 0.4 } } : {};
}

/** That KieAI is at it, and not under which name. */
function tellsNoMore(leaves: Leaves): boolean {
	return leaves === 'begun' || leaves === 'underWay';
}

/** The node parks, and KieAI calls back. It may poll instead, where it does not know whom KieAI will call. */
async function runParked(world: ParkingWorld, cell: Cell, begin: () => void): Promise<Run> {
	const { host, sandbox } = world;
	const parameters = cell.way.parameters(world);
	if (cell.moment === 'request') begin();
	const clock = nodeClock();
	const { sleep } = clock;
	const pauses = jest.spyOn(clock, 'sleep').mockImplementation(async (ms, signal) => {
		if (ms >= WAITS_FOR_KIEAI_MS) await sandbox.advance(HELD_SECONDS);
		await sleep(ms / 1000, signal);
	});
	try {
		const first = await world.begin({ ...parameters, ...timingFor(cell) });
		if (first.waitTill === undefined) return first;
		if (cell.moment === 'check') begin();
		await sandbox.advance(HELD_SECONDS);
		await sandbox.settled();
		const { executionId } = first;
		const parkedAgain = await host.until(executionId, 'waiting').catch(() => undefined);
		return await (parkedAgain ? host.expire(executionId) : host.until(executionId, 'finished'));
	} finally {
		pauses.mockRestore();
	}
}

/** Requests that were answered as they should be, after one that was not. */
function answersAfterFaults(requests: RecordedRequest[]): number {
	const from = requests.findIndex(({ fault }) => fault !== undefined);
	return requests.slice(Math.max(0, from)).filter(({ fault, answer }) => !fault && answer).length;
}

/** @param asked what came of asking the same once more, and of asking KieAI about the film instead */
function outcomeOf(
	run: Run,
	cell: Cell,
	asked: { again: number; otherwise: number },
): Outcome | string {
	const { leaves, says } = meaningOf(cell);
	const text = errorText(run);
	if (run.error() === undefined) {
		const [item] = run.json('KieAI');
		if (item === undefined) return 'no item';
		if (item['status'] === 'failed')
			return says.test(String(item['errorMessage'])) ? 'reports the failure' : 'another failure';
		// While the node waits, another check is no second try.
		const isOneOfMany = cell.moment === 'check' && cell.way.wait === 'Check Until Ready';
		if (isOneOfMany || leaves === 'answered' || tellsNoMore(leaves)) return 'goes on';
		if (asked.otherwise > 0) return 'asks otherwise and goes on';
		return asked.again > 0 ? 'tries again and goes on' : 'trusts the callback';
	}
	if (!/\[item 0\]/.test(text)) return `an error without its item: ${text}`;
	if (/was not ready after/.test(text)) return 'times out';
	if (/the new one.* may have been charged/.test(text)) return 'may have been charged';
	if (!says.test(text)) return `another error: ${text}`;
	if (/may have accepted this video, and charged for it/.test(text)) return 'may have been charged';
	return leaves === 'refused' ? 'refused' : 'gives up';
}

/** What KieAI gave, in answers that could be read, and charged, and nobody was told of. */
function lostIn(run: Run, { sandbox }: World): string[] {
	const told =
		JSON.stringify([run.json('KieAI'), run.data.data.resultData.runData['After'] ?? []]) +
		errorText(run);
	const given = sandbox.requests
		.filter(({ endpoint }) => endpoint !== 'downloadUrl' && endpoint !== 'file')
		.flatMap(({ answer }) => namesIn(answer?.body));
	const isTold = /may have (accepted|been charged)/.test(told);
	// An upgrade is picked up by its source's ID, too.
	const charged = sandbox.tasks().filter(({ id, source }) => {
		const isCharged = sandbox.ledger.some(({ taskId }) => taskId === id);
		return isCharged && !isTold && !told.includes(source?.taskId ?? id);
	});
	return [...new Set([...given, ...charged.map(({ id }) => id)])].filter(
		(name) => !told.includes(name),
	);
}

/** Task IDs and links in an answer, but for what repeats the request. */
function namesIn(body: unknown): string[] {
	if (typeof body !== 'object' || body === null) return [];
	const text = JSON.stringify(body, (key, value: unknown) => (key === 'paramJson' ? '' : value));
	return text.match(/veo_task_\w+|https?:\/\/[^"\\,\s]+/g) ?? [];
}

/** All that leaves the node: items, binary metadata, errors, hints, static data, and logs of every level. */
function everything(run: Run, { engine }: CellWorld): string {
	return whole([run.data, run.log, run.error(), run.staticData, engine.log]);
}

function keysIn(text: string, { apiKey, hmacKey }: Sandbox): string[] {
	return [apiKey, hmacKey].filter((key) => text.includes(key));
}

/** With every text and every hidden property. */
function whole(value: unknown): string {
	return inspect(value, {
		depth: Infinity,
		maxArrayLength: null,
		maxStringLength: null,
		showHidden: true,
	});
}

function sum(numbers: number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
