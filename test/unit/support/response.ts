import { EventEmitter } from 'node:events';

/** What n8n answers with: the node may say something, and n8n has the last word. */
export function openResponse() {
	const refusals: unknown[] = [];
	const response = Object.assign(new EventEmitter(), {
		statusCode: 200,
		status(code: number) {
			response.statusCode = code;
			return { json: (told: unknown) => void refusals.push([code, told]) };
		},
	});
	return {
		response,
		/** What the node has answered itself. */
		refusals,
		/** n8n has answered with that status. */
		answered(statusCode: number) {
			response.statusCode = statusCode;
			response.emit('finish');
		},
	};
}
