import { execFile } from 'node:child_process';

/** The end of what a failed command wrote: the reason is there. */
const TOLD_LINES = 15;

export interface CommandOptions {
	cwd: string;
	/** Ends the command, and what it has started. */
	signal?: AbortSignal | undefined;
}

/**
 * @returns what npm wrote on stdout
 * @throws an error with npm's last words; the signal's reason where it was stopped
 */
export async function npm(args: string[], options: CommandOptions): Promise<string> {
	return await run('npm', [...args, '--no-audit', '--no-fund'], options);
}

async function run(
	command: string,
	args: string[],
	{ cwd, signal }: CommandOptions,
): Promise<string> {
	signal?.throwIfAborted();
	return await new Promise((resolve, reject) => {
		const options = { cwd, maxBuffer: Infinity, detached: true };
		const child = execFile(command, args, options, (error, out, complaints) => {
			signal?.removeEventListener('abort', stop);
			if (!error) return resolve(out);
			if (signal?.aborted) return reject(signal.reason as Error);
			const said = `${out}\n${complaints}`.trim().split('\n').slice(-TOLD_LINES).join('\n');
			reject(new Error(`${command} ${args.join(' ')} failed:\n${said}`));
		});
		const stop = () => killGroup(child.pid, 'SIGTERM');
		signal?.addEventListener('abort', stop);
	});
}

/** Signals a process that was started `detached`, and whatever it has started. Gone already is fine. */
export function killGroup(leader: number | undefined, signal: NodeJS.Signals): void {
	if (leader === undefined) return;
	try {
		process.kill(-leader, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}
