import { createClient, type ClientOptions } from '../../../nodes/KieAi/protocol/client';
import {
	TransportError,
	type HttpRequest,
	type HttpResponse,
	type Send,
} from '../../../nodes/KieAi/protocol/http';
import { manualClock } from './clock';

export type Answer = HttpResponse | Error;

/** An answer in KieAI's envelope: HTTP 200, whatever the code. */
export function envelope(code: number, data: unknown = null, msg = 'success'): HttpResponse {
	return http(200, JSON.stringify({ code, msg, data }));
}

export function http(
	status: number,
	text: string,
	headers: Record<string, unknown> = {},
): HttpResponse {
	return { status, headers, text };
}

export function html(status: number): HttpResponse {
	return http(status, '<html><body>Sorry</body></html>', { 'content-type': 'text/html' });
}

/** No answer at all, for the reason that Node gives. */
export function noAnswer(code?: string): TransportError {
	return new TransportError(code ?? 'no answer', code);
}

export interface FakeKieAi {
	send: Send;
	requests: HttpRequest[];
}

/** Gives the answers in their order, and the last one again and again. */
export function fakeKieAi(...answers: Answer[]): FakeKieAi {
	const requests: HttpRequest[] = [];
	const send: Send = async (request) => {
		const answer = answers[Math.min(requests.length, answers.length - 1)];
		requests.push(request);
		if (answer === undefined) throw new Error('no answer was prepared');
		if (answer instanceof Error) throw answer;
		return answer;
	};
	return { send, requests };
}

/** A client of an account that answers as told, on a clock of its own. */
export function clientOf(answers: Answer[], options: Partial<ClientOptions> = {}) {
	const clock = manualClock();
	const kieAi = fakeKieAi(...answers);
	const client = createClient({
		send: kieAi.send,
		baseUrl: 'https://api.example.com',
		uploadBaseUrl: 'https://upload.example.com',
		clock,
		...options,
	});
	return { client, clock, requests: kieAi.requests };
}
