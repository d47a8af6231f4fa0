/**
 * The executions of a webhook host: those that run, and those that wait until a callback, the time,
 * Stop or nothing at all comes. n8n spreads this over WorkflowRunner, WaitTracker and ExecutionService.
 */
import { randomUUID } from 'node:crypto';
import type { IDataObject, IRun, IRunExecutionData } from 'n8n-workflow';
import { describeRun, startRun, workflowIdOf } from './execution';
import type { StartOptions } from './execution';
import { executionStore } from './executionStore';
import type { StoredExecution } from './executionStore';
import type { Loaded } from './nodeTypes';
import type { LogLine, Run, Started, Surroundings, WebhookHost, WorkflowJson } from './types';

/** What the test wants of an execution, in each of its legs. Nothing of the run is in here. */
interface Hosted {
	json: WorkflowJson;
	options: StartOptions;
	log: LogLine[];
	running: Started | undefined;
	/** Why it could not even begin. */
	refused?: unknown;
}

export interface HostedExecutions extends Pick<
	WebhookHost,
	'start' | 'until' | 'expire' | 'stop' | 'retry'
> {
	start(json: WorkflowJson, options?: StartOptions): Started;
	/** A copy of what is stored, and the workflow and options that it runs with. */
	read(id: string): (StoredExecution & Pick<Hosted, 'json' | 'options'>) | undefined;
	/** Goes on with the data; false where somebody else has claimed the execution. */
	wake(id: string, data: IRunExecutionData): boolean;
	cancelAll(): void;
}

export function hostExecutions(
	loaded: Loaded,
	baseUrl: string,
	/** By workflow ID. */
	staticData: Map<string, IDataObject>,
	surroundings: Surroundings,
): HostedExecutions {
	const hosted = new Map<string, Hosted>();
	const store = executionStore();

	function hostedAs(id: string): Hosted {
		const found = hosted.get(id);
		if (!found) throw new Error(`No execution ${id} has been started by this host`);
		return found;
	}

	/** From start or waking to the end or the next waiting. */
	function leg(id: string, options: StartOptions): Started {
		const execution = hostedAs(id);
		const { json, log } = execution;
		const workflowId = workflowIdOf(json);
		const kept = staticData.get(workflowId);
		const started = startRun(loaded, json, {
			webhookBaseUrl: baseUrl,
			...surroundings,
			...(kept && { staticData: kept }),
			...options,
			executionId: id,
			startChild: start,
			log,
		});
		const result = started.result.then(
			(run) => {
				execution.running = undefined;
				// n8n stores static data after every execution but those of the editor.
				if (run.data.mode !== 'manual') staticData.set(workflowId, run.staticData);
				store.save(id, run.data);
				wakeParent(id);
				return run;
			},
			(error: unknown) => {
				execution.running = undefined;
				execution.refused = error;
				store.notify();
				throw error;
			},
		);
		result.catch(() => undefined); // whoever cares waits for `result`; n8n would only log it
		execution.running = { ...started, result };
		return execution.running;
	}

	/**
	 * A sub-workflow that has waited and has ended hands its outcome to the execution that called it,
	 * which passes it on. (After Stop, n8n's tracker takes up to a minute to notice.)
	 */
	function wakeParent(id: string): void {
		const child = store.read(id);
		const { executionId: parentId = '', shouldResume = true } = { ...child?.data.parentExecution };
		const parent = store.read(parentId);
		const entry = parent?.data.executionData?.nodeExecutionStack[0];
		if (!child || child.status === 'waiting' || !shouldResume) return;
		if (parent?.status !== 'waiting' || !entry) return;
		if (entry.metadata?.waitingChildExecutionIds?.includes(id) === false) return;
		const { error, lastNodeExecuted = '', runData } = child.data.resultData;
		const outcome = runData[lastNodeExecuted]?.at(-1)?.data;
		if (error) {
			const subExecution = { executionId: id, workflowId: workflowIdOf(hostedAs(id).json) };
			entry.metadata = { ...entry.metadata, resumeError: error, subExecution };
		} else if (outcome) entry.data = outcome;
		else return;
		wake(parentId, parent.data);
	}

	function start(json: WorkflowJson, options: StartOptions = {}): Started {
		const id = options.executionId ?? randomUUID();
		hosted.set(id, { json: structuredClone(json), options, log: [], running: undefined });
		const mode = options.mode ?? (options.resumeFrom ? 'retry' : 'manual');
		const onData = (data: IRunExecutionData) => store.create(id, mode, data);
		return leg(id, { ...options, onData });
	}

	function wake(id: string, woken: IRunExecutionData): boolean {
		const mode = store.read(id)?.mode;
		if (mode === undefined || !store.claim(id, woken)) return false;
		leg(id, { ...hostedAs(id).options, mode, woken });
		return true;
	}

	/** What is stored of an execution that does not run. */
	function storedRun(id: string): Run {
		const { json, log } = hostedAs(id);
		const stored = store.read(id);
		if (!stored) throw new Error(`The execution ${id} has not begun`);
		const kept = staticData.get(workflowIdOf(json)) ?? {};
		return describeRun(id, json, toRun(stored), kept, log);
	}

	async function until(id: string, state: 'waiting' | 'finished'): Promise<Run> {
		const execution = hostedAs(id);
		for (;;) {
			if (execution.refused !== undefined) throw execution.refused;
			const status = store.status(id);
			const ended = status !== undefined && status !== 'running' && status !== 'waiting';
			if (ended || status === state) {
				const run = storedRun(id);
				if (state === 'finished' || !ended) return run;
				throw new Error(`The execution has ended as ${status}: ${run.error()?.message ?? ''}`);
			}
			await store.change();
		}
	}

	return {
		start,
		wake,
		until,
		read(id) {
			const stored = store.read(id);
			return stored && { ...stored, ...hostedAs(id) };
		},
		async expire(id) {
			const { status, data } = { ...store.read(id) };
			if (!data || !wake(id, data)) throw new Error(`The execution is ${status}, not waiting`);
			await hostedAs(id).running?.result;
			return storedRun(id);
		},
		async stop(id) {
			const status = store.status(id);
			if (status !== 'waiting' && status !== 'running') {
				const what = `${id} is currently ${status}`;
				throw new Error(`Only running or waiting executions can be stopped and ${what}`);
			}
			hostedAs(id).running?.cancel();
			store.cancel(id);
			wakeParent(id);
			return await until(id, 'finished');
		},
		retry(id, changes = {}) {
			const { json, options } = hostedAs(id);
			const same: StartOptions = { ...options };
			delete same.mode;
			delete same.executionId;
			return start(json, { ...same, ...changes, resumeFrom: storedRun(id) });
		},
		cancelAll() {
			for (const { running } of hosted.values()) running?.cancel();
		},
	};
}

function toRun({ waitTill, stoppedAt, ...columns }: StoredExecution): IRun {
	return {
		...columns,
		storedAt: 'db',
		...(waitTill && { waitTill }),
		...(stoppedAt && { stoppedAt }),
	};
}
