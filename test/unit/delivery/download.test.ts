import { once } from 'node:events';
import { Readable } from 'node:stream';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { Connection, PublicResponse } from '../../../nodes/KieAi/connection';
import { downloadToBinary, safeName } from '../../../nodes/KieAi/delivery/download';
import { KieAiError } from '../../../nodes/KieAi/protocol/errors';
import { clientOf, envelope, html, noAnswer, type Answer } from '../support/kieAi';
import { failureOf } from '../support/outcome';

const OLD_LINK = 'https://file.example.com/film.mp4';
const FRESH_LINK = 'https://direct.example.com/film.mp4?token=1';
/** A public name with an address of the own network. */
const INSIDE = 'inside.example.com';

interface File {
	status?: number;
	headers?: Record<string, unknown>;
	chunks?: string[];
	/** Before each chunk. */
	pauseMs?: number;
	/** Breaks off after its chunks. */
	breaksOff?: boolean;
	/** Breaks off before anybody reads it: with an error, for no reason given, or once n8n has been given it. */
	isDead?: boolean | 'silently' | 'soon';
	/** An answer without a stream. */
	hasNoBody?: boolean;
}

const film: File = { headers: { 'content-type': 'video/mp4' }, chunks: ['fi', 'lm'] };

/** A file host that gives the files in their order, the last one again and again, and n8n with it. */
function openWorld({
	files = [film] as Array<File | Error>,
	answers = [] as Answer[],
	diskError = undefined as unknown,
	signal = undefined as AbortSignal | undefined,
	isN8nLate = false,
} = {}) {
	const { client, clock, requests } = clientOf(
		answers.length > 0 ? answers : [envelope(200, FRESH_LINK)],
		{ maxAttempts: 1 },
	);
	const fetched: string[] = [];
	const bodies: Readable[] = [];
	const saved: Array<{ text: string; fileName?: string; mimeType?: string }> = [];

	const fetchPublic = async (url: string, signal: AbortSignal): Promise<PublicResponse> => {
		const file = files[Math.min(fetched.length, files.length - 1)] ?? film;
		fetched.push(url);
		if (file instanceof Error) throw file;
		const {
			status = 200,
			headers = {},
			chunks = [],
			pauseMs = 0,
			breaksOff = false,
			isDead = false,
			hasNoBody = false,
		} = file;
		if (hasNoBody) return { status, headers, body: undefined };
		const body = Readable.from(
			(async function* () {
				for (const chunk of chunks) {
					if (pauseMs > 0) await clock.sleep(pauseMs);
					yield Buffer.from(chunk);
				}
				if (breaksOff) throw new Error('socket hang up');
			})(),
		);
		signal.addEventListener('abort', () => body.destroy(signal.reason as Error));
		bodies.push(body);
		const breakOff = () =>
			body.destroy(isDead === 'silently' ? undefined : new Error('socket hang up'));
		if (isDead === 'soon') setImmediate(breakOff);
		else if (isDead) breakOff();
		return { status, headers, body };
	};
	const prepareBinaryData = async (
		stream: Readable,
		fileName?: string,
		mimeType?: string,
	): Promise<IBinaryData> => {
		let text = '';
		// As n8n reads in memory, once it comes to it: what has gone wrong before is not told again.
		if (isN8nLate) {
			await once(stream, 'close').catch(() => undefined);
			await new Promise((resolve) => stream.on('data', () => undefined).on('end', resolve));
		}
		for await (const chunk of stream) text += String(chunk);
		if (diskError !== undefined) throw diskError;
		saved.push({ text, ...(fileName && { fileName }), ...(mimeType && { mimeType }) });
		return { data: text, mimeType: mimeType ?? '' };
	};

	const connection: Connection = {
		client: clientOf([]).client,
		once: client,
		quick: client,
		clock,
		signal,
		apiKey: 'key_example',
		webhookHmacKey: '',
		localHost: undefined,
		leadsInside: async ({ hostname }) => await Promise.resolve(hostname === INSIDE),
		fetchPublic,
	};
	const context = { helpers: { prepareBinaryData } } as unknown as IExecuteFunctions;
	const download = async (changes: { url?: string; baseName?: string; maxBytes?: number } = {}) => {
		const run = downloadToBinary(context, connection, {
			url: OLD_LINK,
			baseName: 'veo_1-4K',
			maxBytes: 1024 ** 2,
			...changes,
		});
		await clock.runUntilSettled(run);
		return await run;
	};
	return { download, clock, requests, fetched, bodies, saved };
}

describe('a download', () => {
	it('asks KieAI for a fresh link, and fetches the film from there', async () => {
		const { download, requests, fetched, saved } = openWorld();

		expect(await download()).toEqual({ data: 'film', mimeType: 'video/mp4' });
		expect(requests).toMatchObject([{ method: 'POST', body: { url: OLD_LINK } }]);
		expect(fetched).toEqual([FRESH_LINK]);
		expect(saved).toEqual([{ text: 'film', fileName: 'veo_1-4K.mp4', mimeType: 'video/mp4' }]);
	});

	it('is refused where a name leads inside, also behind a redirect', async () => {
		const { download, fetched } = openWorld({
			files: [{ status: 302, headers: { location: `https://${INSIDE}/film.mp4` } }],
		});

		expect(await failureOf(download())).toMatchObject({
			message: expect.stringContaining('whose address is not on the public internet'),
			outcome: 'refused',
		});
		expect(fetched).toEqual([FRESH_LINK]);
	});

	it('of what KieAI does not take for its own is refused', async () => {
		const { download, fetched } = openWorld({ answers: [envelope(422, null, 'not ours')] });

		expect(await failureOf(download())).toMatchObject({ message: 'not ours', code: 422 });
		expect(fetched).toEqual([]);
	});

	it.each([
		'file:///etc/passwd',
		'https://user:secret@file.example.com/a',
		'film',
		'http://10.0.0.1/film.mp4',
	])('of %s is refused before anybody is asked', async (url) => {
		const { download, requests, fetched } = openWorld();

		expect(await failureOf(download({ url }))).toBeInstanceOf(KieAiError);
		expect({ requests, fetched }).toEqual({ requests: [], fetched: [] });
	});

	it.each(['file:///etc/passwd', 'http://10.0.0.1/film.mp4'])(
		'of %s is refused, though KieAI gives it',
		async (link) => {
			const { download, fetched } = openWorld({ answers: [envelope(200, link)] });

			expect(await failureOf(download())).toMatchObject({ transient: false });
			expect(fetched).toEqual([]);
		},
	);
});

describe('a redirect', () => {
	const redirectTo = (location: string): File => ({ status: 302, headers: { location } });

	it.each(['http://169.254.169.254/latest', '//[::1]/film.mp4', 'file:///etc/passwd'])(
		'to %s is not followed',
		async (location) => {
			const { download, fetched, bodies } = openWorld({
				files: [redirectTo('/elsewhere'), redirectTo(location), film],
			});
			expect(await failureOf(download())).toMatchObject({ outcome: 'refused', transient: false });
			expect(fetched).toEqual([FRESH_LINK, 'https://direct.example.com/elsewhere']);
			expect(bodies.map(({ destroyed }) => destroyed)).toEqual([true, true]);
		},
	);
});

describe('a film that breaks off before anybody reads it', () => {
	it('once n8n has been given it: n8n does not learn of it, and we do', async () => {
		const { download } = openWorld({ files: [{ ...film, isDead: 'soon' }], isN8nLate: true });
		expect(await failureOf(download())).toMatchObject({
			message: 'The download broke off',
			transient: true,
		});
	});

	it('is fetched again', async () => {
		const { download, fetched } = openWorld({ files: [{ ...film, isDead: true }, film] });
		expect(await download()).toMatchObject({ data: 'film' });
		expect(fetched).toHaveLength(2);
	});

	it('every time, and without an error, is told all the same', async () => {
		const { download } = openWorld({ files: [{ ...film, isDead: 'silently' }] });
		expect(await failureOf(download())).toMatchObject({
			message: 'The download broke off',
			advice: expect.stringContaining('(no reason given)'),
		});
	});
});

describe('a slow host', () => {
	const drips = (pauseMs: number): File => ({ ...film, chunks: [...'a film'], pauseMs });

	it('is waited for as long as something comes within every minute', async () => {
		const { download, fetched } = openWorld({ files: [drips(54_000)] });
		expect(await download()).toMatchObject({ data: 'a film' });
		expect(fetched).toHaveLength(1);
	});

	it('is given up after a minute of silence, and tried again', async () => {
		const { download, fetched } = openWorld({ files: [drips(62_000)] });
		expect(await failureOf(download())).toMatchObject({
			message: 'The download broke off',
			outcome: 'unknown',
			advice: expect.stringContaining('nothing came for 60 seconds'),
		});
		expect(fetched.length).toBeGreaterThan(1);
	});

	it('is watched no longer than the download takes', async () => {
		const { download, clock } = openWorld();
		await download();
		const looks = clock.sleeps.length;
		await clock.advance(300_000);
		expect(clock.sleeps).toHaveLength(looks);
	});
});

describe('the name and the type', () => {
	it.each<[unknown, string, string, string]>([
		['video/mp4', FRESH_LINK, 'mp4', 'video/mp4'],
		['Video/MP4; codecs=avc1', FRESH_LINK, 'mp4', 'video/mp4'],
		['video/quicktime', FRESH_LINK, 'mov', 'video/quicktime'],
		['image/jpeg', FRESH_LINK, 'jpg', 'image/jpeg'],
		['image/png', FRESH_LINK, 'png', 'image/png'],
		['video/webm', FRESH_LINK, 'webm', 'video/webm'],
		['image/webp', FRESH_LINK, 'webp', 'image/webp'],
		[
			'application/octet-stream',
			'https://a.example.com/x.webm',
			'webm',
			'application/octet-stream',
		],
		['binary/octet-stream', 'https://a.example.com/X.JPG', 'jpg', 'binary/octet-stream'],
		['binary/octet-stream', 'https://a.example.com/x.exe', 'mp4', 'binary/octet-stream'],
		['binary/octet-stream', 'https://a.example.com/x', 'mp4', 'binary/octet-stream'],
		['binary/octet-stream', 'https://a.example.com/x.webm.part', 'mp4', 'binary/octet-stream'],
		['binary/octet-stream', 'https://a.example.com/v1.20/x', 'mp4', 'binary/octet-stream'],
		['audio/aac', 'https://a.example.com/x?name=y.exe', 'mp4', 'audio/aac'],
		[undefined, 'https://a.example.com/x', 'mp4', 'video/mp4'],
	])('of %p from %s: .%s, %s', async (contentType, link, ending, mimeType) => {
		const { download, saved } = openWorld({
			files: [{ headers: { 'content-type': contentType } }],
			answers: [envelope(200, link)],
		});
		await download();
		expect(saved).toMatchObject([{ fileName: `veo_1-4K.${ending}`, mimeType }]);
	});

	it.each([
		'text/html',
		'text/html; charset=utf-8',
		'application/json',
		'text/plain',
		'xvideo/mp4',
		'x-application/octet-stream',
		'application/octet-stream-x',
	])('refuse %s: that is no film', async (contentType) => {
		const { download, fetched, saved, bodies } = openWorld({
			files: [{ headers: { 'content-type': contentType }, chunks: ['<html>'] }],
		});

		expect(await failureOf(download())).toMatchObject({
			message: expect.stringContaining('a film or a picture was expected'),
			outcome: 'refused',
			transient: false,
			advice: expect.stringContaining('in a browser'),
		});
		expect({ fetched: fetched.length, saved: saved.length }).toEqual({ fetched: 1, saved: 0 });
		expect(bodies[0]?.destroyed).toBe(true);
	});

	it.each<[string, string]>([
		['veo_task-1.2', 'veo_task-1.2'],
		['../../etc/passwd', '_.._etc_passwd'],
		['..', 'kieai-file'],
		['.hidden', 'hidden'],
		['', 'kieai-file'],
		['a/b\\c d', 'a_b_c_d'],
		['a"; filename="b\r\nx', 'a_filename_b_x'],
		['Zoë 王', 'Zo_'],
		['x'.repeat(300), 'x'.repeat(120)],
	])('never lead out of a folder: %p is %p', (name, safe) => {
		expect(safeName(name)).toBe(safe);
	});
});

describe('the size limit', () => {
	const small = { maxBytes: 4 };

	it('is kept before the film is read, where its size is told', async () => {
		const { download, fetched, saved, bodies } = openWorld({
			files: [{ ...film, headers: { 'content-length': '5' } }],
		});

		expect(await failureOf(download(small))).toMatchObject({
			message: expect.stringContaining('larger than'),
			outcome: 'refused',
			advice: expect.stringContaining('Maximum File Size'),
			transient: false,
		});
		expect({ fetched: fetched.length, saved: saved.length }).toEqual({ fetched: 1, saved: 0 });
		expect(bodies[0]?.destroyed).toBe(true);
	});

	it('is told in the unit in which the user has set it', async () => {
		const { download } = openWorld({
			files: [{ ...film, headers: { 'content-length': '9999999' } }],
		});
		expect(await failureOf(download({ maxBytes: 3 * 1024 ** 2 }))).toMatchObject({
			message: 'The file is larger than 3 MB',
		});
	});

	it('is kept while the film is read, where its size is not told', async () => {
		const { download, fetched, saved } = openWorld({ files: [{ chunks: ['fi', 'lm', 's'] }] });

		expect(await failureOf(download(small))).toMatchObject({
			message: expect.stringContaining('larger than'),
		});
		expect({ fetched: fetched.length, saved: saved.length }).toEqual({ fetched: 1, saved: 0 });
	});

	it('is kept where more comes than was told, as of a packed answer', async () => {
		const { download } = openWorld({
			files: [
				{
					headers: { 'content-length': '3', 'content-encoding': 'gzip' },
					chunks: ['fi', 'lm', 's'],
				},
			],
		});
		expect(await failureOf(download(small))).toMatchObject({
			message: expect.stringContaining('larger than'),
		});
	});

	it.each<[string, Record<string, unknown>]>([
		['told', { 'content-length': '4' }],
		['not told', {}],
	])('lets a film through that is just as large, its size %s', async (_how, headers) => {
		const { download } = openWorld({ files: [{ ...film, headers }] });
		expect(await download(small)).toMatchObject({ data: 'film' });
	});
});

describe('redirects', () => {
	const to = (location: string): File => ({ status: 302, headers: { location } });

	it('are followed by hand, also relative ones', async () => {
		const { download, fetched, bodies } = openWorld({
			files: [to('https://cdn.example.com/a/b'), to('../film.mp4'), film],
		});

		expect(await download()).toMatchObject({ data: 'film' });
		expect(fetched).toEqual([
			FRESH_LINK,
			'https://cdn.example.com/a/b',
			'https://cdn.example.com/film.mp4',
		]);
		expect(bodies.slice(0, 2).every(({ destroyed }) => destroyed)).toBe(true);
	});

	it.each(['file:///etc/passwd', 'ftp://a.example.com/x', 'https://user:secret@a.example.com/x'])(
		'to %s are refused',
		async (location) => {
			const { download, fetched } = openWorld({ files: [to(location)] });

			expect(await failureOf(download())).toMatchObject({ transient: false });
			expect(fetched).toEqual([FRESH_LINK]);
		},
	);

	it('end after five', async () => {
		const { download, fetched } = openWorld({ files: [to(FRESH_LINK)] });

		expect(await failureOf(download())).toMatchObject({
			message: expect.stringContaining('more than 5 times'),
			outcome: 'refused',
			transient: false,
		});
		expect(fetched).toHaveLength(6);
	});

	it.each([300, 399])('may have any status of theirs, such as %i', async (status) => {
		const { download } = openWorld({ files: [{ ...to(FRESH_LINK), status }, film] });
		expect(await download()).toMatchObject({ data: 'film' });
	});

	it('are none with the status of something else', async () => {
		const headers = { location: 'https://elsewhere.example.com/' };
		const { download, fetched } = openWorld({
			files: [
				{ ...film, headers },
				{ headers, status: 400 },
			],
		});

		expect(await download()).toMatchObject({ data: 'film' });
		expect(await failureOf(download())).toMatchObject({ code: 400 });
		expect(fetched).toEqual([FRESH_LINK, FRESH_LINK]);
	});

	it('without a target are no film', async () => {
		const { download } = openWorld({ files: [{ status: 304 }] });
		expect(await failureOf(download())).toMatchObject({ code: 304 });
	});
});

describe('trouble', () => {
	it.each([403, 404, 410, 429, 500, 503])(
		'with HTTP %i: the next try has a link of its own',
		async (status) => {
			const { download, requests, fetched, bodies } = openWorld({ files: [{ status }, film] });

			expect(await download()).toMatchObject({ data: 'film' });
			expect(requests).toHaveLength(2);
			expect(fetched).toHaveLength(2);
			expect(bodies[0]?.destroyed).toBe(true);
		},
	);

	it.each([204, 206, 400, 401, 451])('with HTTP %i is final', async (status) => {
		const { download, fetched } = openWorld({ files: [{ status }] });

		expect(await failureOf(download())).toMatchObject({
			message: `The file host answered with HTTP status ${status}`,
			outcome: 'refused',
			code: status,
			transient: false,
			advice: expect.stringContaining('14 days'),
		});
		expect(fetched).toHaveLength(1);
	});

	it('with an answer that has no body is final', async () => {
		const { download } = openWorld({ files: [{ hasNoBody: true }] });
		expect(await failureOf(download())).toMatchObject({ code: 200, transient: false });
	});

	it('with the certificate of the host is final', async () => {
		const { download, fetched } = openWorld({ files: [noAnswer('CERT_HAS_EXPIRED')] });

		expect(await failureOf(download())).toMatchObject({ transient: false });
		expect(fetched).toHaveLength(1);
	});

	it.each([new Error('disk full'), 'disk full'])(
		"at n8n's own storage is final, in n8n's words: %p",
		async (diskError) => {
			const { download, fetched } = openWorld({ diskError });

			expect(await failureOf(download())).toMatchObject({
				message: 'n8n could not store the file',
				outcome: 'unknown',
				transient: false,
				advice: "See n8n's own words: disk full.",
			});
			expect(fetched).toHaveLength(1);
		},
	);

	it.each<[string, File | Error]>([
		['the connection fails', noAnswer('ECONNRESET')],
		['the film breaks off', { ...film, breaksOff: true }],
	])('where %s: it is tried again from the start', async (_what, broken) => {
		const { download, saved } = openWorld({ files: [broken, film] });

		await download();
		expect(saved.map(({ text }) => text)).toEqual(['film']);
	});

	it('at KieAI, over the fresh link, is tried again too', async () => {
		const { download, requests, fetched } = openWorld({
			answers: [html(503), envelope(200, FRESH_LINK)],
		});

		expect(await download()).toMatchObject({ data: 'film' });
		expect({ asked: requests.length, fetched }).toEqual({ asked: 2, fetched: [FRESH_LINK] });
	});

	it('wherever it is, is tried again 3 times in all', async () => {
		const link = envelope(200, FRESH_LINK);
		const { download, requests, fetched, clock } = openWorld({
			answers: [html(503), link, html(503), link],
			files: [{ status: 500 }],
		});

		await failureOf(download());
		expect({ asked: requests.length, fetched: fetched.length }).toEqual({ asked: 4, fetched: 2 });
		const backoffs = clock.sleeps.filter((ms) => ms !== 5_000);
		expect(backoffs).toHaveLength(3);
	});

	it('that stays is told, with what to do', async () => {
		const { download, fetched } = openWorld({ files: [{ ...film, breaksOff: true }] });

		expect(await failureOf(download())).toMatchObject({
			message: 'The download broke off',
			advice: expect.stringContaining('14 days'),
		});
		expect(fetched).toHaveLength(4);
	});

	it('that is a bug is not tried again', async () => {
		const bug = new TypeError('a bug');
		const { download, fetched } = openWorld({ files: [bug] });

		expect(await failureOf(download())).toBe(bug);
		expect(fetched).toHaveLength(1);
	});
});

describe("a person's Stop", () => {
	it('ends a download that is under way', async () => {
		const stop = new AbortController();
		const { download, clock, bodies } = openWorld({
			files: [{ ...film, pauseMs: 20_000 }],
			signal: stop.signal,
		});
		void clock.sleep(30_000).then(() => stop.abort('stopped'));

		expect(await failureOf(download())).toMatchObject({ message: 'The download broke off' });
		expect(bodies.map(({ destroyed }) => destroyed)).toEqual([true]);
	});
});
