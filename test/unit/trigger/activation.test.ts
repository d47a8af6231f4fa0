import type { IDataObject, IHookFunctions, WorkflowActivateMode } from 'n8n-workflow';

import { TRIGGER_URL_KEY } from '../../../nodes/KieAi/trigger/url';
import { KieAiTrigger } from '../../../nodes/KieAi/KieAiTrigger.node';

const PRODUCTION = 'https://n8n.example.com/webhook/1/kieai';
const TEST = 'https://n8n.example.com/webhook-test/1/kieai';

/** The trigger as n8n switches it on and off, of which it keeps the workflow's static data. */
function hooks(mode: WorkflowActivateMode, url: string, staticData: IDataObject) {
	const context = {
		getNode: () => ({ name: 'KieAI Trigger' }),
		getCredentials: async () => ({ apiKey: 'sk-0123456789' }),
		getNodeParameter: (_name: string, fallback: unknown) => fallback,
		getActivationMode: () => mode,
		getNodeWebhookUrl: () => url,
		getWorkflowStaticData: () => staticData,
	} as unknown as IHookFunctions; // what it uses of one
	const { create, delete: remove } = new KieAiTrigger().webhookMethods.default;
	return { create: create.bind(context), remove: remove.bind(context) };
}

it.each<WorkflowActivateMode>(['activate', 'init', 'update'])(
	'a published workflow knows the trigger’s URL, until it is published no more (%s)',
	async (mode) => {
		const staticData: IDataObject = { other: 1 };
		const { create, remove } = hooks(mode, PRODUCTION, staticData);
		await create();
		expect(staticData).toEqual({ other: 1, [TRIGGER_URL_KEY]: PRODUCTION });
		await remove();
		expect(staticData).toEqual({ other: 1 });
	},
);

it('a test writes nothing', async () => {
	const staticData: IDataObject = {};
	await hooks('manual', TEST, staticData).create();
	expect(staticData).toEqual({});
});

it('a test leaves the URL of the published trigger as it is, from its beginning to its end', async () => {
	const staticData: IDataObject = { [TRIGGER_URL_KEY]: PRODUCTION };
	const { create, remove } = hooks('manual', TEST, staticData);
	await create();
	await remove();
	expect(staticData).toEqual({ [TRIGGER_URL_KEY]: PRODUCTION });
});
