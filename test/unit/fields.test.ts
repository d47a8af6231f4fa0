/** What the screen says of the fields: one rule a test, over all of them. */
import { NodeHelpers, type INodeParameters, type INodeProperties } from 'n8n-workflow';

import { KieAiApi } from '../../credentials/KieAiApi.credentials';
import { KieAi } from '../../nodes/KieAi/KieAi.node';
import { KieAiTrigger } from '../../nodes/KieAi/KieAiTrigger.node';

const action = new KieAi().description;
const trigger = new KieAiTrigger().description;

const OPERATIONS = {
	account: ['getCreditBalance'],
	file: ['download', 'upload'],
	veoVideo: ['extend', 'generate', 'get', 'get1080p', 'get4k'],
};
const PAIRS = Object.entries(OPERATIONS).flatMap(([resource, operations]) =>
	operations.map((operation) => ({ resource, operation })),
);

/** Fields and what is in their collections; once, where several operations have the same. */
const all = [
	...new Map(
		[...action.properties, ...trigger.properties, ...new KieAiApi().properties]
			.flatMap((field) => [field, ...optionsOf(field)])
			.filter(({ type }) => type !== 'hidden' && type !== 'notice')
			.map((field) => [JSON.stringify({ ...field, displayOptions: {} }), field]),
	).values(),
];

function optionsOf({ type, options = [] }: INodeProperties): INodeProperties[] {
	return type === 'collection' ? (options as INodeProperties[]) : [];
}

const ofType = (...types: Array<INodeProperties['type']>) =>
	all.filter(({ type }) => types.includes(type));

/** What is on screen for these values; what depends on a field that is not there has not got it. */
function visible(values: INodeParameters, isTool = false): INodeProperties[] {
	const node = { ...action, name: isTool ? 'kieAiTool' : 'kieAi' };
	const withDefaults = NodeHelpers.getNodeParameters(
		node.properties,
		values,
		true,
		false,
		null,
		node,
	);
	return node.properties.filter(
		(field) =>
			field.type !== 'hidden' &&
			NodeHelpers.displayParameter(withDefaults ?? {}, field, null, node),
	);
}

/** What other fields depend on. */
const deciding = new Set(
	action.properties.flatMap(({ displayOptions }) => Object.keys(displayOptions?.show ?? {})),
);

/** Every screen that an operation can show. */
function screens(values: INodeParameters, isTool: boolean): INodeProperties[][] {
	const fields = visible(values, isTool);
	const open = fields.find(({ name }) => deciding.has(name) && !(name in values));
	if (open === undefined) return [fields];
	const choices =
		open.type === 'boolean'
			? [true, false]
			: (open.options ?? []).flatMap((option) => ('value' in option ? [option.value] : []));
	return choices.flatMap((choice) => screens({ ...values, [open.name]: choice }, isTool));
}

it.each(ofType('number'))(
	'$displayName says its range, and keeps to it',
	({ description, typeOptions: { minValue, maxValue } = {} }) => {
		const [min, max] = [minValue, maxValue].map((value) => value?.toLocaleString('en-US'));
		expect(description).toContain(`from ${min} to ${max}`);
	},
);

const UNITS = [
	/seconds/,
	/minutes/,
	/megabytes/,
	/credits/,
	/tasks/,
	/as a number/,
	/whole number/,
];

it.each(ofType('number'))('$displayName says its unit', ({ description = '' }) => {
	expect(UNITS.filter((unit) => unit.test(description)).length).toBeGreaterThan(0);
});

it.each(ofType('boolean'))('$displayName says whether to do what', ({ description }) => {
	expect(description).toMatch(/^Whether to /);
});

it.each(ofType('string', 'json').filter(({ default: value }) => value === ''))(
	'$displayName shows what a value looks like, or where it comes from',
	({ placeholder, hint }) => {
		expect(placeholder ?? hint).toMatch(/^(e\.g\. \S|From kie\.ai|Optional, from kie\.ai)/);
	},
);

it.each(
	all.filter(
		({ name, type }) => type !== 'collection' && !['resource', 'operation'].includes(name),
	),
)('$displayName says what the value does', ({ description, hint }) => {
	expect(description ?? hint).toMatch(/^[A-Z].{8,}/);
});

it('a text ends with a full stop where it has several sentences', () => {
	const each = all.flatMap((field) => [field, ...(field.options ?? [])]);
	for (const text of each) {
		const description = ('description' in text && text.description) || '';
		expect([description, description.endsWith('.')]).toEqual([
			description,
			/[.] [A-Z]/.test(description),
		]);
	}
});

it.each(ofType('collection', 'options', 'multiOptions'))(
	'$displayName offers what it has in alphabetical order',
	({ options = [] }) => {
		const names = options.map((each) => ('displayName' in each ? each.displayName : each.name));
		expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en')));
	},
);

it('one label is one parameter, so that switching the operation keeps its value', () => {
	const named = action.properties.map(({ displayName, name }) => `${displayName}: ${name}`);
	const labels = [...new Set(named)].map((each) => each.split(':')[0]);
	expect(labels).toEqual([...new Set(labels)]);
});

const REQUIRED: Record<string, string[]> = {
	download: ['File URL', 'Put Output File in Field'],
	extend: ['Task ID', 'Prompt', 'Put Output File in Field', 'Callback URL'],
	generate: [
		'Prompt',
		'Image URLs',
		'Input Data Field Names',
		'Put Output File in Field',
		'Callback URL',
	],
	get: ['Task ID', 'Put Output File in Field'],
	get1080p: ['Task ID', 'Put Output File in Field'],
	get4k: ['Task ID', 'Put Output File in Field', 'Callback URL'],
	getCreditBalance: [],
	upload: ['Input Data Field Name', 'Source URL'],
};

describe.each(PAIRS)('$resource $operation', ({ resource, operation }) => {
	it.each([false, true])('asks for nothing twice (as a tool: %s)', (isTool) => {
		for (const screen of screens({ resource, operation }, isTool)) {
			const names = screen.map(({ displayName }) => displayName);
			expect(names).toEqual([...new Set(names)]);
			const values = screen.map(({ name }) => name);
			expect(values).toEqual([...new Set(values)]);
		}
	});

	it('marks what is required', () => {
		const required = screens({ resource, operation }, false).flatMap((screen) =>
			screen.filter(({ required }) => required).map(({ displayName }) => displayName),
		);
		expect(new Set(required)).toEqual(new Set(REQUIRED[operation]));
	});
});
