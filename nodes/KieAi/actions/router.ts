import type { INodeProperties } from 'n8n-workflow';

import * as account from './account';
import * as file from './file';
import type { Operation } from './operation';
import { toolDescriptionField, type Resource } from './show';
import * as video from './video';

const resources: Record<Resource, Record<string, Operation>> = {
	account: account.operations,
	file: file.operations,
	veoVideo: video.operations,
};

/** The operation that the user chose. */
export function findOperation(resource: string, operation: string): Operation | undefined {
	return (resources as Record<string, Record<string, Operation>>)[resource]?.[operation];
}

/** What an AI agent reads, one text for each operation. */
export const toolDescriptionFields: INodeProperties[] = Object.entries(resources).flatMap(
	([resource, operations]) =>
		Object.entries(operations).map(([operation, { toolDescription }]) =>
			toolDescriptionField(resource as Resource, operation, toolDescription),
		),
);
