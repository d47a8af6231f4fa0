import type { IBinaryData } from 'n8n-workflow';

import { databaseHint, databaseLimit } from '../../../nodes/KieAi/delivery/database';

const MB = 1024 ** 2;

function stored(mode: string, megabytes: number): IBinaryData {
	return { id: `${mode}:1`, data: mode, mimeType: 'video/mp4', bytes: megabytes * MB };
}

describe('a hint about the database', () => {
	it('names the size of the film, both limits and the setting, and what to do', () => {
		const hint = databaseHint([stored('database', 450.2)]);
		expect(hint).toContain('this film of 451 MB');
		expect(hint).toContain('PostgreSQL gives back no file of 256 MB or more');
		expect(hint).toContain('none above 512 MB unless N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE');
		expect(hint).toMatch(/'videoUrl'.* S3.*'Maximum File Size \(MB\)'/);
	});

	it('begins at three quarters of what PostgreSQL gives back', () => {
		expect(databaseHint([stored('database', 192)])).toContain('192 MB');
		expect(databaseHint([stored('database', 191.9)])).toBeUndefined();
	});

	it('is about the largest of the films', () => {
		const films = [stored('database', 400), stored('database', 500), stored('database', 1)];
		expect(databaseHint(films)).toContain('500 MB');
	});

	it.each(['filesystem-v2', 's3', 'azure', 'not-database'])(
		'is not given where n8n keeps files otherwise: %s',
		(mode) => {
			expect(databaseHint([stored(mode, 900)])).toBeUndefined();
		},
	);

	it('is not given of what n8n keeps in memory, or tells no size of', () => {
		expect(databaseHint([])).toBeUndefined();
		expect(
			databaseHint([{ data: 'Zg==', mimeType: 'video/mp4', bytes: 900 * MB }]),
		).toBeUndefined();
		expect(
			databaseHint([{ id: 'database:1', data: 'database', mimeType: 'video/mp4' }]),
		).toBeUndefined();
	});
});

describe("the limit of n8n's database", () => {
	it('is read in the words of n8n, with what to do', () => {
		const error = new Error(
			'Failed to write binary file "film.mp4" (1) because its size of 700.5 MB exceeds the max size limit of 600 MB set for `database` mode. Consider …',
		);
		expect(databaseLimit(error)).toEqual({
			message: "The file is larger than the 600 MB that n8n's database takes",
			advice: expect.stringMatching(
				/14 days.*'videoUrl'.* S3.*MAX_FILE_SIZE can be raised to 1024/,
			),
		});
	});

	it.each([new Error('disk full'), 'max size limit', undefined])('is no reason for %p', (error) => {
		expect(databaseLimit(error)).toBeUndefined();
	});
});
