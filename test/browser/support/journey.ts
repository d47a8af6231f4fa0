/** A signed-in editor for one test file, and journeys that leave a picture where they fail. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Browser, selectors } from 'playwright-core';

import { PERSONS_BROWSER } from '../../e2e/support/chat';
import { sharedN8n } from '../../e2e/support/shared';
import { itSince2 } from '../../e2e/support/since';
import { launchChromium } from './chromium';
import { collectCreated, type Created } from './created';
import { type Editor, editorOn } from './editor';
import { PICTURES } from './pictures';

/** In which n8n's panels show their heads whole. */
const VIEWPORT = { width: 1440, height: 900 };
/** For machines under load: nothing here is a measurement. */
const STEP_TIMEOUT_MS = 60_000;

selectors.setTestIdAttribute('data-test-id');

/** Opened before the first journey of the file; closed after the last, with all that it has created removed. */
export function useEditor(): Editor {
	const editor = {} as Editor; // filled before the first test
	let browser: Browser | undefined;
	let created: Created | undefined;
	beforeAll(async () => {
		browser = await launchChromium();
		const { url, api } = sharedN8n();
		const context = await browser.newContext({
			viewport: VIEWPORT,
			userAgent: PERSONS_BROWSER,
			reducedMotion: 'reduce',
			...(PICTURES && { deviceScaleFactor: 1.5 }),
		});
		context.setDefaultTimeout(STEP_TIMEOUT_MS);
		const [name = '', value = ''] = api.cookie().split('=');
		await context.addCookies([{ name, value, url }]);
		const page = await context.newPage();
		created = collectCreated(page, api);
		Object.assign(editor, editorOn(page, url));
	});
	afterAll(async () => {
		await browser?.close();
		await created?.remove();
	});
	return editor;
}

/** Like `it`. Where it fails, the error says where a picture of the page is. */
export const journey = journeysBy(it);

/** Not in n8n 1.x; the test says why. */
export const journeySince2 = journeysBy(itSince2);

function journeysBy(itDoes: jest.It) {
	return (name: string, editor: Editor, steps: () => Promise<void>): void => {
		itDoes(name, async () => {
			try {
				await steps();
			} catch (error) {
				const path = join(tmpdir(), `kieai-journey-${name.replace(/\W+/g, '-')}.png`);
				await editor.page.screenshot({ path });
				const words = error instanceof Error ? error.message : String(error);
				throw new Error(`${words}\n\nThe page then: ${path}`, { cause: error });
			}
		});
	};
}
