/**
 * As little as a community node can do to download. n8n's helper for requests, which these nodes are held to, reads
 * what arrives through a stream of its own; the HTTP Request node uses an older helper that does not.
 */
/* global module */
class PlainDownload {
	description = {
		displayName: 'Plain Download',
		name: 'plainDownload',
		group: ['input'],
		version: 1,
		description: 'Downloads a file',
		defaults: { name: 'Plain Download' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [{ displayName: 'URL', name: 'url', type: 'string', default: '' }],
	};

	async execute() {
		const url = this.getNodeParameter('url', 0);
		const body = await this.helpers.httpRequest({ method: 'GET', url, encoding: 'stream' });
		const data = await this.helpers.prepareBinaryData(body, 'film.mp4', 'video/mp4');
		return [[{ json: {}, binary: { data } }]];
	}
}

module.exports = { PlainDownload };
