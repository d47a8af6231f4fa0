/** `npm run demo`, less the build, as a person starts it. */
import { execFile, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import manifest from '../package.json';
import { readFilm } from '../scripts/demo/film';
import { startSandbox } from './sandbox';

const ROOT = join(__dirname, '..');
const START = manifest.scripts.demo.replace('npm run build && exec node ', '').split(' ');
const PHOTO = join(__dirname, 'sandbox/media/720p-landscape.jpg');
const LONG = 60_000;

interface Ended {
	code: number | string;
	out: string;
	/** Lines on stderr. */
	complaints: string[];
}

let output: string;
beforeEach(() => (output = mkdtempSync(join(tmpdir(), 'kieai-demo-'))));
afterEach(() => rmSync(output, { recursive: true }));

async function demo(
	args: string[],
	env: NodeJS.ProcessEnv = {},
	onStart: (child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
	const command = [...START, '--output', output, ...args];
	return await new Promise((resolve) => {
		const options = { cwd: ROOT, env: { ...process.env, KIEAI_API_KEY: '', ...env } };
		const child = execFile(process.execPath, command, options, (error, out, complaints) => {
			resolve({ code: error?.code ?? 0, out, complaints: complaints.split('\n').filter(Boolean) });
		});
		onStart(child);
	});
}

async function expect4kFilm({ out }: Ended): Promise<void> {
	const [film = '', ...others] = readdirSync(output);
	expect(others).toEqual([]);
	const { width, height, bytes } = await readFilm(join(output, film));
	expect({ width, height }).toEqual({ width: 3840, height: 2160 });
	expect(out).toContain(join(output, film));
	expect(out).toContain('3840 × 2160 pixels');
	expect(out).toContain(`${bytes.toLocaleString('en')} bytes`);
}

it(
	'leaves a 4K film and says what it took',
	async () => {
		const ended = await demo(['--prompt', 'A lighthouse in a storm']);
		expect(ended).toMatchObject({ code: 0, complaints: [] });
		await expect4kFilm(ended);
		expect(ended.out).toMatch(/✔ Veo generate video.*\n(….*\n)*✔ Veo get 4K video/);
		expect(ended.out).toMatch(/Credits +180/);
		expect(ended.out).toMatch(/Calls +\d+\n/);
	},
	LONG,
);

it(
	'begins with an image',
	async () => {
		const ended = await demo(['--image', PHOTO]);
		expect(ended).toMatchObject({ code: 0, complaints: [] });
		expect(ended.out).toContain('uploading the image');
		await expect4kFilm(ended);
	},
	LONG,
);

it(
	'ends with one readable line when KieAI cannot make the video',
	async () => {
		const { code, complaints } = await demo(['--prompt', 'fail: content policy']);
		expect(code).toBe(1);
		expect(complaints).toEqual([expect.stringMatching(/^✖ content policy \(task veo_task_\w+\)/)]);
		expect(readdirSync(output)).toEqual([]);
	},
	LONG,
);

it(
	'stops cleanly with Ctrl-C',
	async () => {
		const { code, complaints } = await demo([], {}, (child) => {
			child.stdout?.on('data', (text: string) => {
				if (text.includes('… Veo get 4K video') && !child.killed) child.kill('SIGINT');
			});
		});
		expect(code).toBe(130);
		expect(complaints).toEqual(['✖ Stopped.']);
		expect(readdirSync(output)).toEqual([]);
	},
	LONG,
);

it.each([
	[['--live'], 'KIEAI_API_KEY'],
	[['--image', 'nothing-here.jpg'], 'no such file'],
	[['--image', 'package.json'], 'JPEG'],
	[['--prompt', ' '], '--prompt is empty'],
	[['--unknown'], '--unknown'],
])('refuses %j with one line', async (args, words) => {
	const { code, complaints } = await demo(args);
	expect(code).toBe(1);
	expect(complaints).toEqual([expect.stringContaining(words)]);
});

describe('--live', () => {
	it(
		'says what it spends and asks first, and takes a bad key for what it is',
		async () => {
			const sandbox = await startSandbox({ credits: 500 });
			const env = {
				KIEAI_API_KEY: sandbox.apiKey,
				KIEAI_BASE_URL: sandbox.apiUrl,
				KIEAI_UPLOAD_BASE_URL: sandbox.uploadUrl,
			};

			const unasked = await demo(['--live'], env);
			expect(unasked.code).toBe(1);
			expect(unasked.out).toContain('500 credits');
			expect(unasked.complaints).toEqual([expect.stringContaining('--yes')]);

			const badKey = await demo(['--live', '--yes'], { ...env, KIEAI_API_KEY: 'sk-bad' });
			expect(badKey.code).toBe(1);
			expect(badKey.complaints).toHaveLength(1);
			expect(badKey.complaints[0]).not.toContain('sk-bad');
			expect(sandbox.ledger).toEqual([]);
			await sandbox.close();
		},
		LONG,
	);
});
