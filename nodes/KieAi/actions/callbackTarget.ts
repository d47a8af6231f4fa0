import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { Connection } from '../connection';
import { addOrigin, ORIGIN_PARAMETER, type Origin } from '../protocol/origin';
import type { Metadata, TaskIdentity } from '../protocol/video';
import { readTriggerUrl } from '../trigger/url';
import { audienceOf, readPlace, readResumeUrl } from '../waiting/park';
import { checkedCallbackUrl, checkReachable, InputError, type ItemParameters } from './parameters';
import type { Wait } from './videoSettings';

/** Longer URLs are cut or refused by some proxies on the way back. */
const MAX_METADATA_CHARACTERS = 1000;

export interface CallbackTarget {
	url: string;
	metadata: Metadata | undefined;
}

/** Whom KieAI is to tell; undefined for nobody. */
export function readCallbackTarget(
	item: ItemParameters,
	wait: Wait,
	context: IExecuteFunctions,
	connection: Connection,
	task: TaskIdentity,
): CallbackTarget | undefined {
	if (wait === 'callback') return ownTarget(item.itemIndex, context, connection, task);
	if (wait === 'poll') return undefined;
	const target = item.choice('sendCallbackTo', ['nobody', 'trigger', 'url'], 'Send Callback To');
	if (target === 'nobody') return undefined;

	const metadata = readMetadata(item);
	const url =
		target === 'trigger'
			? checkedCallbackUrl(findTriggerUrl(context), 'Send Callback To', connection)
			: checkedCallbackUrl(
					item.text('callbackUrl', 'Callback URL', 'Enter the URL that KieAI posts the result to.'),
					'Callback URL',
					connection,
				);
	if (new URL(url).searchParams.has(ORIGIN_PARAMETER)) {
		throw new InputError(
			`'Callback URL' already has the parameter '${ORIGIN_PARAMETER}'`,
			'Remove it: the node adds its own.',
		);
	}
	return {
		url: addOrigin(url, { ...originOf(task), ...(metadata && { metadata }) }, connection.apiKey),
		metadata,
	};
}

/** This node of this execution, which pauses until KieAI calls. */
function ownTarget(
	item: number,
	context: IExecuteFunctions,
	connection: Connection,
	task: TaskIdentity,
): CallbackTarget {
	const url = readResumeUrl(context);
	const origin = URL.canParse(url) ? new URL(url).origin : `'${url}'`;
	checkReachable(
		`'Wait for Result' is 'Pause Until Callback', and n8n is at ${origin}`,
		url,
		connection,
	);
	const { executionId, runIndex } = readPlace(context);
	const audience = audienceOf(executionId, context.getNode().id);
	const mine = { ...originOf(task), item, run: runIndex };
	return { url: addOrigin(url, mine, connection.apiKey, audience), metadata: undefined };
}

function originOf({ kind, sourceTaskId, index }: TaskIdentity): Origin {
	return {
		kind,
		...(sourceTaskId && { sourceTaskId }),
		...(typeof index === 'number' && { index }),
	};
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
	const url = readTriggerUrl(context);
	if (url !== undefined) return url;
	throw new InputError(
		"'Send Callback To' is 'KieAI Trigger in This Workflow', and there is no published one",
		'Add a KieAI Trigger to this workflow and publish (activate) the workflow, or choose another target. In n8n 1.x, runs started in the editor do not see it: let a trigger start the workflow.',
	);
}
