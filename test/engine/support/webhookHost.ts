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
import express from 'express';
import type { Request, Response } from 'express';
import type {
	IDataObject,
	IHookFunctions,
	INode,
	IWebhookData,
	IWebhookFunctions,
	IWebhookResponseData,
	Workflow,
	WorkflowActivateMode,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { deepCopy } from 'n8n-workflow';
import { viewOf } from './contextView';
import { TestCredentials } from './credentials';
import { idOf, nodeOf, webhooksOf } from './declaredWebhooks';
import { additionalDataFor, completeWorkflow, toWorkflow, workflowIdOf } from './execution';
import type { StartOptions } from './execution';
import { hostExecutions } from './hostedExecutions';
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
import { waitingWebhooks } from './waitingWebhooks';
import { answerError, rawBody, readBody, send, serverError } from './webhookRequest';
import type { HttpAnswer } from './webhookRequest';

interface Registration {
	json: WorkflowJson;
	options: HostedOptions;
	webhook: IWebhookData;
	/** What `create` left while listening for a test event: n8n gives it to `webhook()`, nobody else. */
	testStaticData?: IDataObject;
}

type Handle = (delivery: Delivery) => Promise<HttpAnswer | undefined>;

export async function startWebhookHost(
	loaded: Loaded,
	{ answerWithinMs = 5000, preparing, ...surroundings }: HostOptions = {},
): Promise<WebhookHost> {
	const registrations = new Map<string, Registration>();
	const staticData = new Map<string, IDataObject>();
	const deliveries: Delivery[] = [];
	const executions: Execution[] = [];
	const events = new EventEmitter();

	const app = express();
	app.disable('x-powered-by');
	app.all('/webhook-waiting/:executionId{/:path}', async (req, res) => {
		await receive(req, res, async (delivery) => await waiting.handle(req, res, delivery));
	});
	app.use(rawBody);
	app.all('/webhook/*path', async (req, res) => {
		await receive(req, res, async (delivery) => await handle(req, res, false, delivery));
	});
	app.all('/webhook-test/*path', async (req, res) => {
		await receive(req, res, async (delivery) => await handle(req, res, true, delivery));
	});
	app.use(answerError);
	const server = createServer(app).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // TCP: an object
	const hosted = hostExecutions(loaded, baseUrl, staticData, surroundings);
	const waiting = waitingWebhooks(loaded, baseUrl, hosted, surroundings, preparing);

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
		const { starting: webhooks } = webhooksOf(loaded, workflow, additionalData(options));
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
		const id = workflowIdOf(json);
		for (const [key, { webhook, options }] of registrations) {
			if (webhook.workflowId !== id || webhook.isTest !== isTest) continue;
			registrations.delete(key);
			const workflow = open(json, options, false);
			await callMethod('delete', workflow, webhook, 'internal', 'update');
			if (!isTest) staticData.set(id, deepCopy(workflow.staticData));
		}
	}

	async function receive(req: Request, res: Response, handleRequest: Handle): Promise<void> {
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
		const answer = await runScope.run(scope, async () => await handleRequest(delivery));
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
			const view = viewOf(context as IWebhookFunctions, surroundings); // as for hooks above
			result = await webhook.call(view);
		} catch (thrown) {
			delivery.error = thrown instanceof Error ? thrown : new Error(String(thrown));
			await startWorkflow(registration, node, mode, { failure: delivery.error });
			return serverError('Workflow Webhook Error: Workflow could not be started!');
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
			hosted.start(json, { ...options, ...from, mode, startNode: node.name }),
		);
		executions.push({ ...started, workflowId: webhook.workflowId, mode });
		events.emit('execution');
		if (webhook.isTest === true) await unregister(json, true);
	}

	return {
		baseUrl,
		deliveries,
		executions,
		activate: async (json, options = {}) => await register(json, options, false),
		deactivate: async (json) => await unregister(json, false),
		listenForTest: async (json, options = {}) => await register(json, options, true),
		run: async (json, options) => await hosted.start(json, options).result,
		start: (json, options) => hosted.start(json, options),
		until: async (id, state) => await hosted.until(id, state),
		expire: async (id) => await hosted.expire(id),
		stop: async (id) => await hosted.stop(id),
		retry: (id, options) => hosted.retry(id, options),
		url(json, name, webhookName = 'default') {
			const workflow = open(json, {}, false);
			const node = nodeOf(workflow, name);
			const found = webhooksOf(loaded, workflow, additionalData({})).starting.find(
				({ webhookDescription, node: of }) =>
					of === name && webhookDescription.name === webhookName,
			);
			if (!found) throw new Error(`"${node.name}" has no webhook named ${webhookName}`);
			return {
				production: `${baseUrl}/webhook/${found.path}`,
				test: `${baseUrl}/webhook-test/${found.path}`,
			};
		},
		staticData: (json) => staticData.get(workflowIdOf(json)) ?? {},
		async execution(n = 1): Promise<Run> {
			for (;;) {
				const execution = executions[n - 1];
				if (execution) return await execution.result;
				await once(events, 'execution');
			}
		},
		async close() {
			if (!server.listening) return;
			hosted.cancelAll();
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		},
	};
}

function keyOf(method: string, path: string, isTest: boolean): string {
	return `${isTest ? 'test' : 'production'} ${method} ${path}`;
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
