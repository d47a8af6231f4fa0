import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from './parameters';
import { inWords, RANGES, typeOptionsOf } from './ranges';

/** Where a downloaded file goes, and how large it may be: the same for every operation that downloads. */

const DEFAULT_MAX_FILE_SIZE_MB = 4096;

export const binaryPropertyField: INodeProperties = {
	displayName: 'Put Output File in Field',
	name: 'binaryPropertyName',
	type: 'string',
	required: true,
	default: 'data',
	placeholder: 'e.g. data',
	hint: 'The name of the output binary field to put the file in',
};

export const maxFileSizeOption: INodeProperties = {
	displayName: 'Maximum File Size (MB)',
	name: 'maxFileSize',
	type: 'number',
	typeOptions: typeOptionsOf(RANGES.maxFileSize),
	default: DEFAULT_MAX_FILE_SIZE_MB,
	description: `A larger file is not downloaded. In megabytes ${inWords(RANGES.maxFileSize)}.`,
};

export function readBinaryPropertyName(item: ItemParameters): string {
	const advice = "Enter a name for the binary field, e.g. 'data'.";
	return item.text('binaryPropertyName', 'Put Output File in Field', advice, 'data');
}

/** Bytes. */
export function readMaxBytes(item: ItemParameters): number {
	const range = { ...RANGES.maxFileSize, fallback: DEFAULT_MAX_FILE_SIZE_MB };
	return item.option.number('maxFileSize', 'Maximum File Size (MB)', range) * 1024 ** 2;
}
