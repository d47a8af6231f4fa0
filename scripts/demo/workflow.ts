import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { INodeExecutionData, ITaskData } from 'n8n-workflow';

import type { Engine, NodeJson, Run, WorkflowJson } from '../../test/engine/support/engine';
import { KIEAI_NODE } from '../../test/engine/support/world';
import { DemoError, type Image } from './options';
import type { Progress } from './progress';
import { runWorkflow } from './run';
import type { Service } from './service';

/** An example, and what it is started with. */
export interface Demo {
	file: string;
	workflow: WorkflowJson;
	input: INodeExecutionData[];
}

const GENERATE = 'Veo generate video';
const GET_4K = 'Veo get 4K video';
const DEFAULT_IMAGE_PROMPT = 'The scene comes to life with gentle, natural motion';

/** The example for a prompt or for an image. */
export async function readDemo(
	prompt: string | undefined,
	image: Image | undefined,
): Promise<Demo> {
	const file = `examples/${image ? 'image-to-video-4k' : 'generate-to-4k'}.json`;
	const text = await readFile(join(__dirname, '../..', file), 'utf8');
	const workflow = JSON.parse(text) as WorkflowJson;
	if (image) {
		return { file, workflow, input: [await filledForm(prompt ?? DEFAULT_IMAGE_PROMPT, image)] };
	}
	if (prompt !== undefined) {
		const node = workflow.nodes.find(({ name }) => name === GENERATE) as NodeJson;
		node.parameters = { ...node.parameters, prompt };
	}
	return { file, workflow, input: [{ json: {} }] };
}

/** What the example's form puts out. */
async function filledForm(prompt: string, { path, mimeType }: Image): Promise<INodeExecutionData> {
	const data = (await readFile(path)).toString('base64');
	return {
		json: { Prompt: prompt },
		binary: { Photo: { data, mimeType, fileName: basename(path) } },
	};
}

/** Runs the example to its end. @throws {DemoError} with KieAI's words where it fails */
export async function runDemo(
	engine: Engine,
	{ workflow, input }: Demo,
	{ credentials }: Service,
	progress: Progress,
	signal: AbortSignal,
): Promise<Run> {
	const isOurs = (name: string) =>
		workflow.nodes.some((node) => node.name === name && node.type === KIEAI_NODE);
	return await runWorkflow(engine, workflow, signal, {
		credentials,
		input,
		onNodeStart: (name) => isOurs(name) && progress.begin(name),
		onNodeEnd: (_name, { error, data }) =>
			error ? progress.fail() : progress.succeed(describe(data)),
	});
}

function describe(data: ITaskData['data']): string {
	const { taskId, resolution } = data?.['main']?.[0]?.[0]?.json ?? {};
	return [`task ${taskId}`, resolution].filter(Boolean).join(', ');
}

/** @returns where the film is now */
export async function saveFilm(engine: Engine, run: Run, folder: string): Promise<string> {
	const binary = run.items(GET_4K)[0]?.binary?.['data'];
	const { path } = await engine.binaryFile(binary);
	if (binary?.fileName === undefined || path === undefined) throw new DemoError('There is no film');
	await mkdir(folder, { recursive: true });
	const target = join(folder, binary.fileName);
	await copyFile(path, target);
	return target;
}

/** The tasks that KieAI has accepted, and goes on with whatever happens here. */
export function acceptedTasks({ log }: Engine): string[] {
	const ids = log.map(({ meta }) => (meta as { taskId?: unknown }).taskId);
	return [...new Set(ids.filter((id) => typeof id === 'string'))];
}
