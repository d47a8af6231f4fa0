/**
 * Pictures for the README and the docs, taken by the journeys where they pass: what they show is
 * what was tested. Only `npm run docs:screenshots` writes them.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { Locator, Page } from 'playwright-core';

/** The folder to write them into, if they are wanted. */
export const { KIEAI_PICTURES: PICTURES } = process.env;

const ROOT = resolve(__dirname, '../../..');

/** What hangs over the edge of an opened node, and would be cut in two. */
const LEFT_OUT = '[data-test-id="floating-nodes"] { visibility: hidden }';

type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

/** In pixels. */
const EDGE = 2;

/**
 * Writes `<name>.png` and `<name>-dark.png`. n8n's theme is "System default", so that the page
 * turns dark as it stands, with whatever is open in it.
 *
 * @param part of the page; all of it unless told
 */
export async function takePicture(page: Page, name: string, part?: Locator): Promise<void> {
	if (!PICTURES) return;
	const folder = resolve(ROOT, PICTURES);
	await mkdir(folder, { recursive: true });
	await page.locator('.el-notification').first().waitFor({ state: 'hidden' });
	await page.mouse.move(0, 0);
	const clip = within(await part?.boundingBox());
	for (const theme of ['dark', 'light'] as const) {
		await page.emulateMedia({ colorScheme: theme });
		await page.screenshot({
			path: join(folder, theme === 'light' ? `${name}.png` : `${name}-dark.png`),
			animations: 'disabled',
			style: LEFT_OUT,
			...(clip && { clip }),
		});
	}
}

/** Without the edge, through which what is behind can be seen. */
function within(box: Box | null | undefined): Box | undefined {
	if (!box) return undefined;
	const { x, y, width, height } = box;
	return { x: x + EDGE, y: y + EDGE, width: width - 2 * EDGE, height: height - 2 * EDGE };
}
