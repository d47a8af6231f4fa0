/**
 * Callbacks to waiting executions, answered and acted upon as in n8n 2.41: WaitingWebhooks and, from
 * `webhook()` on, the part of WebhookHelpers that follows. Left out: forms, "send and wait", CORS.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import type {
	IExecuteData,
	INode,
	INodeExecutionData,
	IRunExecutionData,
	IWebhookData,
	IWebhookFunctions,
	IWebhookResponseData,
	Workflow,
} from 'n8n-workflow';
import { viewOf } from './contextView';
import { TestCredentials } from './credentials';
import { nodeOf, webhooksOf } from './declaredWebhooks';
import { additionalDataFor, completeWorkflow, thrownBy, toWorkflow } from './execution';
import type { StoredExecution } from './executionStore';
import type { HostedExecutions } from './hostedExecutions';
import { core } from './n8n';
import type { Loaded } from './nodeTypes';
import type { Delivery, HostOptions, RunOptions, Surroundings, WorkflowJson } from './types';
import { readBody, receiveBody, serverError } from './webhookRequest';
import type { HttpAnswer } from './webhookRequest';

/** With which n8n hides what went wrong inside. */
const problem = 'There was a problem executing the workflow';

interface Waiting {
	id: string;
	execution: StoredExecution & { json: WorkflowJson; options: RunOptions };
	entry: IExecuteData;
	workflow: Workflow;
	node: INode;
	webhook: IWebhookData;
}

export function waitingWebhooks(
	loaded: Loaded,
	baseUrl: string,
	executions: HostedExecutions,
	surroundings: Surroundings,
	preparing: HostOptions['preparing'],
) {
	/** The answer that n8n gives, or undefined where the node has answered, or should have. */
	async function handle(
		req: Request,
		res: Response,
		delivery: Delivery,
	): Promise<HttpAnswer | undefined> {
		const id = String(req.params['executionId']);
		const path = [req.params['path'] ?? []].flat().join('/');
		req.params = {};
		const execution = executions.read(id);
		const refusal = refuse(req, id, execution);
		if (refusal || !execution) return refusal;
		const waiting = findWaiting(req, id, path, execution);
		if (!waiting) return noWebhook(id);
		try {
			await receiveBody(req, res); // n8n reads the body only of what it does not refuse without
		} catch {
			return serverError(problem); // n8n has no 413 here
		}
		await preparing?.(id);
		return readBody(req) ?? (await call(waiting, req, res, delivery));
	}

	/** Readies the data for going on, as n8n does before it looks for a webhook, let alone calls one. */
	function findWaiting(
		req: Request,
		id: string,
		path: string,
		execution: Waiting['execution'],
	): Waiting | undefined {
		const { data, json, options } = execution;
		const { lastNodeExecuted = '', runData } = data.resultData;
		const entry = data.executionData?.nodeExecutionStack[0];
		if (!entry) throw new Error('Nothing waits in this execution');
		entry.node.disabled = true;
		delete data.waitTill;
		dropLastRun(runData[lastNodeExecuted]);

		const stored = completeWorkflow(loaded, json, Object.keys(options.credentials ?? {}));
		const workflow = toWorkflow(loaded, stored);
		const { waiting } = webhooksOf(loaded, workflow, additionalDataFor(surroundingsOf(options)));
		const suffix = path || pathInToken(req);
		const webhook = waiting.find(
			(one) =>
				one.node === lastNodeExecuted && one.httpMethod === req.method && one.path === suffix,
		);
		const node = nodeOf(workflow, lastNodeExecuted);
		return webhook && { id, execution, entry, workflow, node, webhook };
	}

	const surroundingsOf = ({ credentials = {} }: RunOptions) => ({
		credentials: new TestCredentials(loaded, credentials),
		baseUrl,
	});

	async function call(
		waiting: Waiting,
		req: Request,
		res: Response,
		delivery: Delivery,
	): Promise<HttpAnswer | undefined> {
		const { id, execution, workflow, node, webhook } = waiting;
		const type = loaded.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		const additionalData = {
			...additionalDataFor({ ...surroundingsOf(execution.options), executionId: id }),
			httpRequest: req,
			httpResponse: res,
		};
		const { mode, data } = execution;
		let result: IWebhookResponseData;
		try {
			if (!type.webhook) throw new Error('Node does not have any webhooks defined');
			const context = new core.WebhookContext(
				workflow,
				node,
				additionalData,
				mode,
				webhook,
				[],
				data,
			);
			// n8n-core is compiled without exactOptionalPropertyTypes: a workflow's name may be missing.
			result = await type.webhook.call(viewOf(context as IWebhookFunctions, surroundings));
		} catch (thrown) {
			delivery.error = thrown instanceof Error ? thrown : new Error(String(thrown));
			// The execution goes on all the same, without what the nodes before had put out.
			data.resultData = {
				runData: {},
				lastNodeExecuted: node.name,
				error: thrownBy(delivery.error),
			};
			wake(waiting, [[{ json: {} }]]);
			return serverError('Workflow Webhook Error: Workflow could not be started!');
		}
		const { workflowData, webhookResponse, noWebhookResponse = false } = result;
		const claimed = workflowData === undefined || wake(waiting, workflowData);
		if (noWebhookResponse) return undefined;
		if (!claimed) return serverError(problem);
		const message = workflowData ? 'Workflow was started' : 'Webhook call received';
		return { status: 200, body: webhookResponse ?? { message } };
	}

	/** False where another callback, or the time, has come first. */
	function wake({ id, entry, execution }: Waiting, main: INodeExecutionData[][]): boolean {
		const { data, mode } = execution;
		entry.data['main'] = main;
		entry.metadata = { ...entry.metadata, forwardAllOutputs: true };
		// The workflow that n8n stores with an execution has no pinned data.
		if (mode === 'manual') delete data.resultData.pinData;
		return executions.wake(id, data);
	}

	return { handle };
}

/** n8n's checks in n8n's order; its words too, to the quotation mark that is missing. */
function refuse(
	req: Request,
	id: string,
	execution: StoredExecution | undefined,
): HttpAnswer | undefined {
	const { resumeToken } = { ...execution?.data };
	if (resumeToken && !isToken(tokenOf(req), resumeToken)) {
		return { status: 401, body: { error: 'Invalid token' } };
	}
	if (!execution) return refusal(404, `The execution "${id}" does not exist.`);
	if (execution.status === 'running') {
		return refusal(409, `The execution "${id}" is running already.`);
	}
	if (execution.data.resultData.error) {
		return refusal(409, `The execution "${id}" has finished with error.`);
	}
	if (execution.finished) return refusal(409, `The execution "${id} has finished already.`);
	return undefined;
}

function noWebhook(id: string): HttpAnswer {
	const lack = 'does not contain a waiting webhook with a matching path/method';
	return refusal(404, `The workflow for execution "${id}" ${lack}.`);
}

function refusal(code: number, message: string): HttpAnswer {
	return { status: code, body: { code, message } };
}

/** A caller who puts the path behind the query, `?signature=<token>/<path>`, is understood too. */
function signatureOf(req: Request): string {
	return new URL(req.url, 'http://n8n.invalid').searchParams.get('signature') ?? '';
}

function tokenOf(req: Request): string {
	return signatureOf(req).split('/', 1).join('');
}

function pathInToken(req: Request): string {
	return signatureOf(req).split('/').slice(1).join('/');
}

function isToken(given: string, stored: string): boolean {
	const [a, b] = [Buffer.from(given), Buffer.from(stored)];
	return a.length === b.length && timingSafeEqual(a, b);
}

/** The run that ended in waiting is replaced by the one to come, but for what an agent gave its tool. */
function dropLastRun(runs: IRunExecutionData['resultData']['runData'][string] | undefined): void {
	const last = runs?.pop();
	if (!last?.inputOverride) return;
	const { source, inputOverride } = last;
	runs?.push({ startTime: 0, executionTime: 0, executionIndex: 0, source, inputOverride });
}
