/** `npm run demo`: a prompt or a photo becomes a 4K film, by an example workflow on n8n's engine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';

import type { Engine } from '../test/engine/support/engine';
import { watchCalls } from './demo/calls';
import { readFilm } from './demo/film';
import { DemoError, type Options, readOptions, USAGE } from './demo/options';
import { openProgress } from './demo/progress';
import type { Service } from './demo/service';

const WIDTH_OF_4K = 3840;

/** What shells expect of a program that Ctrl-C has ended. */
const STOPPED = 130;

const stop = new AbortController();

async function main(): Promise<void> {
	const options = readOptions(process.argv.slice(2), process.env);
	if (options.help) {
		console.log(USAGE);
		return;
	}
	if (!existsSync(join(__dirname, '../dist/nodes'))) {
		throw new DemoError('The nodes are not built yet: npm run build');
	}
	console.log("Starting n8n's engine …");
	// Takes seconds to load, which nobody should wait for to learn of a wrong option.
	const { startEngine } = await import('../test/engine/support/engine');
	const engine = await startEngine();
	try {
		await demonstrate(engine, options);
	} catch (error) {
		if (!stop.signal.aborted) throw error;
		const tasks =
			options.account === undefined ? [] : (await workflowTools()).acceptedTasks(engine);
		const advice = tasks.length > 0 ? ` KieAI goes on with: ${tasks.join(', ')}` : '';
		throw new DemoError(`Stopped.${advice}`);
	} finally {
		await engine.close();
	}
}

async function demonstrate(engine: Engine, options: Options): Promise<void> {
	const { readDemo, runDemo, saveFilm } = await workflowTools();
	const demo = await readDemo(options.prompt, options.image);
	const service = await openService(engine, options);
	const { speed } = service;
	const startedAt = Date.now();
	const elapsed = (since: number) => formatElapsed(Date.now() - since, speed);
	const progress = openProgress(process.stdout, elapsed, speed === 1 ? 30_000 : 5_000);
	const counter = watchCalls((doing) => progress.tell(doing));
	try {
		console.log(`Running ${demo.file}: ${demo.workflow.name}\n`);
		const run = await runDemo(engine, demo, service, progress, stop.signal);
		counter.close();
		const path = await saveFilm(engine, run, options.output);
		const { width, height, seconds, bytes } = await readFilm(path);
		const credits = await service.creditsSpent();
		console.log(`
  File      ${path}
  Picture   ${width} × ${height} pixels, ${seconds.toFixed(1)} s
  Size      ${bytes.toLocaleString('en')} bytes
  Credits   ${credits.toLocaleString('en')}${speed === 1 ? '' : ' (play money: nothing was charged)'}
  Calls     ${counter.calls}
  Time      ${elapsed(startedAt)}
`);
		if (Math.max(width, height) < WIDTH_OF_4K) throw new DemoError('The film is not 4K');
		if (speed !== 1) {
			console.log(
				'For a real film, which costs credits: KIEAI_API_KEY=… npm run demo -- --live --prompt "…"',
			);
		}
	} finally {
		progress.fail();
		counter.close();
		await service.close();
	}
}

/** Loads n8n-core, like the engine. */
async function workflowTools() {
	return await import('./demo/workflow');
}

async function openService(engine: Engine, options: Options): Promise<Service> {
	const { openLiveService, openSandboxService } = await import('./demo/service');
	const { account, yes } = options;
	if (account === undefined) {
		console.log(
			'KieAI is played by a sandbox on this machine, in fast motion; nothing is charged.',
		);
		return await openSandboxService();
	}
	console.log('Asking KieAI for your credit balance …');
	return await openLiveService(engine, account, stop.signal, async (balance) => {
		console.log(
			`This uses the real KieAI, and spends credits of your account: one Fast video and its 4K version, about as much as three Fast videos (https://kie.ai/pricing). Your balance is ${balance.toLocaleString('en')} credits.`,
		);
		if (!yes) await askForConsent();
	});
}

async function askForConsent(): Promise<void> {
	if (!process.stdin.isTTY) throw new DemoError('Nothing was sent. Add --yes to spend credits');
	const prompt = createInterface({ input: process.stdin, output: process.stdout });
	prompt.on('SIGINT', () => stop.abort());
	try {
		const answer = await prompt.question('Go on? (y/N) ', { signal: stop.signal });
		if (!/^y(es)?$/i.test(answer.trim())) throw new DemoError('Nothing was sent.');
	} finally {
		prompt.close();
	}
}

/** `7 s`, and what that stands for in fast motion. */
function formatElapsed(ms: number, speed: number): string {
	const seconds = Math.round(ms / 1000);
	const here = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
	return speed === 1 ? here : `${here}, for ${((ms / 60_000) * speed).toFixed(1)} min at KieAI`;
}

let stoppedAt: number | undefined;
function onSignal(): void {
	stoppedAt ??= Date.now();
	stop.abort();
	// One Ctrl-C may arrive twice, from the terminal and from npm; a second one of the user's ends it at once.
	if (Date.now() - stoppedAt > 1000) process.exit(STOPPED);
}

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
main().catch((error: unknown) => {
	const message = error instanceof Error ? error.message : String(error);
	console.error(`✖ ${message.replace(/\s+/g, ' ')}`);
	process.exitCode = stop.signal.aborted ? STOPPED : 1;
});
