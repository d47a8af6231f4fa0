import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';

import type { BinaryData } from 'n8n-core';
import type { IBinaryData, IDataObject } from 'n8n-workflow';

import { startSandbox } from '../sandbox';
import { readMedia } from '../sandbox/files';
import { bodies, errorText, first, GENERATE, items, sent, useWorld } from './support/action';
import { chain } from './support/engine';
import { binaryData, core } from './support/n8n';
import { itSince } from './support/since';
import type { Run } from './support/types';
import { KIEAI_NODE } from './support/world';

/** Slow enough for a file host on a busy machine not to fall silent for a minute. */
const world = useWorld({ clockScale: 100 });

const DOWNLOAD = { resource: 'file', operation: 'download' };
const film = readMedia({ resolution: '720p', aspectRatio: '16:9' }, 'mp4');
const film4k = readMedia({ resolution: '4k', aspectRatio: '16:9' }, 'mp4');

function fileUrl(): string {
	return world.sandbox.addTask().videos[0]?.url ?? '';
}

function binaryOf(run: Run, field = 'data'): IBinaryData | undefined {
	return run.items('KieAI')[0]?.binary?.[field];
}

/** A file host that does not tell the size beforehand. */
async function openEndlessHost(bytes: number): Promise<{ url: string; server: Server }> {
	const server = createServer((_request, response) => {
		response.writeHead(200, { 'content-type': 'video/mp4' });
		const piece = Buffer.alloc(64 * 1024);
		for (let sentBytes = 0; sentBytes < bytes; sentBytes += piece.length) response.write(piece);
		response.end();
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo; // of a TCP server
	return { url: `http://127.0.0.1:${port}/film.mp4`, server };
}

describe('Download file', () => {
	it('puts the film into a binary field', async () => {
		const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() });
		expect(run.error()).toBeUndefined();
		expect(binaryOf(run)).toMatchObject({ mimeType: 'video/mp4', fileExtension: 'mp4' });
		expect(await world.engine.readBinary(binaryOf(run))).toEqual(film);
	});

	it('takes the film of the input item, and names it by task and resolution', async () => {
		const videoUrl = fileUrl();
		const run = await world.run(DOWNLOAD, {
			items: items({ videoUrl, taskId: 'veo_task_1', resolution: '4K', status: 'succeeded' }),
		});
		expect(run.json('KieAI')).toEqual([
			expect.objectContaining({ fileUrl: videoUrl, fileName: 'veo_task_1-4K.mp4' }),
		]);
		expect(binaryOf(run)).toMatchObject({ fileName: 'veo_task_1-4K.mp4' });
	});

	it.each(['processing', 'failed', 'timedOut'])(
		'takes a link that was given by hand, beside an item whose status is %s',
		async (status) => {
			const run = await world.run(
				{ ...DOWNLOAD, fileUrl: fileUrl() },
				{ items: items({ status, videoUrl: null }) },
			);
			expect(run.error()).toBeUndefined();
			expect(await world.engine.readBinary(binaryOf(run))).toEqual(film);
		},
	);

	it('makes no path of a task ID', async () => {
		const run = await world.run(DOWNLOAD, {
			items: items({ videoUrl: fileUrl(), taskId: '../../etc/passwd', resolution: '4K' }),
		});
		expect(binaryOf(run)?.fileName).toMatch(/^[\w-][\w.-]*\.mp4$/);
	});

	it('uses the field that the user chose', async () => {
		const run = await world.run({
			...DOWNLOAD,
			fileUrl: fileUrl(),
			binaryPropertyName: 'film',
		});
		expect(Object.keys(run.items('KieAI')[0]?.binary ?? {})).toEqual(['film']);
	});

	it('writes to disk where n8n keeps files there', async () => {
		const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() });
		const { path, bytes } = await world.engine.binaryFile(binaryOf(run));
		expect(path).toBeDefined();
		expect(bytes).toBe(film.length);
	});

	it('works where n8n keeps files in memory', async () => {
		const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() }, { binaryMode: 'default' });
		expect(binaryOf(run)?.id).toBeUndefined();
		expect(await world.engine.readBinary(binaryOf(run))).toEqual(film);
	});

	it('downloads pictures under their own type', async () => {
		const imageUrl = world.sandbox.addTask().videos[0]?.imageUrl ?? '';
		const run = await world.run({ ...DOWNLOAD, fileUrl: imageUrl });
		expect(binaryOf(run)).toMatchObject({ mimeType: 'image/jpeg', fileExtension: 'jpg' });
	});

	it('asks KieAI for a fresh link first, and fetches that', async () => {
		const url = fileUrl();
		await world.run({ ...DOWNLOAD, fileUrl: url });
		expect(bodies(world, 'downloadUrl')).toEqual([{ url }]);
		expect(sent(world, 'file').map(({ path }) => path)).toEqual([expect.stringMatching(/^\/d\//)]);
	});

	it('renews a fresh link that has expired before it was used', async () => {
		world.sandbox.faults.add({
			endpoint: 'file',
			kind: 'http',
			status: 403,
			body: 'The link has expired',
		});
		const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() });
		expect(await world.engine.readBinary(binaryOf(run))).toEqual(film);
		expect(sent(world, 'downloadUrl')).toHaveLength(2);
		const [expired, renewed] = sent(world, 'file').map(({ path }) => path);
		expect(renewed).not.toBe(expired);
	});

	it("refuses what is not KieAI's, and does not fetch it", async () => {
		const run = await world.run({
			...DOWNLOAD,
			fileUrl: `${world.sandbox.otherHost.url}/film.mp4`,
		});
		expect(run.error()).toMatchObject({ name: 'NodeApiError', httpCode: '422' });
		expect(world.sandbox.otherHost.requests).toEqual([]);
	});

	it('says that KieAI keeps films for 14 days', async () => {
		const { videos } = world.sandbox.addTask({ ageSeconds: 15 * 24 * 3600 });
		const run = await world.run({ ...DOWNLOAD, fileUrl: videos[0]?.url ?? '' });
		expect(run.error()).toMatchObject({ httpCode: '422' });
		expect(sent(world, 'file')).toEqual([]);
	});

	it.each(['user:secret@127.0.0.1/a.mp4', 'user@127.0.0.1/a.mp4'])(
		'refuses a link with a name in it: %s',
		async (rest) => {
			const run = await world.run({ ...DOWNLOAD, fileUrl: `http://${rest}` });
			expect(errorText(run)).toContain('must not contain a user name or password');
			expect(world.sandbox.requests).toEqual([]);
		},
	);
});

describe('A film in the database of n8n', () => {
	const MB = 1024 ** 2;
	const database = { binaryMode: 'database' } as const;

	/** n8n's own is part of its server; like it, this one reads a file to its end before it looks at the size. */
	function databaseTakes(fileSize: number, maxFileSizeMb = 512): void {
		const store: BinaryData.Manager['store'] = async (_location, film) => {
			await buffer(film as Readable);
			const fileSizeMb = fileSize / MB;
			if (fileSizeMb > maxFileSizeMb) {
				throw new core.FileTooLargeError({ fileSizeMb, maxFileSizeMb, fileId: '1' });
			}
			return { fileId: '1', fileSize };
		};
		binaryData().setManager('database', { store } as BinaryData.Manager);
	}

	const hints = (run: Run) => run.hints('KieAI').map(({ message }) => message);

	// Before, n8n told no size.
	itSince('2.11').each([
		['downloaded by its link', () => ({ ...DOWNLOAD, fileUrl: fileUrl() })],
		['generated and downloaded', () => ({ ...GENERATE, download: true })],
	])('is near the limit, %s: a hint says so', async (_how, parameters) => {
		databaseTakes(400 * MB);
		const run = await world.run(parameters(), database);
		expect(binaryOf(run)).toMatchObject({ id: 'database:1', bytes: 400 * MB });
		expect(hints(run)).toEqual([expect.stringContaining('this film of 400 MB')]);
	});

	it('is far from the limit: no hint', async () => {
		databaseTakes(100 * MB);
		const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() }, database);
		expect(binaryOf(run)?.id).toBe('database:1');
		expect(hints(run)).toEqual([]);
	});

	it('is above the limit: an error that says what to do, and still tells the film', async () => {
		databaseTakes(700 * MB);
		const run = await world.run({ ...GENERATE, download: true }, database);
		const [task] = world.sandbox.tasks();
		expect(errorText(run)).toContain(
			"The file is larger than the 512 MB that n8n's database takes",
		);
		expect(errorText(run)).toContain('let n8n keep files in S3');
		expect(errorText(run)).toContain(task?.id);
		expect(errorText(run)).toContain(task?.videos[0]?.url);
		expect(sent(world, 'file')).toHaveLength(1);
		expect(world.sandbox.ledger).toHaveLength(1);
	});
});

describe('A redirect of the file host', () => {
	const redirect = (redirectTo: string, times: number | 'always' = 1) =>
		world.sandbox.faults.add({ endpoint: 'file', kind: 'redirect', redirectTo, times });

	it('is followed', async () => {
		redirect(`${world.sandbox.otherHost.url}/film.mp4`);
		const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() });
		expect(await world.engine.readBinary(binaryOf(run))).toEqual(film4k);
	});

	it('is followed where it is relative', async () => {
		const url = fileUrl();
		redirect(new URL(url).pathname);
		const run = await world.run({ ...DOWNLOAD, fileUrl: url });
		expect(await world.engine.readBinary(binaryOf(run))).toEqual(film);
	});

	it.each([
		['ftp://127.0.0.1/film.mp4', 'must begin with http:// or https://'],
		['file:///etc/passwd', 'must begin with http:// or https://'],
		['http://user:secret@127.0.0.1/film.mp4', 'must not contain a user name or password'],
	])('is refused to %s', async (target, text) => {
		redirect(target, 'always');
		const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() });
		expect(errorText(run)).toContain(text);
		expect(sent(world, 'file')).toHaveLength(1);
	});

	it('is not followed for ever', async () => {
		const url = fileUrl();
		redirect(url, 'always');
		const run = await world.run({ ...DOWNLOAD, fileUrl: url });
		expect(errorText(run)).toContain('The file host redirected more than 5 times');
		expect(sent(world, 'file')).toHaveLength(6);
	});
});

describe('A file', () => {
	const limited = (maxFileSize: number) => ({ ...DOWNLOAD, options: { maxFileSize } });

	it('that is larger than the limit is refused before it is fetched', async () => {
		world.sandbox.configure({ filmBytes: 3 * 1024 ** 2 });
		const run = await world.run({ ...limited(2), fileUrl: fileUrl() });
		expect(errorText(run)).toContain('The file is larger than 2 MB');
		expect(errorText(run)).toContain("Raise 'Maximum File Size (MB)' in the options.");
		expect(sent(world, 'file')).toHaveLength(1);
	});

	it('that is as large as the limit is downloaded', async () => {
		world.sandbox.configure({ filmBytes: 2 * 1024 ** 2 });
		const run = await world.run({ ...limited(2), fileUrl: fileUrl() });
		expect((await world.engine.binaryFile(binaryOf(run))).bytes).toBe(2 * 1024 ** 2);
	});

	it('that is larger than the limit is refused where the host does not tell its size', async () => {
		const { url, server } = await openEndlessHost(3 * 1024 ** 2);
		world.sandbox.faults.add({
			endpoint: 'file',
			kind: 'redirect',
			redirectTo: url,
			times: 'always',
		});
		const run = await world.run({ ...limited(2), fileUrl: fileUrl() });
		server.closeAllConnections();
		server.close();
		expect(errorText(run)).toContain('The file is larger than 2 MB');
		expect(sent(world, 'file')).toHaveLength(1);
	});

	it.each(['text/html', 'application/json', 'text/plain; charset=utf-8'])(
		'of the type %s is refused',
		async (contentType) => {
			world.sandbox.faults.add({ endpoint: 'file', kind: 'contentType', contentType });
			const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() });
			expect(errorText(run)).toContain(`'${contentType.split(';')[0]}' where a film`);
			expect(sent(world, 'file')).toHaveLength(1);
		},
	);

	it('that its host calls just bytes is taken for a film', async () => {
		world.sandbox.faults.add({
			endpoint: 'file',
			kind: 'contentType',
			contentType: 'application/octet-stream',
		});
		const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() });
		expect(binaryOf(run)?.fileName).toMatch(/\.mp4$/);
	});
});

describe('A download that breaks off', () => {
	it.each([
		['midway', { kind: 'resetMidway', afterBytes: 1_000 }],
		['before the first byte', { kind: 'resetBefore' }],
		['in a page of a proxy', { kind: 'html' }],
		['in a rate limit', { kind: 'status429' }],
	] as const)('%s is tried again, and the film is whole', async (_name, fault) => {
		world.sandbox.faults.add({ endpoint: 'file', ...fault });
		const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() });
		expect(await world.engine.readBinary(binaryOf(run))).toEqual(film);
		expect(sent(world, 'file')).toHaveLength(2);
	});

	it.each([0, 1_000])(
		'in silence after %i bytes is tried again, and the film is whole',
		async (afterBytes) => {
			world.sandbox.faults.add({ endpoint: 'file', kind: 'stall', afterBytes });
			const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() });
			expect(await world.engine.readBinary(binaryOf(run))).toEqual(film);
			const [silent = 0, again = 0, ...more] = sent(world, 'file').map(({ at }) => at);
			expect(again - silent).toBeGreaterThanOrEqual(60_000);
			expect(more).toEqual([]);
		},
		20_000,
	);

	it('in silence every time ends in an error', async () => {
		world.sandbox.faults.add({ endpoint: 'file', kind: 'stall', afterBytes: 9, times: 'always' });
		const run = await world.run({ ...DOWNLOAD, fileUrl: fileUrl() });
		expect(errorText(run)).toContain('The download broke off');
		expect(sent(world, 'file').length).toBeGreaterThan(1);
		expect(sent(world, 'file').length).toBeLessThan(10);
	}, 20_000);

	it('every time ends in an error that still tells the film', async () => {
		world.sandbox.faults.add({
			endpoint: 'file',
			kind: 'resetMidway',
			afterBytes: 1_000,
			times: 'always',
		});
		const run = await world.run({ ...GENERATE, download: true });
		const task = world.sandbox.tasks()[0];
		expect(errorText(run)).toContain('The download broke off');
		expect(errorText(run)).toContain(task?.id);
		expect(errorText(run)).toContain(task?.videos[0]?.url);
		expect(world.sandbox.ledger).toHaveLength(1);
	});

	it('is tried again for nothing by Retry On Fail', async () => {
		world.sandbox.faults.add({ endpoint: 'file', kind: 'contentType', contentType: 'text/html' });
		const run = await world.run(
			{ ...GENERATE, download: true },
			{ node: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 } },
		);
		expect(await world.engine.readBinary(binaryOf(run))).toEqual(film);
		expect(world.sandbox.ledger).toHaveLength(1);
	});
});

describe('Generate, Get 4K and Download', () => {
	it('chain without a word typed but the prompt', async () => {
		const veo = (name: string, parameters: IDataObject) => ({
			name,
			type: KIEAI_NODE,
			parameters: parameters as never,
		});
		const run = await world.engine.run(
			chain(
				{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
				veo('Generate', GENERATE),
				veo('Get 4K', { operation: 'get4k' }),
				veo('KieAI', DOWNLOAD),
			),
			{ credentials: world.credentials },
		);
		expect(run.error()).toBeUndefined();
		expect(first(run).fileName).toBe(`${run.json('Get 4K')[0]?.taskId}-4K.mp4`);
		expect(await world.engine.readBinary(binaryOf(run))).toEqual(film4k);
		expect(world.sandbox.ledger.map(({ operation }) => operation)).toEqual([
			'generate',
			'upgrade4k',
		]);
	});
});

describe('A film of 1 GB', () => {
	it('raises the memory of the process by less than 100 MB', async () => {
		const gigabyte = 1024 ** 3;
		// A service of its own, as the other one is in a hurry.
		const service = await startSandbox({ filmBytes: gigabyte });
		try {
			const { videos } = service.addTask();
			const script = join(__dirname, 'support/measureDownload.ts');
			const settings = {
				credential: {
					apiKey: service.apiKey,
					baseUrl: service.apiUrl,
					uploadBaseUrl: service.uploadUrl,
				},
				fileUrl: videos[0]?.url,
			};
			const { stdout } = await promisify(execFile)(
				process.execPath,
				['--import', 'tsx', script, JSON.stringify(settings)],
				{ cwd: join(__dirname, '../..') },
			);
			const { bytes, grownBytes } = JSON.parse(stdout) as { bytes: number; grownBytes: number };
			expect(bytes).toBe(gigabyte);
			expect(grownBytes).toBeLessThan(100 * 1024 ** 2);
		} finally {
			await service.close();
		}
	}, 120_000);
});
