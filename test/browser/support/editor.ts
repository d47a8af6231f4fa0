/** n8n's editor in the words of whoever uses it: the one place that knows how its pages are built. */
import type { FrameLocator, Locator, Page } from 'playwright-core';

import { IS_N8N_1 } from '../../../scripts/n8n/installation';

export interface Editor {
	page: Page;
	/** Where one lands after signing in. */
	goHome(): Promise<void>;
	/** From there. */
	startWorkflow(): Promise<void>;
	newWorkflow(): Promise<void>;
	openWorkflow(id: string): Promise<void>;
	/** *Import from file*, into the workflow that is open. */
	importFile(path: string): Promise<void>;
	/** *Execute workflow*. */
	execute(): Promise<void>;
	/** *Publish*; whether n8n can is told later. */
	publish(): Promise<void>;
	/** Confirms that it is, which n8n does with a dialog. */
	published(): Promise<void>;
	/** Of the workflow that is open, once n8n has stored it. */
	workflowId(): Promise<string>;
	/** What n8n shows in its corner. */
	notification: Locator;
	/** Opens the list of a workflow's executions, and the newest of them once there are that many. */
	openNewestExecution(count: number): Promise<Pick<Editor, 'canvas' | 'node'>>;

	panel: {
		/** Opens the node panel, wherever the canvas offers it. */
		open(): Promise<void>;
		search(text: string): Promise<void>;
		/** A node among the search results; its place in the list is `rank`, from 1. */
		result(name: string): Locator;
		rank(name: string): Promise<number>;
		/** What an opened node offers: triggers and actions. */
		actions(): Promise<string[]>;
		action(name: string): Locator;
		/** Opens a closed list, such as "Actions". */
		expand(list: string): Promise<void>;
	};
	canvas: {
		node(name: string): Locator;
		/** Opens a node's panel. */
		openNode(name: string): Promise<void>;
		/** Opens the node panel, for what comes behind the last node. */
		addNext(): Promise<void>;
		/** Opens the node panel, for a tool of an agent. */
		addTool(agent: string): Promise<void>;
		/** Once a node has run, and with success. */
		succeeded(name: string): Promise<void>;
		/** Once it has run, and with an error. */
		failed(name: string): Promise<void>;
		fit(): Promise<void>;
	};
	node: {
		/** The whole of an opened node: input, parameters, output. */
		panel: Locator;
		parameters: Locator;
		output: Locator;
		/** Labels of what is to be filled in, from top to bottom. */
		fields(): Promise<string[]>;
		field(parameter: string): Locator;
		/** What a drop-down offers. Leaves it closed. */
		choices(parameter: string): Promise<string[]>;
		choose(parameter: string, choice: string): Promise<void>;
		fill(parameter: string, text: string): Promise<void>;
		/** What a field shows. */
		value(parameter: string): Promise<string>;
		/** What a parameter of an agent's tool says while the agent's model defines it. */
		definedByModel(parameter: string): Locator;
		takeFromModel(parameter: string): Promise<void>;
		/** *Let the model define this parameter*. */
		letModelDefine(parameter: string): Promise<void>;
		/** Adds one to *Options*. */
		addOption(name: string): Promise<void>;
		/** What went wrong, and what to do, as the output pane says it without "More details". */
		error(): Promise<{ title: string; text: string }>;
		/** Notes in the output pane. */
		hint(text: string): Locator;
		/** *Execute step*, after what comes before it. */
		execute(): Promise<void>;
		/** Schema, Table, JSON, Binary. */
		showOutputAs(view: 'schema' | 'table' | 'json' | 'binary'): Promise<void>;
		/** A field that the node before puts out, or will put out. */
		inputField(field: string): Locator;
		inputFields(): Promise<string[]>;
		/** Drops it where the node takes fields. */
		dragInputField(field: string): Promise<void>;
		close(): Promise<void>;
	};
	trigger: {
		/** Can be seen only while the trigger does not listen. */
		testUrl(): Promise<string>;
		productionUrl(): Promise<string>;
		/** *Execute step*, which listens for a test event. */
		execute(): Promise<void>;
	};
	chat: {
		/** *Open chat*. */
		open(): Promise<void>;
		say(text: string): Promise<void>;
		/** Presses the button under a question. */
		approve(): Promise<void>;
		/** What both have said. */
		messages: Locator;
	};
	credential: {
		/** How a node without one asks for it. */
		asked(service: string): Locator;
		/** From a node that has none. */
		create(): Promise<void>;
		/** Opens the one that the node has; n8n tests it again. */
		edit(): Promise<void>;
		dialog: Locator;
		field(name: string): Locator;
		/** A link in the text that appears at a field's label. */
		helpLink(name: string, url: string): Promise<Locator>;
		/** Saves, which tests it too. */
		save(): Promise<void>;
		/** Confirms that it is good: its dialog closes by itself, but in n8n 1.x. */
		saved(): Promise<void>;
		close(): Promise<void>;
	};
}

export function editorOn(page: Page, url: string): Editor {
	const { part } = partsIn(page);
	const whenDrawn = async () => {
		await part('canvas-wrapper').waitFor();
	};

	return {
		page,
		async goHome() {
			await page.goto(`${url}/home/workflows`);
		},
		async startWorkflow() {
			// A card in an n8n without anything, a button where there is something else, or beside other workflows.
			const card = IS_N8N_1 ? part('new-workflow-card') : page.getByText('Build a workflow');
			const nothingYet = page.getByText('Create your first automation');
			await card.or(nothingYet).or(part('resources-list-item-workflow')).first().waitFor();
			const button = page.getByRole('button', { name: 'Create workflow' });
			await card.or(button).first().click();
			await whenDrawn();
		},
		async newWorkflow() {
			await page.goto(`${url}/workflow/new`);
			await whenDrawn();
		},
		async openWorkflow(id) {
			await page.goto(`${url}/workflow/${id}`);
			await part('canvas-node').first().waitFor();
		},
		async importFile(path) {
			await page.locator('input[type=file]').first().setInputFiles(path);
			await part('canvas-node').first().waitFor();
		},
		async execute() {
			await page
				.getByTestId('canvas-wrapper')
				.getByRole('button', { name: 'Execute workflow' })
				.last()
				.click();
		},

		async publish() {
			const open = part('workflow-open-publish-modal-button');
			// What n8n 1.x publishes with, and n8n 2 has elsewhere.
			await open.or(part('workflow-activate-switch')).first().click();
			if (await open.isVisible()) {
				await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
			}
		},
		async published() {
			await page.getByRole('button', { name: 'Got it' }).click();
			if (!IS_N8N_1) return;
			const checklist = page.getByText('Production Checklist');
			await checklist.waitFor();
			await page.keyboard.press('Escape');
			await checklist.waitFor({ state: 'hidden' });
		},
		async workflowId() {
			await page.waitForURL(/\/workflow\/(?!new)\w+/);
			return new URL(page.url()).pathname.split('/')[2] ?? '';
		},
		notification: page.locator('.el-notification'),
		async openNewestExecution(count) {
			await part('radio-button-executions').click();
			const listed = page.locator('[data-test-id^="execution-details-"]');
			await listed.nth(count - 1).waitFor();
			await listed.first().click();
			// n8n 1.x shows it in a page of its own within the page.
			const shown = IS_N8N_1 ? page.frameLocator('iframe[data-test-id]') : page;
			return { canvas: canvasOn(page, shown), node: nodeOn(page, shown) };
		},

		panel: panelOn(page),
		canvas: canvasOn(page),
		node: nodeOn(page),
		trigger: triggerOn(page),
		chat: chatOn(page),
		credential: credentialOn(page),
	};
}

type Root = Page | FrameLocator;

/** What is visible there, by n8n's own names and by its text. */
function partsIn(root: Root) {
	return {
		part: (id: string, within: Root | Locator = root): Locator =>
			within.getByTestId(id).filter({ visible: true }),
		exactly: (text: string): Locator => root.getByText(text, { exact: true }),
	};
}

function panelOn(page: Page): Editor['panel'] {
	const { part, exactly } = partsIn(page);
	const items = part('item-iterator-item');
	const named = (name: string) =>
		items.filter({ has: page.getByTestId('node-creator-item-name').and(exactly(name)) });
	return {
		async open() {
			await part('canvas-plus-button').or(part('node-creator-plus-button')).first().click();
			await part('node-creator-search-bar').waitFor();
		},
		async search(text) {
			await part('node-creator-search-bar').fill(text);
		},
		result: (name) => named(name),
		async rank(name) {
			await named(name).waitFor();
			return (await part('node-creator-item-name').allInnerTexts()).indexOf(name) + 1;
		},
		async actions() {
			await part('node-creator-category-item').first().waitFor();
			return await part('node-creator-item-name').allInnerTexts();
		},
		action: (name) => part('node-creator-item-name').and(exactly(name)),
		async expand(list) {
			await part('node-creator-category-item').filter({ hasText: list }).click();
		},
	};
}

function canvasOn(page: Page, root: Root = page): Editor['canvas'] {
	const { part, exactly } = partsIn(root);
	const node = (name: string) => part('canvas-node').filter({ has: exactly(name) });
	return {
		node,
		async openNode(name) {
			await node(name).dblclick();
			await part('ndv').waitFor();
		},
		async addNext() {
			await part('canvas-handle-plus').last().click();
			await part('node-creator-search-bar').waitFor();
		},
		async addTool(agent) {
			const input = node(agent).locator('[data-connection-type=ai_tool]');
			await input.getByTestId('canvas-handle-plus').click();
			// Until then, the panel may be that of all AI nodes, and stays so for who searches in it.
			await part('nodes-list-header')
				.filter({ has: exactly('Tools') })
				.waitFor();
			await part('node-creator-search-bar').waitFor();
		},
		async succeeded(name) {
			await node(name).getByTestId('canvas-node-status-success').waitFor();
		},
		async failed(name) {
			await node(name).getByTestId('node-issues').waitFor();
		},
		async fit() {
			await part('zoom-to-fit').click();
			await page.mouse.move(0, 0);
		},
	};
}

function nodeOn(page: Page, root: Root = page): Editor['node'] {
	const { part, exactly } = partsIn(root);
	const panel = part('ndv');
	const parameters = part('node-parameters');
	const output = part('output-panel');
	const field = (parameter: string) => part(`parameter-input-${parameter}`, parameters);
	/** All of a parameter, the line of its label included. */
	const item = (parameter: string) =>
		part('parameter-item', parameters).filter({
			has: root.getByTestId(`${parameter}-parameter-input-options-container`),
		});
	const inputFields = part('run-data-schema-node-name', part('ndv-input-panel'));
	const offered = root.getByRole('option').filter({ visible: true });
	return {
		panel,
		parameters,
		output,
		async fields() {
			await part('input-label', parameters).first().waitFor();
			const labels = await part('input-label', parameters).allInnerTexts();
			return labels.map((label) => label.split('\n')[0] ?? '');
		},
		field,
		async choices(parameter) {
			await field(parameter).click();
			await offered.first().waitFor();
			const names = await offered.allInnerTexts();
			await page.keyboard.press('Escape');
			await offered.first().waitFor({ state: 'hidden' });
			return names.map((name) => name.split('\n')[0] ?? '');
		},
		async choose(parameter, choice) {
			await field(parameter).click();
			await offered.filter({ has: exactly(choice) }).click();
			await offered.first().waitFor({ state: 'hidden' });
		},
		async fill(parameter, text) {
			await field(parameter).locator('input, textarea').fill(text);
		},
		async value(parameter) {
			return await field(parameter).locator('input, textarea').inputValue();
		},
		definedByModel: (parameter) => item(parameter).getByText('Defined automatically by the model'),
		async takeFromModel(parameter) {
			await item(parameter).getByTestId('fromAI-override-field').locator('svg').last().click();
			await field(parameter).waitFor();
		},
		async letModelDefine(parameter) {
			await item(parameter).getByTestId('from-ai-override-button').click();
		},
		async addOption(name) {
			// n8n 1.x has no name for it.
			const add = part('collection-parameter-add', parameters);
			await add.or(parameters.locator('.add-option')).first().click();
			await offered.filter({ has: exactly(name) }).click();
		},
		async error() {
			const title = part('node-error-message', output);
			await title.waitFor();
			return {
				title: await title.innerText(),
				text: await part('node-error-description', output).innerText(),
			};
		},
		hint: (text) => part('node-hint', output).filter({ hasText: text }),
		inputField: (field) => inputFields.getByText(field, { exact: true }),
		inputFields: async () => await inputFields.allInnerTexts(),
		async dragInputField(name) {
			await inputFields.getByText(name, { exact: true }).hover();
			await page.mouse.down();
			await part('drop-area', parameters).hover();
			await page.mouse.up();
		},
		async execute() {
			await part('node-execute-button').click();
		},
		async showOutputAs(view) {
			await part(`radio-button-${view}`, output).click();
		},
		async close() {
			await part('ndv-close-button').or(part('back-to-canvas')).first().click();
			await panel.waitFor({ state: 'hidden' });
		},
	};
}

function triggerOn(page: Page): Editor['trigger'] {
	const { part } = partsIn(page);
	const showUrls = async () =>
		await part('node-parameters').getByText('Webhook URLs', { exact: true }).click();
	const shownUrl = async () =>
		(await page.locator('.webhook-url').filter({ visible: true }).innerText()).trim();
	return {
		async testUrl() {
			await showUrls();
			return await shownUrl();
		},
		async productionUrl() {
			await showUrls();
			await part('radio-button-production').click();
			await page.getByText('/webhook/').waitFor();
			return await shownUrl();
		},
		async execute() {
			await part('trigger-execute-button').click();
		},
	};
}

function chatOn(page: Page): Editor['chat'] {
	const { part } = partsIn(page);
	const messages = part('canvas-chat-body');
	return {
		async open() {
			await part('workflow-chat-button').click();
		},
		async say(text) {
			await part('chat-input').fill(text);
			await part('chat-input').press('Enter');
		},
		async approve() {
			await messages.getByRole('button', { name: 'Approve' }).click();
		},
		messages,
	};
}

function credentialOn(page: Page): Editor['credential'] {
	const { part } = partsIn(page);
	const dialog = part('credential-edit-dialog').locator('xpath=ancestor::*[@role="dialog"]').last();
	const whole = (name: string) => part(name, dialog);
	const close = async () => {
		await dialog.getByRole('button', { name: /close/i }).click();
		await dialog.waitFor({ state: 'hidden' });
	};
	return {
		asked: (service) =>
			IS_N8N_1
				? page.getByPlaceholder('Select Credential')
				: page.getByText(`Connect to ${service}`),
		dialog,
		field: (name) => part(`parameter-input-${name}`, dialog).locator('input'),
		async create() {
			// n8n 1.x has a list even where there is nothing to choose.
			await part('node-credentials-empty-state')
				.or(part('node-credentials-select'))
				.first()
				.click();
			const another = part('node-credentials-select-item-new');
			await another.or(dialog).first().waitFor();
			if (await another.isVisible()) await another.click();
			await dialog.waitFor();
		},
		async edit() {
			await part('credential-edit-button').click();
			await dialog.waitFor();
		},
		async helpLink(name, url) {
			await whole(name).locator('label').first().hover();
			await whole(name).locator('label svg').first().hover();
			return page.locator(`a[href="${url}"]`).filter({ visible: true }).first();
		},
		async save() {
			await part('credential-save-button').click();
		},
		async saved() {
			if (!IS_N8N_1) return await dialog.waitFor({ state: 'hidden' });
			await dialog.getByText('Connection tested successfully').waitFor();
			await close();
		},
		close,
	};
}
