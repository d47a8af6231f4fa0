/**
 * n8n's webhook server around the engine: registers what nodes declare in `webhooks`, runs their
 * webhook methods and `webhook()` in n8n-core's own contexts, answers as n8n answers (status codes
 * and bodies as in n8n 2.41), and starts the workflow with what `webhook()` hands over.
 *
 * Left out: paths with parameters (`:id`), multipart bodies, CORS, response modes but `onReceived`.
 */
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse as parseQuery } from 'node:querystring';
import express from 'express';
import type { ErrorRequestHandler, Request, Response } from 'express';
import type {
	IDataObject,
	IHookFunctions,
	INode,
	IWebhookData,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
	Workflow,
	WorkflowActivateMode,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { deepCopy, NodeHelpers } from 'n8n-workflow';
import { TestCredentials } from './credentials';
import { additionalDataFor, completeWorkflow, startRun, toWorkflow } from './execution';
import type { StartOptions } from './execution';
import { core, runScope } from './n8n';
import type { RunScope } from './n8n';
import type { Loaded } from './nodeTypes';
import type {
	Delivery,
	Execution,
	HostedOptions,
	HostOptions,
	Run,
	WebhookHost,
	WorkflowJson,
} from './types';

/** n8n's default for N8N_PAYLOAD_SIZE_MAX. */
const largestBody = '16mb';

interface Registration {
	json: WorkflowJson;
	options: HostedOptions;
	webhook: IWebhookData;
	/** What `create` left while listening for a test event: n8n gives it to `webhook()`, nobody else. */
	testStaticData?: IDataObject;
}

interface HttpAnswer {
	status: number;
	body: unknown;
}

export async function startWebhookHost(
	loaded: Loaded,
	{ answerWithinMs = 5000 }: HostOptions = {},
): Promise<WebhookHost> {
	const registrations = new Map<string, Registration>();
	const staticData = new Map<string, IDataObject>();
	const deliveries: Delivery[] = [];
	const executions: Execution[] = [];
	const events = new EventEmitter();

	const app = express();
	app.disable('x-powered-by');
	app.use(express.raw({ type: () => true, limit: largestBody }));
	app.all('/webhook/*path', async (req, res) => await receive(req, res, false));
	app.all('/webhook-test/*path', async (req, res) => await receive(req, res, true));
	app.use(answerError);
	const server = createServer(app).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // TCP: an object

	function additionalData(options: HostedOptions) {
		const credentials = new TestCredentials(loaded, options.credentials ?? {});
		return additionalDataFor({ credentials, baseUrl });
	}

	function open(json: WorkflowJson, options: HostedOptions, active: boolean): Workflow {
		const stored = completeWorkflow(loaded, json, Object.keys(options.credentials ?? {}));
		const kept = staticData.get(stored.id);
		return toWorkflow(loaded, { ...stored, active, ...(kept && { staticData: kept }) });
	}

	async function callMethod(
		method: 'checkExists' | 'create' | 'delete',
		workflow: Workflow,
		webhook: IWebhookData,
		mode: WorkflowExecuteMode,
		activation: WorkflowActivateMode,
	): Promise<boolean | undefined> {
		const node = nodeOf(workflow, webhook.node);
		const { webhookMethods } = loaded.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		const call = webhookMethods?.[webhook.webhookDescription.name]?.[method];
		const { workflowExecuteAdditionalData } = webhook;
		const context = new core.HookContext(
			workflow,
			node,
			workflowExecuteAdditionalData,
			mode,
			activation,
			webhook,
		);
		// n8n-core is compiled without exactOptionalPropertyTypes: a workflow's name may be missing.
		return await call?.call(context as IHookFunctions);
	}

	async function register(json: WorkflowJson, options: HostedOptions, isTest: boolean) {
		const workflow = open(json, options, !isTest);
		const webhooks = webhooksOf(loaded, workflow, additionalData(options));
		if (webhooks.length === 0) throw new Error('The workflow has no webhook node');
		const [mode, activation] = isTest
			? (['manual', 'manual'] as const)
			: (['trigger', 'activate'] as const);
		for (const webhook of webhooks) {
			webhook.isTest = isTest;
			const registration: Registration = { json, options, webhook };
			registrations.set(keyOf(webhook.httpMethod, webhook.path, isTest), registration);
			try {
				const exists = await callMethod('checkExists', workflow, webhook, mode, activation);
				if (exists !== true) await callMethod('create', workflow, webhook, mode, activation);
			} catch (error) {
				// As in n8n, what goes wrong while cleaning up does not hide why it was refused.
				await unregister(json, isTest).catch(() => undefined);
				throw error;
			}
			if (isTest) registration.testStaticData = workflow.staticData;
		}
		if (!isTest) staticData.set(idOf(workflow), deepCopy(workflow.staticData));
	}

	async function unregister(json: WorkflowJson, isTest: boolean) {
		const id = completeWorkflow(loaded, json, []).id;
		for (const [key, { webhook, options }] of registrations) {
			if (webhook.workflowId !== id || webhook.isTest !== isTest) continue;
			registrations.delete(key);
			const workflow = open(json, options, false);
			await callMethod('delete', workflow, webhook, 'internal', 'update');
			if (!isTest) staticData.set(id, deepCopy(workflow.staticData));
		}
	}

	async function receive(req: Request, res: Response, isTest: boolean): Promise<void> {
		const scope: RunScope = { log: [], binaryMode: 'filesystem' };
		const delivery: Delivery = {
			method: req.method,
			path: req.path,
			status: undefined,
			hung: false,
			error: undefined,
			log: scope.log,
		};
		deliveries.push(delivery);
		const timer = setTimeout(() => {
			delivery.hung = true;
			res.destroy();
		}, answerWithinMs);
		res.once('finish', () => (delivery.status = res.statusCode));
		res.once('close', () => clearTimeout(timer));
		const answer = await runScope.run(scope, async () => await handle(req, res, isTest, delivery));
		if (answer) send(res, answer);
	}

	/** The answer that n8n gives, or undefined where the node has answered, or should have. */
	async function handle(
		req: Request,
		res: Response,
		isTest: boolean,
		delivery: Delivery,
	): Promise<HttpAnswer | undefined> {
		const path = [req.params['path']].flat().join('/');
		req.params = {};
		const registration = registrations.get(keyOf(req.method, path, isTest));
		if (!registration) return notFound(req.method, path, registrations, isTest);
		const { json, options } = registration;
		const unreadable = readBody(req);
		if (unreadable) return unreadable;

		const mode = isTest ? 'manual' : 'webhook';
		// A copy read anew: what webhook() writes into static data is lost, as mostly happens in n8n.
		const workflow = open(json, options, !isTest);
		if (registration.testStaticData) workflow.setTestStaticData(registration.testStaticData);
		const node = nodeOf(workflow, registration.webhook.node);
		const { webhook } = loaded.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		if (!webhook) throw new Error(`${node.type} declares webhooks but has no webhook()`);
		const contextData = { ...additionalData(options), httpRequest: req, httpResponse: res };
		let result: IWebhookResponseData;
		try {
			const context = new core.WebhookContext(
				workflow,
				node,
				contextData,
				mode,
				registration.webhook,
				[],
				null,
			);
			result = await webhook.call(context as IWebhookFunctions); // as for hooks above
		} catch (thrown) {
			delivery.error = thrown instanceof Error ? thrown : new Error(String(thrown));
			await startWorkflow(registration, node, mode, { failure: delivery.error });
			const message = 'Workflow Webhook Error: Workflow could not be started!';
			return { status: 500, body: { code: 0, message } };
		}
		const { workflowData, webhookResponse, noWebhookResponse } = result;
		if (workflowData) await startWorkflow(registration, node, mode, { outputs: workflowData });
		if (noWebhookResponse === true) return undefined;
		const message = workflowData ? 'Workflow was started' : 'Webhook call received';
		return { status: 200, body: webhookResponse ?? { message } };
	}

	async function startWorkflow(
		{ json, options, webhook }: Registration,
		node: INode,
		mode: WorkflowExecuteMode,
		from: Pick<StartOptions, 'outputs' | 'failure'>,
	): Promise<void> {
		// Of its own, not of the request: the execution goes on after the answer.
		const started = runScope.exit(() =>
			startStored(json, { ...options, ...from, mode, startNode: node.name }),
		);
		executions.push({ ...started, workflowId: webhook.workflowId, mode });
		events.emit('execution');
		if (webhook.isTest === true) await unregister(json, true);
	}

	function startStored(json: WorkflowJson, options: StartOptions) {
		const { id } = completeWorkflow(loaded, json, []);
		const kept = staticData.get(id);
		const started = startRun(loaded, json, {
			webhookBaseUrl: baseUrl,
			...(kept && { staticData: kept }),
			...options,
		});
		// n8n stores static data after every execution but those of the editor.
		const result = started.result.then((run) => {
			if (run.data.mode !== 'manual') staticData.set(id, run.staticData);
			return run;
		});
		result.catch(() => undefined); // whoever cares waits for `result`; n8n would only log it
		return { ...started, result };
	}

	return {
		baseUrl,
		deliveries,
		executions,
		activate: async (json, options = {}) => await register(json, options, false),
		deactivate: async (json) => await unregister(json, false),
		listenForTest: async (json, options = {}) => await register(json, options, true),
		run: async (json, options = {}) => await startStored(json, options).result,
		url(json, name, webhookName = 'default') {
			const workflow = open(json, {}, false);
			const node = nodeOf(workflow, name);
			const found = webhooksOf(loaded, workflow, additionalData({})).find(
				({ webhookDescription, node: of }) =>
					of === name && webhookDescription.name === webhookName,
			);
			if (!found) throw new Error(`"${node.name}" has no webhook named ${webhookName}`);
			return {
				production: `${baseUrl}/webhook/${found.path}`,
				test: `${baseUrl}/webhook-test/${found.path}`,
			};
		},
		staticData: (json) => staticData.get(completeWorkflow(loaded, json, []).id) ?? {},
		async execution(n = 1): Promise<Run> {
			for (;;) {
				const execution = executions[n - 1];
				if (execution) return await execution.result;
				await once(events, 'execution');
			}
		},
		async close() {
			if (!server.listening) return;
			for (const { cancel } of executions) cancel();
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		},
	};
}

function keyOf(method: string, path: string, isTest: boolean): string {
	return `${isTest ? 'test' : 'production'} ${method} ${path}`;
}

function idOf(workflow: Workflow): string {
	return workflow.id ?? '';
}

function nodeOf(workflow: Workflow, name: string): INode {
	const node = workflow.getNode(name);
	if (!node) throw new Error(`The workflow has no node "${name}"`);
	return node;
}

/** All webhooks of a workflow that start it; `httpMethod` may name several, with commas. */
function webhooksOf(
	loaded: Loaded,
	workflow: Workflow,
	additionalData: IWebhookData['workflowExecuteAdditionalData'],
): IWebhookData[] {
	const found: IWebhookData[] = [];
	for (const node of Object.values(workflow.nodes)) {
		const { description } = loaded.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		if (node.disabled === true) continue;
		for (const webhookDescription of description.webhooks ?? []) {
			if (webhookDescription.restartWebhook === true) continue;
			const value = (property: keyof IWebhookDescription, fallback: string | boolean) =>
				workflow.expression.getSimpleParameterValue(
					node,
					webhookDescription[property] as string | boolean | undefined, // of the ones asked for
					'internal',
					{},
					undefined,
					fallback,
				);
			if (value('responseMode', 'onReceived') !== 'onReceived') {
				throw new Error('The webhook host answers in response mode onReceived only');
			}
			const path = NodeHelpers.getNodeWebhookPath(
				idOf(workflow),
				node,
				String(value('path', '')).replace(/^\/|\/$/g, ''),
				value('isFullPath', false) === true,
			);
			for (const httpMethod of String(value('httpMethod', 'GET')).split(',')) {
				found.push({
					httpMethod: httpMethod.trim() as IWebhookData['httpMethod'], // as the node declares it
					node: node.name,
					path,
					webhookDescription,
					workflowId: idOf(workflow),
					workflowExecuteAdditionalData: additionalData,
				});
			}
		}
	}
	return found;
}

/** Sets `rawBody` and `body` as n8n does; the answer where the body does not parse. */
function readBody(req: Request): HttpAnswer | undefined {
	const raw: unknown = req.body; // of express.raw: a Buffer, or undefined without a body
	req.rawBody = Buffer.isBuffer(raw) ? raw : Buffer.alloc(0);
	req.body = undefined;
	if (req.rawBody.length === 0) return undefined;
	const text = req.rawBody.toString('utf8').replace(/^\uFEFF/, '');
	try {
		if (req.is('application/json')) req.body = JSON.parse(text);
		else if (req.is('application/x-www-form-urlencoded')) req.body = parseQuery(text);
		else if (req.is('text/plain')) req.body = text;
		return undefined;
	} catch (error) {
		const hint = error instanceof Error ? error.message : undefined;
		return { status: 422, body: { code: 422, message: 'Failed to parse request body', hint } };
	}
}

function notFound(
	method: string,
	path: string,
	registrations: ReadonlyMap<string, Registration>,
	isTest: boolean,
): HttpAnswer {
	const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'].filter((other) =>
		registrations.has(keyOf(other, path, isTest)),
	);
	const message =
		others.length > 0
			? `This webhook is not registered for ${method} requests. Did you mean to make a ${others.join(' or ')} request?`
			: `The requested webhook "${method} ${path}" is not registered.`;
	return { status: 404, body: { code: 404, message } };
}

function send(res: Response, { status, body }: HttpAnswer): void {
	if (res.headersSent) return;
	res.status(status);
	if (typeof body === 'string') res.send(body);
	else res.json(body);
}

const answerError: ErrorRequestHandler = (
	error: { status?: number; message: string },
	_req,
	res,
	_next,
) => {
	// express needs the fourth parameter to know an error handler
	const status = error.status ?? 500;
	send(res, { status, body: { code: status, message: error.message } });
};
