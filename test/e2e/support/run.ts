import type { IDataObject, INodeExecutionData, ITaskData } from 'n8n-workflow';

import type { Execution } from '../../../scripts/n8n/api';

/** An execution as n8n has stored it, with short ways to what tests ask for most. */
export interface Run extends Execution {
	/** Items of one output of a node's last run. */
	items(node: string, output?: number): INodeExecutionData[];
	json(node: string, output?: number): IDataObject[];
	/** What the node's last run has told the reader beside its items. */
	hints(node: string): string[];
	/** How often the node has run. */
	runs(node: string): number;
	/** The error that ended the execution, or with a name that of the node's last run. */
	error(node?: string): { message: string; description?: string | null | undefined } | undefined;
}

export function asRun(execution: Execution): Run {
	const { resultData } = execution.data;
	const runsOf = (node: string): ITaskData[] => resultData.runData[node] ?? [];
	const items = (node: string, output = 0): INodeExecutionData[] =>
		runsOf(node).at(-1)?.data?.['main']?.[output] ?? [];
	return {
		...execution,
		items,
		json: (node, output) => items(node, output).map(({ json }) => json),
		hints: (node) => (runsOf(node).at(-1)?.hints ?? []).map(({ message }) => message),
		runs: (node) => runsOf(node).length,
		error: (node) => (node === undefined ? resultData.error : runsOf(node).at(-1)?.error),
	};
}
