/** Every endpoint of the service, by the name that faults and recorded requests go by. */

export type HostName = 'api' | 'upload' | 'files';

export interface Endpoint {
	host: HostName;
	method: 'GET' | 'POST';
	path: string;
}

export const ENDPOINTS = {
	generate: { host: 'api', method: 'POST', path: '/api/v1/veo/generate' },
	extend: { host: 'api', method: 'POST', path: '/api/v1/veo/extend' },
	recordInfo: { host: 'api', method: 'GET', path: '/api/v1/veo/record-info' },
	get1080p: { host: 'api', method: 'GET', path: '/api/v1/veo/get-1080p-video' },
	get4k: { host: 'api', method: 'POST', path: '/api/v1/veo/get-4k-video' },
	credit: { host: 'api', method: 'GET', path: '/api/v1/chat/credit' },
	downloadUrl: { host: 'api', method: 'POST', path: '/api/v1/common/download-url' },
	uploadStream: { host: 'upload', method: 'POST', path: '/api/file-stream-upload' },
	uploadUrl: { host: 'upload', method: 'POST', path: '/api/file-url-upload' },
	file: { host: 'files', method: 'GET', path: '/*' },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof ENDPOINTS;

export const ENDPOINT_NAMES = [
	'generate',
	'extend',
	'recordInfo',
	'get1080p',
	'get4k',
	'credit',
	'downloadUrl',
	'uploadStream',
	'uploadUrl',
	'file',
] as const satisfies readonly EndpointName[];
