/** The browser of these tests: a Chromium that the machine has, without a window. */
import { existsSync } from 'node:fs';

import { type Browser, chromium } from 'playwright-core';

const USUAL_PATHS = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** As root, in a container and without the internet; Chromium itself calls nobody. */
const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** @throws an error that says what to install */
export function findChromium(): string {
	const { KIEAI_CHROMIUM } = process.env;
	const found = (KIEAI_CHROMIUM ? [KIEAI_CHROMIUM] : USUAL_PATHS).find((path) => existsSync(path));
	if (found !== undefined) return found;
	throw new Error(
		'These tests need Chromium: apt-get install chromium, or KIEAI_CHROMIUM=<path of a Chromium or Chrome>',
	);
}

export async function launchChromium(): Promise<Browser> {
	return await chromium.launch({ executablePath: findChromium(), args: FLAGS });
}
