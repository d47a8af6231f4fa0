/**
 * Credentials as n8n resolves and applies them. n8n's own CredentialsHelper and CredentialsTester
 * live in its server package with its database; these follow them step by step, on the same functions
 * of n8n-workflow and n8n-core, with a plain object in place of the database.
 */
import type {
	ICredentialDataDecryptedObject,
	ICredentials,
	ICredentialsExpressionResolveValues,
	IExecuteData,
	IHttpRequestOptions,
	INode,
	INodeCredentialsDetails,
	INodeCredentialTestResult,
	INodeParameters,
	INodeProperties,
	INodePropertyOptions,
	INodeType,
	IRequestOptionsSimplified,
	IWorkflowExecuteAdditionalData,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import {
	createEmptyRunExecutionData,
	ICredentialsHelper,
	isExpression,
	NodeHelpers,
	UserError,
	Workflow,
} from 'n8n-workflow';
import { core } from './n8n';
import type { Loaded } from './nodeTypes';
import type { CredentialsByType } from './types';

const mockNode: INode = {
	id: 'mock',
	name: '',
	typeVersion: 1,
	type: 'mock',
	position: [0, 0],
	parameters: {},
};

function mockWorkflow(node: INode, type: Pick<INodeType, 'description'>): Workflow {
	return new Workflow({
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes: {
			getByName: () => type,
			getByNameAndVersion: () => type,
			getKnownTypes: () => ({}),
		},
	});
}

const mockType: Pick<INodeType, 'description'> = {
	description: {
		displayName: '',
		name: 'mock',
		group: [],
		version: 1,
		description: '',
		defaults: {},
		inputs: [],
		outputs: [],
		properties: [],
	},
};

export class TestCredentials extends ICredentialsHelper {
	constructor(
		private readonly loaded: Loaded,
		private readonly stored: CredentialsByType,
	) {
		super();
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		requestOptions: IHttpRequestOptions | IRequestOptionsSimplified,
		workflow?: Workflow,
		node?: INode,
	): Promise<IHttpRequestOptions> {
		const { authenticate } = this.loaded.credentialType(typeName);
		// n8n treats the legacy and the current kind of options alike; `url` is set on both.
		const options = requestOptions as IHttpRequestOptions;
		if (!authenticate) return options;
		if (typeof authenticate === 'function') return await authenticate(credentials, options);
		if (!workflow || !node) throw new UserError('A generic credential needs a workflow and a node');
		const resolve = (value: unknown): unknown =>
			isExpression(value)
				? (
						workflow.expression.getSimpleParameterValue(
							node,
							value as string, // an expression is a string that starts with `=`
							'internal',
							{ $credentials: credentials },
							undefined,
							'',
						) ?? ''
					).toString()
				: value;
		options.headers ??= {};
		const target = options as unknown as Record<string, Record<string, unknown>>; // headers, qs, body, auth
		for (const [place, values] of Object.entries(authenticate.properties)) {
			for (const [key, value] of Object.entries((values ?? {}) as Record<string, unknown>)) {
				(target[place] ??= {})[String(resolve(key))] = resolve(value);
			}
		}
		return options;
	}

	async getDecrypted(
		additionalData: IWorkflowExecuteAdditionalData,
		nodeCredentials: INodeCredentialsDetails,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		raw?: boolean,
		values?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		const stored = this.stored[type];
		if (!stored) {
			throw new UserError(
				`Credential with ID "${nodeCredentials.id ?? ''}" does not exist for type "${type}".`,
			);
		}
		if (raw === true) return stored;
		return await this.applyDefaults(additionalData, stored, type, mode, executeData, values);
	}

	/** Defaults of the type for what is not stored, then expressions. */
	async applyDefaults(
		additionalData: IWorkflowExecuteAdditionalData,
		stored: ICredentialDataDecryptedObject,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		values?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		const withDefaults = NodeHelpers.getNodeParameters(
			this.getCredentialsProperties(type),
			structuredClone(stored) as INodeParameters, // both are plain JSON
			true,
			false,
			null,
			null,
		) as INodeParameters;
		for (const field of ['allowedHttpRequestDomains', 'allowedDomains']) {
			const value = stored[field];
			if (withDefaults[field] === undefined && value !== undefined) {
				withDefaults[field] = value as INodeParameters[string];
			}
		}
		const keys = core.getAdditionalKeys(additionalData, mode, null, { isCredential: true });
		if (values) {
			return values.workflow.expression.getParameterValue(
				withDefaults,
				values.runExecutionData,
				values.runIndex,
				values.itemIndex,
				values.node.name,
				values.connectionInputData,
				mode,
				keys,
				executeData,
				false,
				withDefaults,
			) as ICredentialDataDecryptedObject;
		}
		const workflow = mockWorkflow(mockNode, mockType);
		return workflow.expression.getComplexParameterValue(
			mockNode,
			withDefaults,
			mode,
			keys,
			undefined,
			undefined,
			withDefaults,
		) as ICredentialDataDecryptedObject;
	}

	getCredentialsProperties(type: string): INodeProperties[] {
		const { extends: parents, properties } = this.loaded.credentialType(type);
		const combined: INodeProperties[] = [];
		for (const parent of parents ?? []) {
			NodeHelpers.mergeNodeProperties(combined, this.getCredentialsProperties(parent));
		}
		NodeHelpers.mergeNodeProperties(combined, properties);
		return combined;
	}

	getParentTypes(name: string): string[] {
		const parents = this.loaded.credentialType(name).extends ?? [];
		return [...parents, ...parents.flatMap((parent) => this.getParentTypes(parent))];
	}

	isCredentialUsableByNode(credentialType: string, nodeType: string): boolean {
		return (
			!this.loaded.credentialType(credentialType).restrictToSupportedNodes ||
			this.loaded.supportedNodes(credentialType).includes(nodeType)
		);
	}

	// What follows serves OAuth and expiring sessions: no credential of this package has either.

	async preAuthentication(): Promise<undefined> {
		return undefined;
	}

	async runPreAuthentication(): Promise<undefined> {
		return undefined;
	}

	async getCredentials(): Promise<ICredentials> {
		throw new Error('The harness keeps no encrypted credentials');
	}

	async updateCredentials(): Promise<void> {
		throw new Error('The harness stores no credentials');
	}

	async updateCredentialsOauthTokenData(): Promise<void> {
		throw new Error('The harness stores no credentials');
	}
}

/** The part of n8n's CredentialsTester for a credential type with a declared test request. */
export async function testCredential(
	loaded: Loaded,
	credentials: TestCredentials,
	additionalData: IWorkflowExecuteAdditionalData,
	type: string,
	data: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> {
	const test = loaded.credentialType(type).test;
	if (!test) return { status: 'Error', message: 'No testing function found for this credential.' };
	const failed = (message: string): INodeCredentialTestResult => ({ status: 'Error', message });

	const details = { id: 'test', name: 'test' };
	const node: INode = {
		...mockNode,
		id: 'temp',
		name: 'Temp-Node',
		credentials: { [type]: details },
	};
	const routing = { request: test.request } as INodePropertyOptions['routing'];
	const nodeType: INodeType = {
		description: {
			...mockType.description,
			credentials: [{ name: type, required: true }],
			properties: [
				{
					displayName: 'Temp',
					name: 'temp',
					type: 'string',
					default: '',
					...(routing && { routing }),
				},
			],
		},
	};
	const workflow = mockWorkflow(node, nodeType);
	try {
		const resolved = await credentials.applyDefaults(additionalData, data, type, 'internal');
		credentials.getDecrypted = async () => resolved;
		const context = new core.ExecuteContext(
			workflow,
			node,
			{ ...additionalData, currentNodeParameters: node.parameters, credentialsHelper: credentials },
			'internal',
			createEmptyRunExecutionData(),
			0,
			[],
			{ main: [[{ json: {} }]] },
			{ node, data: {}, source: null },
			[],
		);
		const decrypted = { ...details, type, data: resolved };
		const output = await new core.RoutingNode(context, nodeType, decrypted).runNode();
		const body = output?.[0]?.[0]?.json ?? {};
		for (const rule of test.rules ?? []) {
			if (rule.type !== 'responseSuccessBody') continue;
			const { key, value, message } = rule.properties;
			if (getPath(body, key) === value) return failed(message);
		}
		return { status: 'OK', message: 'Connection successful!' };
	} catch (error) {
		const { message, cause } = error as {
			message: string;
			cause?: { code?: string; response?: { status: number; statusText: string } };
		}; // NodeApiError around an axios error, as n8n's tester reads it
		if (cause?.response) {
			const { status, statusText } = cause.response;
			for (const rule of test.rules ?? []) {
				if (rule.type === 'responseCode' && rule.properties.value === status) {
					return failed(rule.properties.message);
				}
			}
			if (status < 199 || status > 299) {
				return failed(statusText || `Received HTTP status code: ${status}`);
			}
		} else if (cause?.code) {
			return failed(cause.code);
		}
		return failed(message);
	}
}

function getPath(value: unknown, path: string): unknown {
	return path
		.split('.')
		.reduce<unknown>(
			(at, key) =>
				typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined,
			value,
		);
}
