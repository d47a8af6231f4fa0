import { inspect } from 'node:util';

import type { IDataObject } from 'n8n-workflow';

import type { EndpointName } from '../sandbox';
import { errorText, GENERATE, RETRY_ON_FAIL, sent, useWorld } from './support/action';
import { callback, openTriggerWorld } from './support/trigger';
import type { Run } from './support/types';

const world = useWorld();

const withImage = [
	{ json: {}, binary: { data: { data: 'AAAA', mimeType: 'image/jpeg', fileName: 'a.jpg' } } },
];

/** One way to make the node send a request to each endpoint that takes the key. */
function ways(): Array<[EndpointName, IDataObject]> {
	const { id, videos } = world.sandbox.addTask({ id: 'source' });
	const file = { resource: 'file', operation: 'download', fileUrl: videos[0]?.url ?? '' };
	return [
		['generate', GENERATE],
		['extend', { operation: 'extend', taskId: id, prompt: 'On' }],
		['recordInfo', { operation: 'get', taskId: id }],
		['get1080p', { operation: 'get1080p', taskId: id }],
		['get4k', { operation: 'get4k', taskId: id }],
		['credit', { ...GENERATE, options: { minimumCreditBalance: 1 } }],
		['downloadUrl', file],
		['uploadStream', { resource: 'file', operation: 'upload' }],
		[
			'uploadUrl',
			{ resource: 'file', operation: 'upload', fileSource: 'url', sourceUrl: 'https://a.example' },
		],
	];
}

const ENDPOINTS: EndpointName[] = [
	'generate',
	'extend',
	'recordInfo',
	'get1080p',
	'get4k',
	'credit',
	'downloadUrl',
	'uploadStream',
	'uploadUrl',
];

async function reach(endpoint: EndpointName, more: object = {}): Promise<Run> {
	const [, parameters] = ways().find(([name]) => name === endpoint) ?? [];
	if (!parameters) throw new Error(`No way to ${endpoint}`);
	return await world.run(parameters, { items: withImage, ...more });
}

function everything(run: Run): string {
	return inspect([run.data, run.log, run.error(), run.staticData], { depth: Infinity });
}

describe('The key', () => {
	it.each(ENDPOINTS)('follows no redirect to another host: %s', async (endpoint) => {
		const redirectTo = `${world.sandbox.otherHost.url}/elsewhere`;
		world.sandbox.faults.add({ endpoint, kind: 'redirect', redirectTo, times: 'always' });
		const run = await reach(endpoint);
		expect(world.sandbox.otherHost.requests).toEqual([]);
		expect(sent(world, endpoint)).toHaveLength(1);
		expect(errorText(run)).toContain('KieAI answered with a redirect (HTTP 302)');
	});

	it.each([301, 303, 307, 308])('follows no redirect with HTTP status %i', async (status) => {
		const redirectTo = `${world.sandbox.otherHost.url}/elsewhere`;
		world.sandbox.faults.add({ endpoint: 'get4k', kind: 'redirect', redirectTo, status });
		await reach('get4k');
		expect(world.sandbox.otherHost.requests).toEqual([]);
		expect(sent(world, 'get4k')).toHaveLength(1);
	});

	it.each(ENDPOINTS)('is not sent a second time after HTTP 401: %s', async (endpoint) => {
		world.sandbox.configure({ authHttpStatus: 401 });
		const run = await reach(endpoint, {
			credentials: { kieAiApi: { ...world.credentials.kieAiApi, apiKey: 'sk-wrong' } },
		});
		expect(world.sandbox.requests).toHaveLength(1);
		expect(errorText(run)).toContain("Check the API key in the 'KieAI API' credential.");
	});

	it('reaches no host that serves films', async () => {
		const redirectTo = `${world.sandbox.otherHost.url}/film.mp4`;
		world.sandbox.faults.add({ endpoint: 'file', kind: 'redirect', redirectTo });
		await reach('downloadUrl');
		const requests = [...sent(world, 'file'), ...world.sandbox.otherHost.requests];
		expect(requests).toHaveLength(2);
		for (const { headers } of requests) expect(headers.authorization).toBeUndefined();
	});

	it.each<[string, EndpointName, object]>([
		['a film', 'recordInfo', {}],
		['a callback', 'generate', {}],
		['a refusal', 'generate', { kind: 'code', code: 402 }],
		['an answer that broke off', 'generate', { kind: 'resetAfter' }],
		['a proxy', 'get4k', { kind: 'html', times: 'always' }],
	])('is in no item, error or log: %s', async (_name, endpoint, fault) => {
		if ('kind' in fault) world.sandbox.faults.add({ endpoint, ...fault } as never);
		const callback =
			endpoint === 'generate' && !('kind' in fault)
				? {
						waitForResult: 'none',
						sendCallbackTo: 'url',
						callbackUrl: `${world.sandbox.otherHost.url}/callback`,
						metadata: '{"row": 1}',
					}
				: {};
		const [, parameters] = ways().find(([name]) => name === endpoint) ?? [];
		const run = await world.run(
			{ ...parameters, simplify: false, download: true, ...callback },
			{ node: RETRY_ON_FAIL },
		);
		expect(everything(run)).not.toContain(world.sandbox.apiKey);
		expect(everything(run)).not.toContain(world.sandbox.hmacKey);
		expect(
			JSON.stringify(world.sandbox.requests.map(({ body, query }) => [body, query])),
		).not.toContain(world.sandbox.apiKey);
	});

	it.each<[string, EndpointName, object]>([
		['its words of refusal', 'generate', { code: 400 }],
		['what it says of a check', 'recordInfo', { code: 501 }],
		['the result', 'recordInfo', { code: 200 }],
		['what it says again and again', 'recordInfo', { code: 455, times: 'always' }],
	])('is hidden where KieAI repeats it in %s', async (_name, endpoint, fault) => {
		const { apiKey, hmacKey } = world.sandbox;
		const msg = `No such key: ${apiKey}, ${hmacKey}`;
		const response = { resultUrls: ['https://a.example/film.mp4'], key: apiKey };
		const data = { successFlag: 1, hmacKey, response };
		world.sandbox.faults.add({ endpoint, kind: 'code', msg, data, ...fault } as never);
		const run = await world.run(
			{ ...GENERATE, simplify: false, options: { timeout: 1 } },
			{ node: { onError: 'continueRegularOutput' } },
		);
		expect(everything(run)).toContain('[key]');
		expect(everything(run)).not.toContain(apiKey);
		expect(everything(run)).not.toContain(hmacKey);
	});

	it('is in no error item', async () => {
		world.sandbox.faults.add({ endpoint: 'generate', kind: 'resetAfter' });
		const run = await world.run(GENERATE, { node: { onError: 'continueErrorOutput' } });
		expect(run.json('KieAI', 1)).toHaveLength(1);
		expect(everything(run)).not.toContain(world.sandbox.apiKey);
	});
});

describe('At the trigger, the key', () => {
	it.each([
		['a video', (msg: string) => callback.videoFailed('veo_task_1', msg)],
		[
			'a 4K video',
			(msg: string) => ({ ...callback.upgradeFailed('veo_task_1'), msg: `4K: ${msg}` }),
		],
	])('is hidden where a callback about %s repeats it', async (_name, body) => {
		const trigger = await openTriggerWorld();
		const { apiKey, hmacKey } = trigger.sandbox;
		const hosted = await trigger.publish({ confirm: false, options: { includeRaw: true } });
		await hosted.call(body(`No such key: ${apiKey}, ${hmacKey}`));
		const items = await hosted.started();
		await trigger.close();
		expect(items).toMatchObject([{ errorMessage: expect.stringContaining('[key], [key]') }]);
		const left = inspect([items, trigger.engine.log], { depth: Infinity });
		expect(left).not.toContain(apiKey);
		expect(left).not.toContain(hmacKey);
	});
});
