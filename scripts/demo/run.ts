import type { Engine, Run, RunOptions, WorkflowJson } from '../../test/engine/support/engine';
import { DemoError } from './options';

/** @throws {DemoError} with KieAI's words where the workflow fails; the signal's reason where it is stopped */
export async function runWorkflow(
	engine: Engine,
	workflow: WorkflowJson,
	signal: AbortSignal,
	options: RunOptions,
): Promise<Run> {
	const { result, cancel } = engine.start(workflow, options);
	signal.addEventListener('abort', cancel);
	const run = await result.finally(() => signal.removeEventListener('abort', cancel));
	signal.throwIfAborted();
	const error = run.error();
	if (!error) return run;
	const advice = error.description?.split('\n\n')[0];
	throw new DemoError([error.message, advice].filter(Boolean).join(' – '));
}
