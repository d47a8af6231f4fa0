/** The upload host: files by form, and files by URL. */
import { Readable, Transform } from 'node:stream';

import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { Account } from './accounts';
import { type Answer, refusal, success } from './answers';
import type { Clock } from './clock';
import { type FileStore, readMedia, type Received } from './files';
import { type Fetched, fetchLoopback, isLoopback } from './loopback';
import { type RecordedRequest, serveEndpoint, type Serving } from './serving';

interface Upload {
	uploadPath: string;
	fileName: string;
	mimeType: string;
	received: Received;
}

const MAX_FETCHED_BYTES = 100 * 1024 * 1024;
const MAX_STREAMED_BYTES = 10 * 1024 ** 3;

const fieldsSchema = z.object({
	uploadPath: z.string().min(1).refine(isPlainPath),
	fileName: z.string().min(1).refine(isPlainPath).optional(),
});
const fileUrlSchema = fieldsSchema.extend({ fileUrl: z.string().url() });

export async function serveUploads(
	app: FastifyInstance,
	serving: Serving,
	files: FileStore,
): Promise<void> {
	await app.register(multipart, { limits: { fileSize: MAX_STREAMED_BYTES } });

	serveEndpoint(app, serving, 'uploadStream', async (account, record, request) => {
		const answer = await uploadStream(account, record, request, files, serving.clock);
		serving.contract.checkRequest('uploadStream', record.query, record.body);
		return answer;
	});

	serveEndpoint(app, serving, 'uploadUrl', async (account, { body }) => {
		const input = fileUrlSchema.safeParse(body);
		if (!input.success) return invalid(input.error);
		const { fileUrl, uploadPath, fileName = lastSegment(fileUrl) } = input.data;
		try {
			const { contentType, content } = await fetchAnywhere(fileUrl);
			const received = await files.receive(content.pipe(limited(content)));
			const upload = { uploadPath, fileName, mimeType: contentType, received };
			return success(publish(account, upload, files, serving.clock));
		} catch (error) {
			return refusal(400, `Failed to fetch the file: ${String(error)}`);
		}
	});
}

async function uploadStream(
	account: Account,
	record: RecordedRequest,
	request: FastifyRequest,
	files: FileStore,
	clock: Clock,
): Promise<Answer> {
	if (!request.isMultipart()) return refusal(422, 'The body must be a form');
	const fields: Record<string, unknown> = {};
	let file: { name: string; mimeType: string; received: Received } | undefined;
	for await (const part of request.parts()) {
		if (part.type === 'field') {
			fields[part.fieldname] = part.value;
			continue;
		}
		const received = await files.receive(part.file);
		fields[part.fieldname] = {
			fileName: part.filename,
			mimeType: part.mimetype,
			size: received.size,
		};
		if (part.fieldname === 'file') {
			file = { name: part.filename, mimeType: part.mimetype, received };
		}
	}
	record.body = fields;

	const input = fieldsSchema.safeParse(fields);
	if (!input.success) return invalid(input.error);
	if (file === undefined) return refusal(422, 'file is required');
	const { uploadPath, fileName = file.name } = input.data;
	const upload = { uploadPath, fileName, mimeType: file.mimeType, received: file.received };
	return success(publish(account, upload, files, clock));
}

/** @returns `data` of the answer */
function publish(
	account: Account,
	{ uploadPath, fileName, mimeType, received }: Upload,
	files: FileStore,
	clock: Clock,
): Record<string, unknown> {
	const filePath = [...uploadPath.split('/').filter((part) => part !== ''), fileName].join('/');
	return {
		fileName,
		filePath,
		downloadUrl: files.publishUpload(`${account.id}/${filePath}`, mimeType, received),
		fileSize: received.size,
		mimeType,
		uploadedAt: new Date(clock.now()).toISOString(),
	};
}

/** A URL beyond the loopback is taken to hold a small picture. */
async function fetchAnywhere(url: string): Promise<Fetched> {
	if (isLoopback(url)) return await fetchLoopback(url);
	const picture = readMedia({ resolution: '720p', aspectRatio: '16:9' }, 'jpg');
	return { contentType: 'image/jpeg', content: Readable.from([picture]) };
}

function limited(source: Readable): Transform {
	let bytes = 0;
	const limit = new Transform({
		transform(chunk: Buffer, _encoding, done) {
			bytes += chunk.length;
			if (bytes > MAX_FETCHED_BYTES) done(new Error('larger than 100 MB'));
			else done(null, chunk);
		},
	});
	source.on('error', (error) => limit.destroy(error));
	limit.on('error', () => source.destroy());
	return limit;
}

function isPlainPath(path: string): boolean {
	return !path.split('/').includes('..') && !path.includes('\0');
}

function lastSegment(url: string): string {
	return decodeURIComponent(new URL(url).pathname.split('/').at(-1) || 'file');
}

function invalid({ issues }: z.ZodError): Answer {
	return refusal(422, `${issues[0]?.path.join('.') ?? 'The form'} is missing or not valid`);
}
