import { getCreditBalance } from './account/getCreditBalance.operation';
import { download } from './file/download.operation';
import { upload } from './file/upload.operation';
import type { Operation } from './operation';
import { extend } from './video/extend.operation';
import { generate } from './video/generate.operation';
import { get } from './video/get.operation';
import { get1080p } from './video/get1080p.operation';
import { get4k } from './video/get4k.operation';

const operations = {
	account: { getCreditBalance },
	file: { download, upload },
	veoVideo: { extend, generate, get, get1080p, get4k },
};

export type Operations = typeof operations;

/** The operation that the user chose. */
export function findOperation(resource: string, operation: string): Operation | undefined {
	return (operations as Record<string, Record<string, Operation>>)[resource]?.[operation];
}
