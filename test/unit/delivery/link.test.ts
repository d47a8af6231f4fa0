import { checkAddress, checkLink } from '../../../nodes/KieAi/delivery/link';
import { KieAiError } from '../../../nodes/KieAi/protocol/errors';
import { thrownBy } from '../support/outcome';

const PUBLIC = { localHost: undefined };

describe('a link', () => {
	it.each([
		'https://file.example.com/film.mp4',
		'http://file.example.com/film.mp4',
		'https://file.example.com:8443/a%20b.mp4?token=x@y#part',
	])('that may be fetched: %s', (link) => {
		expect(checkLink(link, PUBLIC).href).toBe(link);
	});

	it.each<[string, RegExp]>([
		['', /is not a URL/],
		['film.mp4', /is not a URL/],
		['//file.example.com/film.mp4', /is not a URL/],
		['https://', /is not a URL/],
		['ftp://file.example.com/film.mp4', /must begin with http/],
		['file:///etc/passwd', /must begin with http/],
		['data:video/mp4;base64,AAAA', /must begin with http/],
		['javascript:alert(1)', /must begin with http/],
		['blob:https://file.example.com/1', /must begin with http/],
		['https://user:secret@file.example.com/film.mp4', /must not contain a user name/],
		['https://user@file.example.com/film.mp4', /must not contain a user name/],
		['https://:secret@file.example.com/film.mp4', /must not contain a user name/],
		['http://localhost:5678/film.mp4', /leads to 'localhost', which is not on the public internet/],
		['http://169.254.169.254/latest/meta-data', /leads to '169.254.169.254'/],
		['http://0x0a000001/film.mp4', /leads to '10.0.0.1'/],
		['http://[::ffff:127.0.0.1]/film.mp4', /not on the public internet/],
	])('that may not be: %s', (link, reason) => {
		const error = thrownBy(() => checkLink(link, PUBLIC));

		expect(error).toBeInstanceOf(KieAiError);
		expect(error).toMatchObject({
			message: expect.stringMatching(reason),
			outcome: 'refused',
			transient: false,
			advice: expect.stringContaining("'videoUrl'"),
		});
	});

	it('does not get into the error, where somebody wrote a password into it', () => {
		const error = thrownBy(() =>
			checkLink('https://user:secret@file.example.com/film.mp4', PUBLIC),
		);
		expect(JSON.stringify(error) + String(error)).not.toContain('secret');
	});

	it('leads into the own network only to the host where KieAI is, as the sandbox is', () => {
		const link = 'http://127.0.0.1:3000/film.mp4';
		const local = { localHost: '127.0.0.1' };
		expect(checkLink(link, local).href).toBe(link);
		expect(() => checkLink('http://169.254.169.254/latest', local)).toThrow('not on the public');
		expect(() => checkLink('http://127.0.0.2/film.mp4', local)).toThrow('not on the public');
	});
});

describe('a public name', () => {
	const url = new URL('https://film.example.com/film.mp4');

	it('that leads inside is refused', async () => {
		const inside = { ...PUBLIC, leadsInside: async () => await Promise.resolve(true) };
		await expect(checkAddress(url, inside)).rejects.toThrow(
			"leads to 'film.example.com', whose address is not on the public internet",
		);
	});

	it.each([
		['leads outside', { ...PUBLIC, leads: false }],
		['is the host where KieAI is', { localHost: 'film.example.com', leads: true }],
	])('that %s is not', async (_what, { localHost, leads }) => {
		const leadsInside = async () => await Promise.resolve(leads);
		await expect(checkAddress(url, { localHost, leadsInside })).resolves.toBeUndefined();
	});
});
