/** What holds for anything that comes over the wire, tried with what nobody would think of. */
import fc from 'fast-check';

import { readCallback } from '../../../nodes/KieAi/protocol/callback';
import { readEnvelope } from '../../../nodes/KieAi/protocol/envelope';
import { KieAiError } from '../../../nodes/KieAi/protocol/errors';
import { addOrigin, ORIGIN_PARAMETER, readOrigin } from '../../../nodes/KieAi/protocol/origin';
import { asIsoTime, asTextList } from '../../../nodes/KieAi/protocol/parse';
import { isSignatureValid, signCallback } from '../../../nodes/KieAi/protocol/signature';
import {
	newTask,
	toOutput,
	withResults,
	type VideoTask,
} from '../../../nodes/KieAi/protocol/video';
import { clientOf, type Answer } from '../support/kieAi';

/** The same values each time: another seed searches elsewhere. */
beforeAll(() => fc.configureGlobal({ seed: 4096 }));

const FIELDS = Object.keys(newTask({ kind: 'video', taskId: 'veo' }));
const STATUSES = ['processing', 'succeeded', 'failed'];

const isTextOrNull = (value: unknown) => value === null || typeof value === 'string';
const isTexts = (value: unknown) =>
	Array.isArray(value) && value.every((entry) => typeof entry === 'string');

function expectContract(task: VideoTask): void {
	expect(Object.keys(task)).toEqual(FIELDS);
	const { status, taskId, videoTaskId } = task;
	expect(STATUSES).toContain(status);
	expect([typeof taskId, typeof videoTaskId]).toEqual(['string', 'string']);
	expect([task.resultUrls, task.imageUrls, task.originUrls, task.mediaIds].every(isTexts)).toBe(
		true,
	);
	const { videoUrl, resolution, errorMessage, errorCode, completedAt, createdAt } = task;
	const texts = [videoUrl, resolution, errorMessage, errorCode, completedAt, createdAt];
	expect(texts.every(isTextOrNull)).toBe(true);
	expect(status === 'succeeded' && videoUrl === null).toBe(false);
	for (const simplify of [true, false]) {
		expect(Object.values(toOutput(task, simplify))).not.toContain(undefined);
	}
}

/** Objects with the names that KieAI uses, and values that it does not. */
function named(...names: string[]): fc.Arbitrary<object> {
	const value = fc.oneof(
		fc.jsonValue(),
		fc.webUrl(),
		fc.array(fc.webUrl()),
		fc.constantFrom(0, 1, 2, 3, 200, 500, '200', '__proto__', 'null', '[]', '["a", 1]', '[a, b]'),
	);
	return fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
}

const results = named(
	...['resultUrls', 'result_urls', 'resultUrl', 'originUrls', 'fullResultUrls', 'imageUrls'],
	...['mediaIds', 'media_ids', 'resolution', 'taskId', 'task_id', 'creditsConsumed'],
	...[
		'successFlag',
		'errorCode',
		'errorMessage',
		'createTime',
		'completeTime',
		'paramJson',
		'__proto__',
	],
);
const data = fc.oneof(
	results,
	fc
		.tuple(results, named('info', 'response'), results)
		.map(([a, b, c]) => ({ ...a, ...b, info: c })),
	fc.tuple(results, results).map(([a, response]) => ({ ...a, response })),
	fc.jsonValue(),
);
const code = fc.oneof(fc.constantFrom(200, 400, 422, 451, 455, 500, 501), fc.jsonValue());
const body = fc.oneof(
	fc.jsonValue(),
	fc.record(
		{ code, msg: fc.oneof(fc.string(), fc.jsonValue()), data, taskId: fc.jsonValue() },
		{ requiredKeys: [] },
	),
	fc.record({
		code: fc.constant(200),
		msg: fc.constantFrom('success', 'Veo3.1 4K upgrade'),
		data: results,
	}),
);

describe('Any callback', () => {
	it('is a task in the output contract, or none; never an error', () => {
		fc.assert(
			fc.property(body, (callback) => {
				const task = readCallback(callback);
				if (task !== undefined) expectContract(task);
			}),
			{ numRuns: 2000 },
		);
	});
});

describe('Any answer', () => {
	const text = fc.oneof(
		fc.string(),
		body.map((value) => JSON.stringify(value)),
		body.map((value) => JSON.stringify(value).slice(0, -1)),
	);
	const answer: fc.Arbitrary<Answer> = fc.record({
		status: fc.constantFrom(200, 200, 200, 204, 301, 400, 401, 404, 413, 429, 500, 502, 599),
		text,
		headers: fc.dictionary(
			fc.constantFrom('retry-after', 'content-type', '__proto__'),
			fc.jsonValue(),
		),
	});

	it('is an envelope, or an error of ours', () => {
		fc.assert(
			fc.property(answer, (response) => {
				if (response instanceof Error) return;
				try {
					expect(typeof readEnvelope(response).code).toBe('number');
				} catch (error) {
					expect(error).toBeInstanceOf(KieAiError);
				}
			}),
			{ numRuns: 2000 },
		);
	});

	it('to a look at a task is a task in the output contract, or an error of ours', async () => {
		await fc.assert(
			fc.asyncProperty(answer, async (response) => {
				const { client } = clientOf([response], { maxAttempts: 1 });
				const known = { kind: 'generate' as const, taskId: 'veo_1' };
				const task = await client.getDetails(known).catch((error: unknown) => error);
				if (task instanceof Error) expect(task).toBeInstanceOf(KieAiError);
				else expectContract(task as VideoTask);
			}),
			{ numRuns: 1000 },
		);
	});
});

describe('A signature', () => {
	const time = fc.integer({ min: 1, max: 999_999_999_999 });

	it('holds for its task, its timestamp and its key, and no other', () => {
		fc.assert(
			fc.property(
				fc.tuple(fc.string({ minLength: 1 }), time, fc.string({ minLength: 1 })),
				fc.tuple(fc.string({ minLength: 1 }), time, fc.string({ minLength: 1 })),
				fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
				(signed, other, isOther) => {
					const [taskId, seconds, key] = signed.map((value, n) =>
						isOther[n] === true ? other[n] : value,
					) as typeof signed;
					const signature = signCallback(signed[0], String(signed[1]), signed[2]);
					const claim = { taskId, timestamp: String(seconds), signature };
					const isSame = taskId === signed[0] && seconds === signed[1] && key === signed[2];
					expect(isSignatureValid(claim, key, 300, seconds * 1000)).toBe(isSame);
				},
			),
			{ numRuns: 1000 },
		);
	});

	it('holds within its tolerance only', () => {
		fc.assert(
			fc.property(time, fc.integer({ min: -900, max: 900 }), (seconds, later) => {
				const timestamp = String(seconds);
				const claim = {
					taskId: 'veo_1',
					timestamp,
					signature: signCallback('veo_1', timestamp, 'key'),
				};
				const isValid = isSignatureValid(claim, 'key', 300, (seconds + later) * 1000);
				expect(isValid).toBe(Math.abs(later) <= 300);
			}),
		);
	});

	it('is nothing else than one text', () => {
		fc.assert(
			fc.property(fc.anything(), fc.anything(), (timestamp, signature) => {
				const claim = { taskId: 'veo_1', timestamp, signature };
				expect(isSignatureValid(claim, 'key', Number.POSITIVE_INFINITY, 0)).toBe(false);
			}),
		);
	});
});

describe('What a node writes into a callback URL', () => {
	const origin = fc.record(
		{
			kind: fc.constantFrom('generate' as const, 'extend' as const, 'upgrade4k' as const),
			sourceTaskId: fc.stringMatching(/^[\w-]{1,40}$/),
			index: fc.nat(),
			metadata: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
			item: fc.nat(),
			run: fc.nat(),
		},
		{ requiredKeys: ['kind'] },
	);
	const parameterOf = (url: string) => new URL(url).searchParams.get(ORIGIN_PARAMETER);
	const write = (value: Parameters<typeof addOrigin>[1]) =>
		parameterOf(addOrigin('https://n8n.example.com/webhook?a=1', value, 'key'));

	it('is read as it was written', () => {
		fc.assert(
			fc.property(origin, (value) => {
				const plain = JSON.parse(JSON.stringify(value)) as object;
				expect(readOrigin(write(value), 'key')).toEqual(plain);
			}),
		);
	});

	it('is nothing once a character is another, for another key, or for somebody else', () => {
		fc.assert(
			fc.property(origin, fc.nat(), fc.stringMatching(/^[\w.-]$/), (value, at, character) => {
				const text = write(value) ?? '';
				const place = at % text.length;
				const changed = text.slice(0, place) + character + text.slice(place + 1);
				fc.pre(changed !== text);
				expect(readOrigin(changed, 'key')).toBeUndefined();
				expect(readOrigin(text, 'another key')).toBeUndefined();
				expect(readOrigin(text, 'key', 'somebody else')).toBeUndefined();
			}),
		);
	});

	it('is nothing where nobody wrote it', () => {
		fc.assert(
			fc.property(fc.anything(), (parameter) => {
				expect(readOrigin(parameter, 'key')).toBeUndefined();
			}),
		);
	});
});

describe('Normalising what is normal changes nothing', () => {
	it('of a task’s results', () => {
		fc.assert(
			fc.property(
				results,
				fc.constantFrom('generate' as const, 'upgrade4k' as const),
				(raw, kind) => {
					const once = withResults(
						newTask({ kind, taskId: 'veo_1' }),
						raw as Record<string, unknown>,
					);
					expect(withResults(once, { ...once })).toEqual(once);
				},
			),
			{ numRuns: 1000 },
		);
	});

	it('of a list', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				const list = asTextList(value);
				expect(asTextList(list)).toEqual(list);
			}),
			{ numRuns: 1000 },
		);
	});

	it('of a time', () => {
		fc.assert(
			fc.property(
				fc.oneof(fc.jsonValue(), fc.date({ noInvalidDate: true }).map(Number)),
				(value) => {
					const time = asIsoTime(value);
					expect(asIsoTime(time)).toBe(time);
				},
			),
			{ numRuns: 1000 },
		);
	});
});
