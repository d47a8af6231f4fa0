/** A chat model of our own, as OpenAI's API offers one: it calls the first tool once, and then speaks. */
import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';

import type { CredentialRef } from '../../../scripts/n8n/api';
import { sharedN8n } from './shared';

/**
 * Who clicks on a link in a chat: to programs that only look at links, as mail servers do, n8n answers
 * and does nothing.
 */
export const PERSONS_BROWSER =
	'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

export interface ChatModel {
	/** What the tools have answered, in the order in which the model was told. */
	told: string[];
	/** For n8n's chat model of OpenAI. */
	openAiApi: CredentialRef;
}

const requestSchema = z.object({
	messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
	tools: z.array(z.object({ function: z.object({ name: z.string() }) })).optional(),
});

/**
 * A new one for each test, and its credential on the shared n8n.
 *
 * @param toolArguments the tool is called with
 * @param answer the last word, made from what the tool has said
 */
export function useChatModel(
	toolArguments: object,
	answer: (toolSaid: string) => string,
): ChatModel {
	const { credentials } = sharedN8n().api;
	const model = {} as ChatModel; // filled before each test
	let app: FastifyInstance;
	beforeEach(async () => {
		model.told = [];
		app = fastify();
		app.post('/v1/chat/completions', async ({ body }) => {
			const { messages, tools = [] } = requestSchema.parse(body);
			const last = messages.at(-1);
			if (last?.role === 'tool') {
				model.told.push(String(last.content));
				return completion({ content: answer(String(last.content)) }, 'stop');
			}
			const called = { name: tools[0]?.function.name, arguments: JSON.stringify(toolArguments) };
			const calls = [{ id: 'call_1', type: 'function', function: called }];
			return completion({ content: null, tool_calls: calls }, 'tool_calls');
		});
		const address = await app.listen({ host: '127.0.0.1', port: 0 });
		model.openAiApi = await credentials.create({
			name: 'Chat model of the tests',
			type: 'openAiApi',
			data: { apiKey: 'none', url: `${address}/v1` },
		});
	});
	afterEach(async () => {
		await credentials.delete(model.openAiApi.id);
		await app.close();
	});
	return model;
}

function completion(message: object, reason: 'stop' | 'tool_calls'): object {
	return {
		id: 'chatcmpl-1',
		object: 'chat.completion',
		created: 0,
		model: 'stub',
		choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: reason }],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
}
