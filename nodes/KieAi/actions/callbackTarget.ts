import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { Connection } from '../connection';
import { addOrigin, ORIGIN_PARAMETER } from '../protocol/origin';
import { asText } from '../protocol/parse';
import type { Metadata, TaskIdentity } from '../protocol/video';
import { checkedCallbackUrl, InputError, type ItemParameters } from './parameters';

/** Longer URLs are cut or refused by some proxies on the way back. */
const MAX_METADATA_CHARACTERS = 1000;

/** Where an active KieAI Trigger leaves its URL: in the workflow's global static data, so that nobody has to copy it. */
export const TRIGGER_URL_KEY = 'kieAiTriggerUrl';

export interface CallbackTarget {
	url: string;
	metadata: Metadata | undefined;
}

/** Whom KieAI is to tell; undefined for nobody. */
export function readCallbackTarget(
	item: ItemParameters,
	context: IExecuteFunctions,
	{ apiKey, isLocal }: Connection,
	{ kind, sourceTaskId, index }: TaskIdentity,
): CallbackTarget | undefined {
	if (item.choice('waitForResult', ['poll', 'none'], 'Wait for Result') !== 'none')
		return undefined;
	const target = item.choice('sendCallbackTo', ['nobody', 'trigger', 'url'], 'Send Callback To');
	if (target === 'nobody') return undefined;

	const metadata = readMetadata(item);
	const url =
		target === 'trigger'
			? checkedCallbackUrl(findTriggerUrl(context), 'Send Callback To', isLocal)
			: checkedCallbackUrl(
					item.text('callbackUrl', 'Callback URL', 'Enter the URL that KieAI posts the result to.'),
					'Callback URL',
					isLocal,
				);
	if (new URL(url).searchParams.has(ORIGIN_PARAMETER)) {
		throw new InputError(
			`'Callback URL' already has the parameter '${ORIGIN_PARAMETER}'`,
			'Remove it: the node adds its own.',
		);
	}
	const origin = {
		kind,
		...(sourceTaskId && { sourceTaskId }),
		...(typeof index === 'number' && { index }),
		...(metadata && { metadata }),
	};
	return { url: addOrigin(url, origin, apiKey), metadata };
}

function readMetadata(item: ItemParameters): IDataObject | undefined {
	const metadata = item.jsonObject('metadata', 'Metadata');
	const length = JSON.stringify(metadata ?? {}).length;
	if (length <= MAX_METADATA_CHARACTERS) return metadata;
	throw new InputError(
		`'Metadata' has ${length} characters, and ${MAX_METADATA_CHARACTERS} is the most`,
		'Send an ID that you can look up, not the data itself.',
	);
}

function findTriggerUrl(context: IExecuteFunctions): string {
	const url = asText(context.getWorkflowStaticData('global')[TRIGGER_URL_KEY]);
	if (url !== undefined) return url;
	throw new InputError(
		"'Send Callback To' is 'KieAI Trigger in This Workflow', and there is no published one",
		'Add a KieAI Trigger to this workflow and publish (activate) the workflow, or choose another target.',
	);
}
