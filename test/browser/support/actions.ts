/** How much a person has to do, counted by the browser from what happens to its pages. */
import type { Page } from 'playwright-core';

export interface Actions {
	/** Since it was last asked: each click, drag and value typed into a field is one. */
	count(): number;
}

/** As much of the page as the counting needs. */
declare const window: {
	countAction(): void;
	addEventListener(type: string, heard: (event: { target: Target }) => void, first: true): void;
};
type Target = { type?: string } | null;

/** From the next page on that is opened. */
export async function countActions(page: Page): Promise<Actions> {
	let count = 0;
	await page.exposeFunction('countAction', () => void count++);
	await page.addInitScript(() => {
		let typingIn: Target = null;
		const onPress = () => {
			typingIn = null;
			window.countAction();
		};
		const onInput = ({ target }: { target: Target }) => {
			if (target === typingIn || target?.type === 'checkbox') return;
			typingIn = target;
			window.countAction();
		};
		window.addEventListener('pointerdown', onPress, true);
		window.addEventListener('input', onInput, true);
	});
	return {
		count() {
			const counted = count;
			count = 0;
			return counted;
		},
	};
}
