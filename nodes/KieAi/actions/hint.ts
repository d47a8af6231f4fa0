import type { IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';

/** A note in the output pane, where there is one: an agent that runs its tools itself has none. */
export function addHint(
	context: IExecuteFunctions,
	message: string,
	type: NonNullable<NodeExecutionHint['type']> = 'info',
): void {
	(context as Partial<IExecuteFunctions>).addExecutionHints?.({
		message,
		type,
		location: 'outputPane',
	});
}
