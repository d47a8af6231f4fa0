import axios from 'axios';
import type { IBinaryData } from 'n8n-workflow';

import { readMedia } from '../sandbox/files';
import { bodies, errorText, first, sent, useWorld } from './support/action';
import { chain } from './support/engine';
import { KIEAI_NODE } from './support/world';

const world = useWorld();

const UPLOAD = { resource: 'file', operation: 'upload' };
const FROM_URL = { ...UPLOAD, fileSource: 'url' };
const picture = readMedia({ resolution: '720p', aspectRatio: '16:9' }, 'jpg');
const withPicture = [
	{
		json: {},
		binary: {
			data: { data: picture.toString('base64'), mimeType: 'image/jpeg', fileName: 'fox.jpg' },
		},
	},
];

describe('Upload file', () => {
	it('turns a binary field into a link', async () => {
		const run = await world.run(UPLOAD, { items: withPicture });

		const json = first(run);
		expect(json).toEqual({
			fileUrl: expect.stringMatching(/\/n8n\/[\da-f-]{36}\/fox\.jpg$/),
			fileName: 'fox.jpg',
			mimeType: 'image/jpeg',
			fileSize: picture.length,
			uploadedAt: expect.any(String),
		});
		const { data } = await axios.get<Buffer>(String(json.fileUrl), { responseType: 'arraybuffer' });
		expect(data.equals(picture)).toBe(true);
	});

	it('streams a file that n8n keeps on disk', async () => {
		world.sandbox.configure({ filmBytes: 3_000_000 });
		const task = world.sandbox.addTask();
		const workflow = chain(
			{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
			{
				name: 'Film',
				type: KIEAI_NODE,
				parameters: {
					resource: 'file',
					operation: 'download',
					fileUrl: task.videos[0]?.url ?? '',
				},
			},
			{ name: 'KieAI', type: KIEAI_NODE, parameters: UPLOAD },
		);
		const run = await world.engine.run(workflow, { credentials: world.credentials });
		expect(first(run)).toMatchObject({ fileSize: 3_000_000, mimeType: 'video/mp4' });
		expect(Number(sent(world, 'uploadStream')[0]?.headers['content-length'])).toBeGreaterThan(
			3_000_000,
		);
	});

	it('takes the field, the folder and the name that the user chose', async () => {
		const [item] = withPicture;
		await world.run(
			{
				...UPLOAD,
				inputFieldName: 'photo',
				options: { uploadPath: 'campaign/may', fileName: 'hero.jpg' },
			},
			{ items: [{ json: {}, binary: { photo: item?.binary.data ?? { data: '', mimeType: '' } } }] },
		);
		expect(bodies(world, 'uploadStream')).toEqual([
			expect.objectContaining({ uploadPath: 'campaign/may', fileName: 'hero.jpg' }),
		]);
	});

	it('replaces no file by another of the same name, unless it is told the folder', async () => {
		const [item] = withPicture;
		const items = [item, item].map((each) => ({ json: {}, binary: each?.binary ?? {} }));
		const run = await world.run(UPLOAD, { items });
		const urls = run.items('KieAI').map(({ json }) => json['fileUrl']);
		expect(new Set(urls).size).toBe(2);
	});

	it('takes a field that does not tell its MIME type', async () => {
		const data = { data: picture.toString('base64'), fileName: 'fox.jpg' } as IBinaryData;
		const run = await world.run(UPLOAD, { items: [{ json: {}, binary: { data } }] });
		expect(first(run)).toMatchObject({ fileName: 'fox.jpg', fileSize: picture.length });
	});

	it('lets KieAI fetch a URL', async () => {
		const run = await world.run({ ...FROM_URL, sourceUrl: 'https://example.com/photo.jpg' });
		expect(bodies(world, 'uploadUrl')).toEqual([
			{
				fileUrl: 'https://example.com/photo.jpg',
				uploadPath: expect.stringMatching(/^n8n\/[\da-f-]{36}$/),
			},
		]);
		expect(first(run)).toMatchObject({ fileUrl: expect.stringMatching(/^http/) });
	});

	it("repeats KieAI's words for a URL that it cannot fetch", async () => {
		const msg = 'The file could not be fetched';
		world.sandbox.faults.add({ endpoint: 'uploadUrl', kind: 'code', code: 400, msg });
		const run = await world.run({ ...FROM_URL, sourceUrl: 'https://example.com/photo.jpg' });
		expect(errorText(run)).toContain(msg);
	});

	it('sends the file anew after a broken connection', async () => {
		world.sandbox.faults.add({ endpoint: 'uploadStream', kind: 'resetBefore' });
		const run = await world.run(UPLOAD, { items: withPicture });
		expect(first(run)).toMatchObject({ fileSize: picture.length });
		expect(sent(world, 'uploadStream')).toHaveLength(2);
	});
});
