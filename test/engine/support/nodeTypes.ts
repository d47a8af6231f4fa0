/** Which nodes and credential types the engine knows: our package's, and stand-ins for n8n's own. */
import type {
	ICredentialType,
	INodeType,
	INodeTypeDescription,
	INodeTypes,
	IVersionedNodeType,
} from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';
import { agents } from './agents';
import { coreNodes } from './coreNodes';
import { core } from './n8n';

export interface Loaded {
	nodeTypes: INodeTypes;
	credentialType(name: string): ICredentialType;
	/** Names of the nodes, with package, that list the credential type. */
	supportedNodes(credentialType: string): string[];
}

/**
 * Loads a package as n8n loads an installed community node: through its package.json, from `dist/`.
 * @throws if the package has not been built, or n8n refuses a description
 */
export async function loadNodes(
	packageDir: string,
	more: Record<string, INodeType | IVersionedNodeType> = {},
): Promise<Loaded> {
	const loader = new core.PackageDirectoryLoader(packageDir);
	await loader.loadAll();
	const types: Record<string, INodeType | IVersionedNodeType> = {
		...coreNodes(),
		...agents(),
		...more,
	};
	for (const [name, { type }] of Object.entries(loader.nodeTypes)) {
		types[`${loader.packageName}.${name}`] = type;
		if ('description' in type && type.description.usableAsTool && 'execute' in type) {
			types[`${loader.packageName}.${name}Tool`] ??= asTool(type);
		}
	}
	const byName = (name: string) => {
		const type = types[name];
		if (type) return type;
		const known = Object.keys(types).join(', ');
		throw new Error(`The engine harness knows no node of type ${name}. It knows: ${known}`);
	};
	return {
		nodeTypes: {
			getByName: byName,
			getByNameAndVersion: (name, version) =>
				NodeHelpers.getVersionedNodeType(byName(name), version),
			getKnownTypes: () => ({}),
		},
		credentialType: (name) => loader.getCredential(name).type,
		supportedNodes: (name) =>
			(loader.known.credentials[name]?.supportedNodes ?? []).map(
				(node) => `${loader.packageName}.${node}`,
			),
	};
}

/** The node as agents are offered it: n8n makes such a variant of every node that is `usableAsTool`. */
function asTool(type: INodeType): INodeType {
	const description = { ...type.description };
	delete description.usableAsTool;
	const tool: INodeTypeDescription = {
		...description,
		name: `${description.name}Tool`,
		displayName: `${description.displayName} Tool`,
		inputs: [],
		outputs: ['ai_tool'],
		properties: [
			{
				displayName: 'Tool Description',
				name: 'descriptionType',
				type: 'options',
				default: 'auto',
			},
			{
				displayName: 'Description',
				name: 'toolDescription',
				type: 'string',
				default: description.description,
				displayOptions: { show: { descriptionType: ['manual'] } },
			},
			...description.properties,
		],
	};
	// The same node in all else; n8n clones it in this way too.
	return Object.assign(Object.create(type) as INodeType, { description: tool });
}
