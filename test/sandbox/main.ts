/** `npm run sandbox`: a sandbox to click against, until Ctrl-C. */
import { parseArgs } from 'node:util';

import { startSandbox } from './index';

const USAGE = `npm run sandbox -- [options]

  --port <n>         port of the API (default 8787); uploads, files and the other host take the
                     three ports that follow
  --clock-scale <n>  sandbox seconds per real second (default 1)
  --help`;

const DEFAULT_PORT = 8787;

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: `${DEFAULT_PORT}` },
			'clock-scale': { type: 'string', default: '1' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		console.log(USAGE);
		return;
	}
	const port = Number(values.port);
	const sandbox = await startSandbox({
		ports: { api: port, upload: port + 1, files: port + 2, other: port + 3 },
		apiKey: 'sandbox-key',
		hmacKey: 'sandbox-hmac-key',
		clockScale: Number(values['clock-scale']),
	});
	console.log(`KieAI sandbox

  API URL     ${sandbox.apiUrl}
  Upload URL  ${sandbox.uploadUrl}
  Files       ${sandbox.filesUrl}
  API key     ${sandbox.apiKey}
  HMAC key    ${sandbox.hmacKey}

In n8n, create a KieAI credential with these two URLs and two keys. Nothing is charged anywhere.
A prompt that starts with "fail: " fails, one that starts with "refuse: " is refused, and one that
contains "fail 4k" makes a video whose 4K upgrade fails. "takes 5 s" and "4k takes 60 s" in a prompt
say how long the video and its upgrade run.

  curl ${sandbox.controlUrl}/requests      what arrived; also /tasks /ledger /callbacks /violations
  curl -X POST ${sandbox.controlUrl}/advance -H 'content-type: application/json' -d '{"seconds":60}'

Ctrl-C ends it.`);

	sandbox.on('task', ({ id, kind, state }) => console.log(`task ${id} (${kind}): ${state}`));
	sandbox.on('request', ({ method, path, answer }) =>
		console.log(`${method} ${path} → ${answer?.code ?? answer?.status ?? 'cut'}`),
	);
	sandbox.on('callback', ({ url, attempts }) => {
		const last = attempts.at(-1);
		console.log(`callback ${url} → ${last?.status ?? last?.error ?? 'under way'}`);
	});
	process.once('SIGINT', () => void sandbox.close());
	process.once('SIGTERM', () => void sandbox.close());
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
