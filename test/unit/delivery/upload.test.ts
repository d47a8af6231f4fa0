import { Readable } from 'node:stream';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { openBinaryUpload } from '../../../nodes/KieAi/delivery/upload';

const picture = Buffer.from([0xff, 0xd8, 0x0d, 0x0a, 0x2d, 0x2d, 0x00, 0xff, 0xd9]);

/** n8n, with one picture in memory (no ID) or outside of it. */
function open(binary: Partial<IBinaryData> = {}, fileName = 'cat.jpg') {
	const helpers = {
		getBinaryDataBuffer: jest.fn(async () => picture),
		getBinaryMetadata: jest.fn(async () => ({ fileSize: picture.length })),
		getBinaryStream: jest.fn(async () =>
			Readable.from([picture.subarray(0, 4), picture.subarray(4)]),
		),
	};
	const upload = openBinaryUpload({ helpers } as unknown as IExecuteFunctions, {
		itemIndex: 3,
		binary: { data: '', mimeType: 'image/jpeg', ...binary },
		fieldName: 'photo',
		uploadPath: 'n8n/photos',
		fileName,
	});
	return { upload, helpers };
}

async function bytesOf(body: object): Promise<Buffer> {
	if (Buffer.isBuffer(body)) return body;
	const chunks: Buffer[] = [];
	for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** The form, as the platform's own reader of multipart bodies understands it. */
async function formOf({ body, headers }: { body: object; headers?: Record<string, string> }) {
	const bytes = new Uint8Array(await bytesOf(body));
	return await new Response(bytes, headers ? { headers } : {}).formData();
}

describe.each<[string, Partial<IBinaryData>]>([
	['in memory', {}],
	['outside of memory', { id: 'filesystem:1' }],
])('a binary field %s', (_where, binary) => {
	it('is a multipart form with the file, its folder and its name', async () => {
		const form = await formOf(await open(binary).upload());
		const file = form.get('file');

		expect(form.get('uploadPath')).toBe('n8n/photos');
		expect(form.get('fileName')).toBe('cat.jpg');
		expect([...form.keys()].sort()).toEqual(['file', 'fileName', 'uploadPath']);
		if (!(file instanceof Blob)) throw new Error('no file');
		expect(file).toMatchObject({ name: 'cat.jpg', type: 'image/jpeg', size: picture.length });
		expect(Buffer.from(await file.arrayBuffer())).toEqual(picture);
	});

	it('can be opened again for another try', async () => {
		const { upload } = open(binary);
		const first = await upload();
		const second = await upload();

		expect(first.body).not.toBe(second.body);
		expect((await bytesOf(second.body)).length).toBe((await bytesOf(first.body)).length);
	});

	it('has a name that cannot break out of the form', async () => {
		const form = await formOf(await open(binary, 'a"\r\n\r\nx: y/../b.jpg').upload());
		expect(form.get('fileName')).toBe('a_x_y_.._b.jpg');
	});

	it('has a type, also where whoever made it gave none', async () => {
		const form = await formOf(await open({ ...binary, mimeType: '' }).upload());
		expect(form.get('file')).toMatchObject({ type: 'application/octet-stream' });
	});

	it('has a type that cannot break out of the form', async () => {
		const mimeType = 'image/jpeg\r\ncontent-disposition: form-data; name="x"\r\n\r\ny';
		const form = await formOf(await open({ ...binary, mimeType }).upload());
		const file = form.get('file');

		expect([...form.keys()].sort()).toEqual(['file', 'fileName', 'uploadPath']);
		expect(file).toMatchObject({
			size: picture.length,
			type: mimeType.replaceAll('\r\n', ''),
		});
	});
});

describe('a binary field outside of memory', () => {
	it('is streamed, and told its size beforehand', async () => {
		const { upload, helpers } = open({ id: 'filesystem:1' });
		const { body, headers } = await upload();

		expect(Number(headers?.['content-length'])).toBe((await bytesOf(body)).length);
		expect(helpers.getBinaryStream).toHaveBeenCalledWith('filesystem:1');
		expect(helpers.getBinaryDataBuffer).not.toHaveBeenCalled();
	});
});

describe('a binary field in memory', () => {
	it('is that of the item', async () => {
		const { upload, helpers } = open();
		await upload();
		expect(helpers.getBinaryDataBuffer).toHaveBeenCalledWith(3, 'photo');
	});
});
