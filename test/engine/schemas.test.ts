import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import Ajv from 'ajv';
import type { IDataObject } from 'n8n-workflow';

import { outputSchemas } from '../../scripts/schemas/contract';
import { first, useWorld } from './support/action';
import { openTriggerWorld } from './support/trigger';

const PHOTO = { data: Buffer.from('a photo').toString('base64'), mimeType: 'image/jpeg' };

const SCHEMA_DIR = join(__dirname, '../../dist/nodes/KieAi/__schema__');

/** What ships: gulp has copied it into `dist/`. */
const shipped = Object.fromEntries(
	readdirSync(SCHEMA_DIR, { recursive: true, encoding: 'utf8' })
		.filter((path) => path.endsWith('.json'))
		.map((path) => [
			path,
			JSON.parse(readFileSync(join(SCHEMA_DIR, path), 'utf8')) as {
				properties: IDataObject;
			},
		]),
);

/** Complaints of a validator to which every field must be in the schema, and every field of the schema there. */
function complaints(path: string, output: IDataObject): unknown[] {
	const schema = shipped[`${path}.json`];
	if (schema === undefined) return [`There is no schema ${path}`];
	const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
	ajv.addKeyword('version');
	const exact = {
		...schema,
		required: Object.keys(schema.properties),
		additionalProperties: false,
	};
	ajv.validate(exact, output);
	return ajv.errors ?? [];
}

it('ships what `npm run schemas` writes', () => {
	expect(shipped).toEqual(outputSchemas());
});

interface OperationField {
	name: string;
	options?: Array<{ value: string }>;
	displayOptions?: { show?: { resource?: string[] } };
}

it('has a schema for every operation', () => {
	const path = join(__dirname, '../../dist/nodes/KieAi/KieAi.node.js');
	const { KieAi } = createRequire(__filename)(path) as {
		KieAi: new () => { description: { properties: OperationField[] } };
	};
	const paths = new KieAi().description.properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ options = [], displayOptions }) =>
			options.map(({ value }) => `v1.0.0/${displayOptions?.show?.resource?.[0]}/${value}.json`),
		);
	expect([...paths, 'v1.1.0/output.json'].sort()).toEqual(Object.keys(shipped).sort());
});

describe('KieAI', () => {
	const world = useWorld();

	it.each(['get', 'get1080p', 'get4k', 'extend'])(
		'puts out what the schema of %s says',
		async (operation) => {
			const { id } = world.sandbox.addTask();
			const run = await world.run({ operation, taskId: id, prompt: 'The fox stops' });
			expect(complaints(`v1.0.0/veoVideo/${operation}`, first(run))).toEqual([]);
		},
	);

	it('puts out what the schema of generate says, ready or not', async () => {
		const ready = await world.run({ operation: 'generate', prompt: 'A red fox' });
		expect(complaints('v1.0.0/veoVideo/generate', first(ready))).toEqual([]);

		const started = await world.run({
			operation: 'generate',
			prompt: 'A red fox',
			waitForResult: 'none',
		});
		expect(first(started)).toMatchObject({ status: 'processing', videoUrl: null });
		expect(complaints('v1.0.0/veoVideo/generate', first(started))).toEqual([]);
	});

	it.each(['filesystem', 'default'] as const)(
		'puts out what the schema of download says, with binary data in mode %s',
		async (binaryMode) => {
			const { videos } = world.sandbox.addTask();
			const fileUrl = videos[0]?.url ?? '';
			const run = await world.run(
				{ resource: 'file', operation: 'download', fileUrl },
				{ binaryMode },
			);
			expect(complaints('v1.0.0/file/download', first(run))).toEqual([]);
		},
	);

	it.each([
		['a binary field', {}],
		['a URL', { fileSource: 'url', sourceUrl: 'https://example.com/photo.jpg' }],
	])('puts out what the schema of upload says, from %s', async (_source, parameters) => {
		const { videos } = world.sandbox.addTask();
		const sourceUrl = 'sourceUrl' in parameters ? { sourceUrl: videos[0]?.imageUrl } : {};
		const run = await world.run(
			{ resource: 'file', operation: 'upload', ...parameters, ...sourceUrl },
			{ items: [{ json: {}, binary: { data: PHOTO } }] },
		);
		expect(complaints('v1.0.0/file/upload', first(run))).toEqual([]);
	});

	it('puts out what the schema of get credit balance says', async () => {
		const run = await world.run({ resource: 'account', operation: 'getCreditBalance' });
		expect(complaints('v1.0.0/account/getCreditBalance', first(run))).toEqual([]);
	});
});

describe('KieAI Trigger', () => {
	it('puts out what its schema says', async () => {
		const world = await openTriggerWorld();
		const hosted = await world.publish();
		const callBackUrl = hosted.host.url(hosted.workflow, 'KieAI Trigger').production;
		for (const prompt of ['A red fox', 'fail: content policy']) {
			world.sandbox.addTask({ state: 'running', prompt, callBackUrl });
		}
		await world.finishTasks();
		const started = await hosted.started();
		expect(started.map(({ status }) => status).sort()).toEqual(['failed', 'succeeded']);
		expect(started.flatMap((item) => complaints('v1.1.0/output', item))).toEqual([]);
		await world.close();
	});
});
