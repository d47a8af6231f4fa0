import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { parseArgs } from 'node:util';

export const USAGE = `npm run demo -- [options]

Makes a video and takes it to 4K: an example workflow, run on n8n's own engine. Without --live it
runs against a KieAI that is started here, in fast motion; nothing is charged, nothing leaves this
machine.

  --prompt "…"       what the video shows
  --image photo.jpg  begin the video with this image (JPEG, PNG or WebP)
  --output <folder>  where the film goes (default demo-output)
  --live             use the real KieAI, with the API key in KIEAI_API_KEY; this spends credits
  --yes              with --live: spend them without asking
  --help

KIEAI_BASE_URL and KIEAI_UPLOAD_BASE_URL in the environment lead --live to a proxy or a test server.`;

/** Something that the user can put right: told in one line. */
export class DemoError extends Error {}

export interface Image {
	path: string;
	mimeType: string;
}

/** As in the credential; what is left out has the credential's default. */
export interface Account {
	apiKey: string;
	baseUrl?: string;
	uploadBaseUrl?: string;
}

export interface Options {
	help: boolean;
	prompt: string | undefined;
	image: Image | undefined;
	output: string;
	/** Where the real service is to be used. */
	account: Account | undefined;
	yes: boolean;
}

const IMAGE_TYPES: Record<string, string> = {
	'.jpeg': 'image/jpeg',
	'.jpg': 'image/jpeg',
	'.png': 'image/png',
	'.webp': 'image/webp',
};

/** @throws {DemoError} for what cannot be used */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
	const { help, prompt, image, output, live, yes } = parse(args);
	if (prompt?.trim() === '')
		throw new DemoError('--prompt is empty: describe what the video shows');
	return {
		help,
		prompt,
		image: image === undefined ? undefined : readImage(image),
		output,
		account: live && !help ? readAccount(env) : undefined,
		yes,
	};
}

function readAccount(env: NodeJS.ProcessEnv): Account {
	const { KIEAI_API_KEY: apiKey, KIEAI_BASE_URL: baseUrl } = env;
	const { KIEAI_UPLOAD_BASE_URL: uploadBaseUrl } = env;
	if (apiKey === undefined || apiKey.trim() === '') {
		throw new DemoError(
			'--live needs your KieAI API key in the environment: KIEAI_API_KEY=… npm run demo -- --live (keys: https://kie.ai/api-key)',
		);
	}
	return {
		apiKey: apiKey.trim(),
		...(baseUrl && { baseUrl }),
		...(uploadBaseUrl && { uploadBaseUrl }),
	};
}

function parse(args: string[]) {
	try {
		const { values } = parseArgs({
			args,
			options: {
				help: { type: 'boolean', default: false },
				prompt: { type: 'string' },
				image: { type: 'string' },
				output: { type: 'string', default: 'demo-output' },
				live: { type: 'boolean', default: false },
				yes: { type: 'boolean', default: false },
			},
		});
		return values;
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		throw new DemoError(`${message.split('. ')[0]}. See npm run demo -- --help`);
	}
}

function readImage(path: string): Image {
	const mimeType = IMAGE_TYPES[extname(path).toLowerCase()];
	if (mimeType === undefined) {
		throw new DemoError(`--image ${path}: choose a JPEG, PNG or WebP image`);
	}
	if (!existsSync(path)) throw new DemoError(`--image ${path}: there is no such file`);
	return { path, mimeType };
}
