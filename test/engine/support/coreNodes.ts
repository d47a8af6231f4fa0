/**
 * Stand-ins for the nodes of `n8n-nodes-base` that workflows around ours are made of. The real
 * package brings about 180 MB and its dependencies several times as much, for nodes that shuffle items.
 * Each stand-in does what n8n's documentation says of the settings it knows, at any type version.
 */
import type {
	AssignmentCollectionValue,
	ExecuteWorkflowData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	IPairedItemData,
} from 'n8n-workflow';
import { isResourceLocatorValue, NodeOperationError } from 'n8n-workflow';

function standIn(
	name: string,
	execute: INodeType['execute'],
	description: Partial<INodeTypeDescription> = {},
): [string, INodeType] {
	const node: INodeType = {
		description: {
			displayName: `${name} (stand-in)`,
			name,
			group: ['transform'],
			version: 1,
			description: 'Stand-in for a node of n8n-nodes-base',
			defaults: { name },
			inputs: ['main'],
			outputs: ['main'],
			properties: [],
			...description,
		},
		...(execute && { execute }),
	};
	return [`n8n-nodes-base.${name}`, node];
}

async function passThrough(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return [this.getInputData()];
}

const trigger: Partial<INodeTypeDescription> = { group: ['trigger'], inputs: [] };

function parameter(
	name: string,
	type: INodeProperties['type'],
	defaultValue: INodeProperties['default'],
): INodeProperties {
	return { displayName: name, name, type, default: defaultValue };
}

function setPath(target: IDataObject, path: string, value: IDataObject[string]): void {
	const keys = path.split('.');
	const last = keys.pop() ?? path;
	let parent = target;
	for (const key of keys) {
		const child = parent[key];
		const next: IDataObject =
			typeof child === 'object' && child !== null && !Array.isArray(child)
				? (child as IDataObject) // a JSON object, as its parent is
				: {};
		parent[key] = next;
		parent = next;
	}
	parent[last] = value;
}

/** Wait, after a time interval; longer ones than 65 seconds, which n8n keeps in its database. */
async function wait(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const units: Record<string, number> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };
	const unit = units[String(this.getNodeParameter('unit', 0))] ?? Number.NaN;
	const seconds = Number(this.getNodeParameter('amount', 0)) * unit;
	if (!(seconds > 65)) throw new Error('The stand-in keeps no wait in memory');
	await this.putExecutionToWait(new Date(Date.now() + seconds * 1000));
	return [this.getInputData()];
}

/** Edit Fields: `manual` with assignments, or `raw` JSON; "Include Other Input Fields" all or none. */
async function editFields(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = this.getInputData().map((item, index) => {
		const keep = this.getNodeParameter('includeOtherFields', index) === true;
		const json: IDataObject = keep ? structuredClone(item.json) : {};
		if (this.getNodeParameter('mode', index) === 'raw') {
			const raw = this.getNodeParameter('jsonOutput', index) as string | IDataObject; // type `json`
			Object.assign(json, typeof raw === 'string' ? JSON.parse(raw) : raw);
		} else {
			const { assignments } = this.getNodeParameter('assignments', index, {
				assignments: [],
			}) as AssignmentCollectionValue;
			for (const { name, type, value } of assignments ?? []) {
				const parsed =
					(type === 'object' || type === 'array') && typeof value === 'string'
						? (JSON.parse(value) as IDataObject)
						: type === 'number'
							? Number(value)
							: (value as IDataObject[string]);
				setPath(json, name, parsed);
			}
		}
		return {
			json,
			pairedItem: { item: index },
			...(keep && item.binary && { binary: item.binary }),
		};
	});
	return [items];
}

/** If: the conditions are evaluated by n8n-core itself, as for any parameter of type `filter`. */
async function ifTrue(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const outputs: [INodeExecutionData[], INodeExecutionData[]] = [[], []];
	this.getInputData().forEach((item, index) => {
		const pass = this.getNodeParameter('conditions', index, false, { extractValue: true });
		outputs[pass === true ? 0 : 1].push({ ...item, pairedItem: { item: index } });
	});
	return outputs;
}

/** Loop Over Items: `done` first, `loop` second; the loop's results come out of `done` together. */
async function loopOverItems(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const loop = this.getContext('node') as {
		rest?: INodeExecutionData[];
		processed: INodeExecutionData[];
	};
	const batchSize = Number(this.getNodeParameter('batchSize', 0));
	const input = this.getInputData().map((item, index) => ({
		...item,
		pairedItem: { item: index },
	}));
	if (loop.rest === undefined) {
		loop.rest = input;
		loop.processed = [];
	} else {
		loop.processed = [...loop.processed, ...input];
	}
	const batch = loop.rest.slice(0, batchSize);
	loop.rest = loop.rest.slice(batchSize);
	return batch.length > 0 ? [[], batch] : [loop.processed, []];
}

/** Remove Duplicates: within the input, or what this process has seen under the same node. */
function removeDuplicates(): INodeType['execute'] {
	const seenBefore = new Map<string, Set<string>>();
	return async function (this: IExecuteFunctions) {
		const acrossExecutions =
			this.getNodeParameter('operation', 0) === 'removeItemsSeenInPreviousExecutions';
		const scope = `${this.getWorkflow().id}:${this.getNode().id}`;
		const seen = (acrossExecutions && seenBefore.get(scope)) || new Set<string>();
		if (acrossExecutions) seenBefore.set(scope, seen);
		const kept: INodeExecutionData[] = [];
		const discarded: INodeExecutionData[] = [];
		this.getInputData().forEach((item, index) => {
			const key = acrossExecutions
				? String(this.getNodeParameter('dedupeValue', index))
				: JSON.stringify(item.json);
			(seen.has(key) ? discarded : kept).push({ ...item, pairedItem: { item: index } });
			seen.add(key);
		});
		return acrossExecutions ? [kept, discarded] : [kept];
	};
}

/** Split Out: a list of objects becomes one item each; "Include" is always No Other Fields. */
async function splitOut(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = this.getInputData().flatMap((item, index) => {
		const list = item.json[String(this.getNodeParameter('fieldToSplitOut', index))];
		const entries = (Array.isArray(list) ? list : []) as IDataObject[]; // objects, as said above
		return entries.map((json) => ({ json, pairedItem: { item: index } }));
	});
	return [items];
}

/** Code: JavaScript with `$input.all()`, `$json` and `items`; no sandbox, for it is our own code. */
async function code(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const source = this.getNodeParameter('jsCode', 0) as string; // a parameter of type `string`
	const items = this.getInputData();
	const wrap = (value: unknown, index?: number): INodeExecutionData[] =>
		[value].flat().map((entry) => {
			const item = entry as INodeExecutionData | IDataObject; // whatever the code returned
			const whole = 'json' in item ? (item as INodeExecutionData) : { json: item as IDataObject };
			return index === undefined ? whole : { pairedItem: { item: index }, ...whole };
		});
	const run = async (item: INodeExecutionData | undefined): Promise<unknown> => {
		const body = new Function('$input', '$json', 'items', `return (async () => {${source}\n})()`);
		const $input = { all: () => items, first: () => items[0], item };
		return await body($input, item?.json, items);
	};
	if (this.getNodeParameter('mode', 0) !== 'runOnceForEachItem') return [wrap(await run(items[0]))];
	const each = await Promise.all(items.map(async (item, index) => wrap(await run(item), index)));
	return [each.flat()];
}

/** Execute Sub-workflow: by ID, with all items at once or once per item; waits unless told not to. */
async function executeWorkflow(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = this.getInputData();
	const selected = this.getNodeParameter('workflowId', 0);
	const id = isResourceLocatorValue(selected) ? selected.value : selected;
	if (typeof id !== 'string') throw new NodeOperationError(this.getNode(), 'No workflow ID');
	const wait = this.getNodeParameter('options.waitForSubWorkflow', 0, true) === true;
	const parentExecution = {
		executionId: this.getExecutionId(),
		workflowId: this.getWorkflow().id ?? '',
		shouldResume: wait,
	};
	const call = async (input: INodeExecutionData[]): Promise<ExecuteWorkflowData> =>
		await this.executeWorkflow({ id }, input, undefined, {
			doNotWaitToFinish: !wait,
			parentExecution,
		});
	const output = async (input: INodeExecutionData[], pairedItem: IPairedItemData[]) => {
		const { data } = await call(input);
		return wait ? (data[0] ?? []).map((item) => ({ ...item, pairedItem })) : input;
	};
	if (this.getNodeParameter('mode', 0) !== 'each') {
		return [
			await output(
				items,
				items.map((_, item) => ({ item })),
			),
		];
	}
	const results: INodeExecutionData[] = [];
	for (const [index, item] of items.entries()) {
		results.push(...(await output([item], [{ item: index }])));
	}
	return [results];
}

/** New ones for each engine: Remove Duplicates remembers. */
export function coreNodes(): Record<string, INodeType> {
	return Object.fromEntries([
		standIn('manualTrigger', passThrough, trigger),
		standIn('scheduleTrigger', passThrough, trigger),
		standIn('executeWorkflowTrigger', passThrough, trigger),
		standIn('formTrigger', passThrough, trigger),
		standIn('noOp', passThrough),
		standIn('stickyNote', undefined, { inputs: [], outputs: [] }),
		standIn('set', editFields, {
			properties: [
				parameter('mode', 'string', 'manual'),
				parameter('assignments', 'assignmentCollection', {}),
				parameter('jsonOutput', 'json', '{}'),
				parameter('includeOtherFields', 'boolean', false),
			],
		}),
		standIn('if', ifTrue, {
			outputs: ['main', 'main'],
			properties: [
				{ ...parameter('conditions', 'filter', {}), typeOptions: { filter: { version: 2 } } },
			],
		}),
		standIn('wait', wait, {
			properties: [parameter('amount', 'number', 1), parameter('unit', 'string', 'hours')],
		}),
		standIn('splitInBatches', loopOverItems, {
			outputs: ['main', 'main'],
			properties: [parameter('batchSize', 'number', 1)],
		}),
		standIn('removeDuplicates', removeDuplicates(), {
			outputs: ['main', 'main'],
			properties: [
				parameter('operation', 'string', 'removeDuplicateInputItems'),
				parameter('dedupeValue', 'string', ''),
			],
		}),
		standIn('splitOut', splitOut, { properties: [parameter('fieldToSplitOut', 'string', '')] }),
		standIn('code', code, {
			properties: [
				parameter('mode', 'string', 'runOnceForAllItems'),
				parameter('jsCode', 'string', ''),
			],
		}),
		standIn('executeWorkflow', executeWorkflow, {
			properties: [
				parameter('workflowId', 'workflowSelector', ''),
				parameter('mode', 'string', 'once'),
				parameter('options', 'collection', {}),
			],
		}),
	]);
}
