import { randomUUID } from 'node:crypto';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { Readable } from '../connection';
import type { OpenUpload } from '../protocol/client';
import { asText } from '../protocol/parse';
import { safeName } from './download';
import { passThrough } from './stream';

interface BinaryUpload {
	itemIndex: number;
	binary: IBinaryData;
	fieldName: string;
	uploadPath: string;
	fileName: string;
}

/** Where a file replaces none: at KieAI, the same name in the same folder does. */
export function folderOfItsOwn(): string {
	return `n8n/${randomUUID()}`;
}

/** A binary field as the multipart body of KieAI's stream upload; streamed where n8n keeps it outside memory. */
export function openBinaryUpload(
	context: IExecuteFunctions,
	{ itemIndex, binary, fieldName, uploadPath, fileName }: BinaryUpload,
): OpenUpload {
	return async () => {
		const boundary = `kieai-${randomUUID()}`;
		const head = multipartHead(
			boundary,
			{ uploadPath, fileName: safeName(fileName) },
			// Not there where a node has written the field by hand.
			asText(binary.mimeType) ?? 'application/octet-stream',
		);
		const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
		const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
		if (binary.id === undefined) {
			const file = await context.helpers.getBinaryDataBuffer(itemIndex, fieldName);
			return { headers, body: Buffer.concat([head, file, tail]) };
		}
		const { fileSize } = await context.helpers.getBinaryMetadata(binary.id);
		const stream = await context.helpers.getBinaryStream(binary.id);
		return {
			headers: { ...headers, 'content-length': String(head.length + fileSize + tail.length) },
			body: enclose(stream, head, tail),
		};
	};
}

function multipartHead(
	boundary: string,
	fields: { uploadPath: string; fileName: string },
	mimeType: string,
): Buffer {
	const mime = mimeType.replace(/[\r\n]/g, '');
	const texts = Object.entries(fields).map(
		([name, value]) =>
			`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
	);
	const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${fields.fileName}"\r\ncontent-type: ${mime}\r\n\r\n`;
	return Buffer.from(texts.join('') + file);
}

function enclose(stream: Readable, head: Buffer, tail: Buffer): object {
	return passThrough(stream, async function* (source) {
		yield head;
		yield* source;
		yield tail;
	});
}
