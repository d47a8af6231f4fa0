/** Callbacks of finished tasks, as KieAI sends them. */
import { createHmac } from 'node:crypto';

export interface SignedCallback {
	body: string;
	headers: Record<string, string>;
}

export function signedCallback(taskId: string, hmacKey: string): SignedCallback {
	const timestamp = `${Math.floor(Date.now() / 1000)}`;
	const signature = createHmac('sha256', hmacKey).update(`${taskId}.${timestamp}`).digest('base64');
	const body = JSON.stringify({
		code: 200,
		msg: 'Veo 3.1 video generated successfully.',
		data: { taskId, info: { resultUrls: [`https://tempfile.aiquickdraw.com/v/${taskId}.mp4`] } },
	});
	return {
		body,
		headers: {
			'content-type': 'application/json',
			'content-length': `${Buffer.byteLength(body)}`,
			'x-webhook-timestamp': timestamp,
			'x-webhook-signature': signature,
		},
	};
}
