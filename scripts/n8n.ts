/** `npm run n8n`: a real n8n with these nodes, the examples and a sandbox to play with, until Ctrl-C. */
import { parseArgs } from 'node:util';

import { type Sandbox, startSandbox } from '../test/sandbox';
import { openProgress, type Progress } from './demo/progress';
import { installN8n } from './n8n/installation';
import { type N8n, openN8n } from './n8n/instance';
import { sandboxCredential } from './n8n/credential';
import { readExamples, withCredential } from './n8n/examples';
import { findFreePort } from './n8n/ports';

const USAGE = `npm run n8n -- [options]

Installs n8n once into a cache outside this folder (~/.cache/n8n-nodes-kieai, or KIEAI_CACHE_DIR),
and starts it with these nodes as they are built, all examples, and a KieAI that is played by a
sandbox. Nothing is charged, nothing leaves this machine, and nothing stays when it ends.

  --port <n>         port of n8n (default 5678, or a free one where that is taken)
  --clock-scale <n>  sandbox seconds per real second (default 30)
  --install          only installs n8n
  --help`;

const N8N_PORT = 5678;
/** What shells expect of a program that Ctrl-C has ended. */
const STOPPED = 130;
const LINE_INTERVAL_MS = 10_000;

const stop = new AbortController();

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string' },
			'clock-scale': { type: 'string', default: '30' },
			install: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		console.log(USAGE);
		return;
	}
	const progress = openProgress(process.stdout, secondsSince, LINE_INTERVAL_MS);
	if (values.install) {
		await installN8n(progress, stop.signal);
		return;
	}
	const sandbox = await startSandbox({ clockScale: Number(values['clock-scale']) });
	try {
		await play(sandbox, await choosePort(values.port), progress);
	} finally {
		await sandbox.close();
	}
}

async function play(sandbox: Sandbox, port: number, progress: Progress): Promise<void> {
	const n8n = await openN8n({ progress, port, signal: stop.signal });
	try {
		const credential = await n8n.api.credentials.create(sandboxCredential(sandbox));
		for (const example of await readExamples()) {
			await n8n.api.workflows.create(withCredential(example, credential));
		}
		console.log(welcome(n8n, sandbox));
		tellEvents(sandbox);
		await Promise.race([stopped(), n8n.exited()]);
		if (!stop.signal.aborted) throw new Error('n8n has ended by itself');
		console.log('Ending n8n and the sandbox …');
	} finally {
		await n8n.close();
	}
}

async function choosePort(wanted: string | undefined): Promise<number> {
	if (wanted === undefined) return await findFreePort(N8N_PORT).catch(() => findFreePort());
	return await findFreePort(Number(wanted));
}

function welcome({ url, owner, userFolder }: N8n, sandbox: Sandbox): string {
	return `
  n8n       ${url}
  E-mail    ${owner.email}
  Password  ${owner.password}
  Log       ${userFolder}/n8n.log
  Sandbox   ${sandbox.apiUrl}, key ${sandbox.apiKey}

Sign in, open one of the workflows and execute it: the credential "KieAI sandbox" is chosen
already, and the sandbox's minutes pass in seconds. The nodes' own waits do not: set First Check
After to 0 and Poll Interval to 1 to see a film soon. A prompt that starts with "fail: " fails,
one that starts with "refuse: " is refused, and one that contains "fail 4k" makes a video whose 4K
upgrade fails.

  curl ${sandbox.controlUrl}/requests      what arrived; also /tasks /ledger /callbacks /violations

Ctrl-C ends it all, and forgets what you did in n8n.
`;
}

function tellEvents(sandbox: Sandbox): void {
	sandbox.on('task', ({ id, kind, state }) => console.log(`task ${id} (${kind}): ${state}`));
	sandbox.on('callback', ({ url, attempts }) => {
		const last = attempts.at(-1);
		console.log(`callback ${url} → ${last?.status ?? last?.error ?? 'under way'}`);
	});
}

async function stopped(): Promise<void> {
	if (stop.signal.aborted) return;
	await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
}

/** `3 min 7 s` */
function secondsSince(since: number): string {
	const seconds = Math.round((Date.now() - since) / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

let stoppedAt: number | undefined;
function onSignal(): void {
	stoppedAt ??= Date.now();
	stop.abort(new Error('Stopped.'));
	// One Ctrl-C may arrive twice, from the terminal and from npm; a second one of the user's ends it at once.
	if (Date.now() - stoppedAt > 1000) process.exit(STOPPED);
}

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
main().catch((error: unknown) => {
	console.error(`✖ ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = stop.signal.aborted ? STOPPED : 1;
});
