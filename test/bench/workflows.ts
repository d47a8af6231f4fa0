/** The workflows that are compared: with our node, and what a person builds without it. */
import type { IDataObject } from 'n8n-workflow';

import type { CredentialRef, StoredWorkflow } from '../../scripts/n8n/api';
import { chain, noOp, second } from '../e2e/support/workflow';
import { call, webhookTrigger, type World } from '../e2e/support/world';
import type { NodeJson, WorkflowJson } from '../engine/support/types';
import { KIEAI_NODE } from '../engine/support/world';

export interface Published extends StoredWorkflow {
	/** Ends once n8n has taken the call, whose body is `$json.body` in the workflow. */
	start(body?: object): Promise<void>;
}

/** A workflow that begins with a webhook, and in production. */
export async function publish(
	world: World,
	name: string,
	workflowOf: (trigger: NodeJson) => WorkflowJson,
): Promise<Published> {
	const trigger = webhookTrigger();
	const stored = await world.publish({ ...workflowOf(trigger), name });
	return { ...stored, start: async (body = {}) => await call(world, trigger, body) };
}

export function kieAi(parameters: IDataObject): NodeJson {
	return {
		name: 'KieAI',
		type: KIEAI_NODE,
		typeVersion: 1,
		parameters: parameters as NodeJson['parameters'] & object,
	};
}

/** KieAI's key as one gives it to the HTTP Request node. */
export async function headerCredential({ n8n, sandbox }: World): Promise<CredentialRef> {
	return await n8n.api.credentials.create({
		name: 'KieAI key',
		type: 'httpHeaderAuth',
		data: { name: 'Authorization', value: `Bearer ${sandbox.apiKey}` },
	});
}

export interface Request {
	method: 'GET' | 'POST';
	url: string;
	/** Expression for the body. */
	body?: string;
	/** Only for what wants the key. */
	credential?: CredentialRef;
	options?: IDataObject;
}

export function httpRequest(name: string, request: Request): NodeJson {
	const { method, url, body, credential, options = {} } = request;
	const parameters: IDataObject = {
		method,
		url,
		options,
		...(credential && {
			authentication: 'genericCredentialType',
			genericAuthType: 'httpHeaderAuth',
		}),
		...(body && { sendBody: true, specifyBody: 'json', jsonBody: body }),
	};
	return {
		name,
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: parameters as NodeJson['parameters'] & object,
		...(credential && { credentials: { httpHeaderAuth: credential } }),
	};
}

export function wait(seconds: number, name = 'Wait'): NodeJson {
	const parameters = { resume: 'timeInterval', amount: seconds, unit: 'seconds' };
	return { name, type: 'n8n-nodes-base.wait', typeVersion: 1.1, parameters };
}

/** For 4K of the source that the webhook was told. */
export const SOURCE = '={{ $json.body.id }}';

/** HTTP Request → If → Wait, and back: what people import today to get a film in 4K. */
export function handBuiltLoop(
	{ sandbox }: World,
	credential: CredentialRef,
	seconds: number,
): (trigger: NodeJson) => WorkflowJson {
	const ask = httpRequest('Ask', {
		method: 'POST',
		url: `${sandbox.apiUrl}/api/v1/veo/get-4k-video`,
		body: "={{ { taskId: $('Webhook').first().json.body.id, index: 0 } }}",
		credential,
	});
	const ready = isTrue('Ready?', '={{ ($json.data?.resultUrls ?? []).length > 0 }}');
	return (trigger) => {
		const workflow = second(chain(trigger, ask, ready, noOp()), ready.name, wait(seconds));
		workflow.connections['Wait'] = { main: [[{ node: ask.name, type: 'main', index: 0 }]] };
		return workflow;
	};
}

/** An If node with one condition. */
export function isTrue(name: string, leftValue: string): NodeJson {
	const operator = { type: 'boolean', operation: 'true', singleValue: true };
	const conditions = {
		options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
		combinator: 'and',
		conditions: [{ leftValue, rightValue: '', operator }],
	};
	return { name, type: 'n8n-nodes-base.if', typeVersion: 2.2, parameters: { conditions } };
}
