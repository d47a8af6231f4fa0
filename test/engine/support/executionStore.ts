/**
 * The executions of one n8n, as its database keeps them: a row of columns and the run's data as text.
 * Whoever reads gets a copy, so that a waiting execution is no more in memory than after a restart.
 */
import { EventEmitter, once } from 'node:events';
import type {
	ExecutionError,
	ExecutionStatus,
	IRun,
	IRunExecutionData,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { flatted } from './n8n';

interface Row {
	mode: WorkflowExecuteMode;
	status: ExecutionStatus;
	finished: boolean;
	waitTill: Date | undefined;
	startedAt: Date;
	stoppedAt: Date | undefined;
	text: string;
}

export interface StoredExecution extends Omit<Row, 'text'> {
	data: IRunExecutionData;
}

export interface ExecutionStore {
	create(id: string, mode: WorkflowExecuteMode, data: IRunExecutionData): void;
	status(id: string): ExecutionStatus | undefined;
	read(id: string): StoredExecution | undefined;
	/** From `waiting` to `running`, with new data; false if it does not wait (any more). */
	claim(id: string, data: IRunExecutionData): boolean;
	/** The end of a leg. What was stopped meanwhile stays as it is. */
	save(id: string, run: IRun): void;
	/** What n8n writes on Stop: nothing of what the running leg has done. */
	cancel(id: string): void;
	/** Resolves at the next change of any execution. */
	change(): Promise<unknown>;
	/** Resolves `change()` for something that is not in here. */
	notify(): void;
}

export function executionStore(): ExecutionStore {
	const rows = new Map<string, Row>();
	const events = new EventEmitter();
	events.setMaxListeners(0);
	const notify = () => void events.emit('change');

	function put(id: string, row: Omit<Row, 'text'>, data: IRunExecutionData) {
		rows.set(id, { ...row, text: flatted.stringify(data) });
		notify();
	}

	function read(id: string): StoredExecution | undefined {
		const row = rows.get(id);
		if (!row) return undefined;
		const { text, ...columns } = row;
		return { ...columns, data: flatted.parse(text) as IRunExecutionData }; // written by `put` alone
	}

	return {
		read,
		notify,
		status: (id) => rows.get(id)?.status,
		change: async () => await once(events, 'change'),
		create(id, mode, data) {
			const status = 'running';
			const times = { startedAt: new Date(), stoppedAt: undefined, waitTill: undefined };
			put(id, { mode, status, finished: false, ...times }, data);
		},
		claim(id, data) {
			const row = rows.get(id);
			if (row?.status !== 'waiting') return false;
			put(id, { ...row, status: 'running', waitTill: undefined }, data);
			return true;
		},
		save(id, { data, mode, status, finished = false, startedAt, stoppedAt, waitTill }) {
			if (rows.get(id)?.status === 'canceled') return;
			const times = { startedAt, stoppedAt, waitTill: waitTill ?? undefined };
			put(id, { mode, status, finished, ...times }, data);
		},
		cancel(id) {
			const stored = read(id);
			if (!stored) return;
			const { data, ...columns } = stored;
			const error = { name: 'ManualExecutionCancelledError', message: cancelledMessage };
			// n8n makes a plain object of the error, and calls it an ExecutionError too.
			data.resultData.error = error as ExecutionError;
			const end = { status: 'canceled', stoppedAt: new Date(), waitTill: undefined } as const;
			put(id, { ...columns, ...end }, data);
		},
	};
}

const cancelledMessage = 'The execution was cancelled manually';
