import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** Node's own notice of every HTTP request that this process sends. */
const CHANNEL = 'http.client.request.start';

export interface CallCounter {
	calls: number;
	close(): void;
}

/** Counts requests, and says in words what each of them means. */
export function watchCalls(tell: (doing: string) => void): CallCounter {
	let looks = 0;
	const look = () => `KieAI is working on it, asked ${++looks} ${looks === 1 ? 'time' : 'times'}`;
	let isUpgradeOrdered = false;

	const meaningOf = (path: string): string => {
		if (path.includes('/file-stream-upload')) return 'uploading the image';
		if (path.includes('/veo/generate')) {
			looks = 0;
			return 'ordered; KieAI makes the video';
		}
		if (path.includes('/veo/record-info')) return look();
		if (path.includes('/veo/get-4k-video')) {
			if (isUpgradeOrdered) return look();
			isUpgradeOrdered = true;
			looks = 0;
			return 'ordered; KieAI makes the 4K version';
		}
		if (path.includes('/common/download-url')) return 'getting the download link';
		return 'downloading the film';
	};

	const counter: CallCounter = {
		calls: 0,
		close: () => void unsubscribe(CHANNEL, onRequest),
	};
	const onRequest = (message: unknown) => {
		const { request } = message as { request: ClientRequest };
		counter.calls += 1;
		tell(meaningOf(request.path));
	};
	subscribe(CHANNEL, onRequest);
	return counter;
}
