/** What a callback must bring, at both webhooks of a running n8n, and that no refusal tells what was wrong. */
import { randomUUID } from 'node:crypto';

import type { StoredWorkflow } from '../../scripts/n8n/api';
import { sandboxCredential } from '../../scripts/n8n/credential';
import {
	type Answer,
	type Callback,
	changed,
	EVIL,
	expectOnPage,
	failure,
	signature,
	success,
	useForger,
	withParameter,
} from './support/forging';
import { complaints } from './support/log';
import {
	awaited,
	chain,
	GENERATE,
	HELD,
	kieAiTrigger,
	noOp,
	pausing,
	type Wait,
} from './support/workflow';
import { call, useWorld, webhookTrigger } from './support/world';

const world = useWorld(HELD);
const forger = useForger();
/** Has the key, or a callback that was signed with it: what gets in is KieAI's own word all the same. */
const insider = useForger();

const AN_HOUR = 3600;
/** The size from which n8n refuses a body is 16 MiB. */
const LARGE_BYTES = 16_000_000;
const HUGE_BYTES = 17_000_000;
const DEPTH = 100_000;
const ALL_TESTS = 6;

/** A URL signed with another API key may be a mistake; what KieAI does not confirm may be KieAI's. */
const TOLD_TO_THE_OWNER =
	/refused a callback whose URL was not signed with this credential's API key|does not confirm a callback for task/;

/** A webhook of ours, open to anybody. */
interface Door extends Wait {
	stored: StoredWorkflow;
	/** How many executions have started, or ended, that should not have. */
	harm(): Promise<number>;
	/** Lets KieAI call: its callback gets through, once. */
	expectOpen(): Promise<void>;
}

/** A published workflow, and a finished task that KieAI has not reported yet. */
async function openTrigger(): Promise<Door> {
	const webhookId = randomUUID();
	const stored = await world.publish(chain(kieAiTrigger({ webhookId }), noOp()));
	const url = `${world.n8n.url}/webhook/${webhookId}/kieai`;
	const [taskId = ''] = await made(url);
	return {
		stored,
		taskId,
		url,
		harm: async () => (await world.n8n.api.executions.list(stored.id)).length,
		async expectOpen() {
			await world.sandbox.advance(AN_HOUR);
			const [execution, ...others] = await world.executions(stored, 1, ['success']);
			expect(others).toEqual([]);
			expectTrue((await world.ended(execution?.id ?? '')).json('After'), taskId);
		},
	};
}

/** A task of somebody else's program, which has KieAI call the trigger. */
async function made(callBackUrl: string): Promise<string[]> {
	const { apiUrl, apiKey } = world.sandbox;
	await fetch(`${apiUrl}/api/v1/veo/generate`, {
		method: 'POST',
		headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
		body: JSON.stringify({ prompt: GENERATE.prompt, callBackUrl }),
	});
	return awaited(world, 'generate', 1).map(({ taskId }) => taskId);
}

async function openParked(): Promise<Door> {
	const trigger = webhookTrigger();
	const node = pausing('Generate', { ...GENERATE, options: { pollInterval: 1 } });
	const stored = await world.publish(chain(trigger, node, noOp()));
	await call(world, trigger);
	const [waiting] = await world.executions(stored, 1, ['waiting']);
	const [wait] = awaited(world, 'generate', 1);
	if (waiting === undefined || wait === undefined) throw new Error('Nothing waits');
	const before = await world.n8n.api.executions.get(waiting.id);
	return {
		...wait,
		stored,
		async harm() {
			const now = await world.n8n.api.executions.get(waiting.id);
			return JSON.stringify(now) === JSON.stringify(before) ? 0 : 1;
		},
		async expectOpen() {
			await world.sandbox.advance(AN_HOUR);
			const [execution] = await world.executions(stored, 1, ['success']);
			const run = await world.ended(execution?.id ?? '');
			expect(run.runs('After')).toBe(1);
			expectTrue(run.json('After'), wait.taskId);
		},
	};
}

function expectTrue(items: object[], taskId: string): void {
	expect(items).toEqual([expect.objectContaining({ status: 'succeeded', taskId })]);
	expect(JSON.stringify(items)).not.toContain(EVIL);
}

const harm = { started: 0, ended: 0 };
let doors: [trigger: Door, parked: Door];
let logged: number;
let tests = 0;
beforeEach(async () => {
	tests += 1;
	logged = (await world.n8n.log()).length;
	doors = [await openTrigger(), await openParked()];
});

async function countHarm(): Promise<void> {
	harm.started += await doors[0].harm();
	harm.ended += await doors[1].harm();
	expect(harm).toEqual({ started: 0, ended: 0 });
}

/** Nothing has come of it, n8n has said nothing of it, and KieAI still gets through. */
async function expectUnharmed(): Promise<void> {
	await countHarm();
	for (const door of doors) await door.expectOpen();
	const log = (await world.n8n.log()).slice(logged);
	expect(complaints(log).filter((line) => !TOLD_TO_THE_OWNER.test(line))).toEqual([]);
	for (const key of [world.sandbox.apiKey, world.sandbox.hmacKey]) expect(log).not.toContain(key);
}

type Headers = NonNullable<Callback['headers']>;

/** Headers that are not KieAI's for this task, by what is wrong with them. */
function unsigned(taskId: string): Record<string, Headers> {
	const { hmacKey, apiKey } = world.sandbox;
	const valid = signature(taskId, hmacKey);
	const { 'x-webhook-timestamp': time, 'x-webhook-signature': proof } = valid;
	const wrong = signature(taskId, 'guess')['x-webhook-signature'];
	const proofs = (value: string | string[]) => ({ ...valid, 'x-webhook-signature': value });
	const times = (value: string | string[]) => ({ ...valid, 'x-webhook-timestamp': value });
	const at = (seconds: number) => signature(taskId, hmacKey, Date.now() + seconds * 1000);
	const fullWidth = [...time].map((digit) => String.fromCodePoint(0xff10 + Number(digit)));
	return {
		nothing: {},
		'no time': { 'x-webhook-signature': proof },
		'no signature': { 'x-webhook-timestamp': time },
		'an empty time': times(''),
		'an empty signature': proofs(''),
		'another key': signature(taskId, 'guess'),
		'an empty key': signature(taskId, ''),
		'the API key': signature(taskId, apiKey),
		'the key and a line break': signature(taskId, `${hmacKey}\n`),
		'another task': signature('veo_other', hmacKey),
		'a stale time': at(-400),
		'a future time': at(400),
		'another time': times(String(Number(time) + 1)),
		'a time in ms': times(`${time}000`),
		'a negative time': times(`-${time}`),
		'a fraction': times(`${time}.0`),
		'a time in hex': times(`0x${Number(time).toString(16)}`),
		'a space in the time': times(`${time.slice(0, 5)} ${time.slice(5)}`),
		'a space in the signature': proofs(`${proof.slice(0, 5)} ${proof.slice(5)}`),
		'a space of Unicode': proofs(`${proof}\u00a0`),
		'digits of Unicode': times(Buffer.from(fullWidth.join('')).toString('latin1')),
		'capitals in the name, and another key': {
			'X-WEBHOOK-TIMESTAMP': time,
			'X-WEBHOOK-SIGNATURE': wrong,
		},
		'small letters': proofs(proof.toLowerCase()),
		'no padding': proofs(proof.replace(/=+$/, '')),
		'more padding': proofs(`${proof}=`),
		hex: proofs(Buffer.from(proof, 'base64').toString('hex')),
		'the signature twice': proofs([proof, proof]),
		'a wrong one before it': proofs([wrong, proof]),
		'a wrong one after it': proofs([proof, wrong]),
		'both in one': proofs(`${proof},${wrong}`),
		'the time twice': times([time, time]),
	};
}

/** Wrong in other ways, though KieAI's key has signed it. */
function unproven({ taskId, url }: Door): Record<string, Callback> {
	const { hmacKey } = world.sandbox;
	const signed = { body: success(taskId), headers: signature(taskId, hmacKey) };
	const spelt = `${taskId}\u200b`;
	return {
		'an origin that is not ours': { ...signed, url: withParameter(url, 'kieai', 'e30.forged') },
		'a second origin': {
			...signed,
			url: changed(url, ({ searchParams }) => searchParams.append('kieai', 'e30.forged')),
		},
		'an ID of other letters': { url, body: success(spelt), headers: signed.headers },
	};
}

it('no forged signature is taken, and all refusals are the same to the last header', async () => {
	const answers: Array<[string, Answer]> = [];
	for (const [at, door] of doors.entries()) {
		const { taskId, url } = door;
		const forged = Object.entries(unsigned(taskId)).map(([name, headers]): [string, Callback] => [
			name,
			{ url, body: success(taskId), headers },
		]);
		for (const [name, callback] of [...forged, ...Object.entries(unproven(door))]) {
			answers.push([`${['trigger', 'parked'][at]}: ${name}`, await forger.post(callback)]);
		}
	}

	const body = JSON.stringify({ message: 'Unauthorized' });
	for (const name of ['trigger', 'parked']) {
		const ofIt = answers.filter(([what]) => what.startsWith(name));
		const [, first] = ofIt[0] ?? [];
		expect(first).toMatchObject({ status: 401, body });
		expect(ofIt).toEqual(ofIt.map(([what]) => [what, first]));
	}
	await expectUnharmed();
});

it('what KieAI denies is refused at the trigger as what nobody has signed', async () => {
	const [{ url }] = doors;
	const { hmacKey } = world.sandbox;
	const refused = await forger.post({ url, body: success('veo_other') });
	expect(refused.status).toBe(401);
	for (const claim of [success('veo_other'), failure('veo_other')]) {
		const headers = signature('veo_other', hmacKey);
		expect(await forger.post({ url, body: claim, headers })).toEqual(refused);
	}
	await expectUnharmed();
});

it('once the HMAC key has changed, the old one is refused and the new one accepted, in capitals too', async () => {
	const { sandbox, n8n, credential } = world;
	const { data, ...stored } = sandboxCredential(sandbox);
	const change = async (webhookHmacSecret: string) =>
		await n8n.api.credentials.update(credential.id, {
			...stored,
			data: { ...data, webhookHmacSecret },
		});
	await change('a new key');
	try {
		for (const { url, taskId } of doors) {
			const headers = signature(taskId, sandbox.hmacKey);
			expect((await forger.post({ url, body: success(taskId), headers })).status).toBe(401);
		}
		await countHarm();
		// KieAI still signs with the old key, and is refused too.
		await sandbox.advance(AN_HOUR);
		for (const { url, taskId } of doors) {
			const signed = Object.entries(signature(taskId, 'a new key'));
			const headers = Object.fromEntries(
				signed.map(([name, value]) => [name.toUpperCase(), value]),
			);
			expect((await insider.post({ url, body: success(taskId), headers })).status).toBe(200);
		}
		for (const door of doors) await door.expectOpen();
	} finally {
		await change(sandbox.hmacKey);
	}
});

it('a valid signature with another body brings out nothing but KieAI’s own word', async () => {
	const { sandbox } = world;
	const [trigger, parked] = doors;
	const { id } = sandbox.addTask({ ageSeconds: 1000 });
	const replay = async (to: string, body: object, taskId: string) =>
		await insider.post({ url: to, body, headers: signature(taskId, sandbox.hmacKey) });

	expect((await replay(trigger.url, failure(id), id)).status).toBe(401);
	expect((await replay(trigger.url, success(id), id)).status).toBe(200);
	expect((await replay(parked.url, success(parked.taskId), parked.taskId)).status).toBe(200);

	const [started] = await world.executions(trigger.stored, 1, ['success']);
	expectTrue((await world.ended(started?.id ?? '')).json('After'), id);
	await parked.expectOpen();
});

it('bodies that are deep, large, no JSON, or full of prototypes do nothing', async () => {
	const n8ns: Array<[number[], string]> = [
		[[422], '{"code":200,'],
		// 500 in n8n 2.41.
		[[413, 500], `{"code":200,"msg":"${'x'.repeat(HUGE_BYTES)}"}`],
	];
	const deep = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
	for (const { url, taskId } of doors) {
		const headers = signature(taskId, world.sandbox.hmacKey);
		const inner = JSON.stringify(success(taskId));
		const noCallbacks = [
			'null',
			'[]',
			`[${inner}]`,
			`{"__proto__":${inner}}`,
			`{"constructor":{"prototype":${inner}}}`,
			`{"code":200,"data":{"__proto__":{"taskId":"${taskId}"}}}`,
			`{"code":200,"data":{"taskId":["${taskId}"]}}`,
			`{"code":200,"data":{"taskId":"${taskId}","info":{"__proto__":{"resultUrls":["${EVIL}"]}}}}`,
			`{"code":200,"data":{"taskId":"${taskId}","info":${deep}}}`,
			`{"code":200,"data":${deep}}`,
			`{"code":200,"msg":"${'x'.repeat(LARGE_BYTES)}"}`,
		];
		const answers = [];
		for (const body of noCallbacks) answers.push(await forger.post({ url, body, headers }));
		const [first] = answers;
		expect(first?.status).toBe(400);
		expect(answers).toEqual(noCallbacks.map(() => first));
		for (const [statuses, body] of n8ns) {
			expect(statuses).toContain((await forger.post({ url, body, headers })).status);
		}
	}
	await expectUnharmed();
});

it('is what docs/reliability.md counts', () => {
	if (tests < ALL_TESTS) return; // of a choice of tests there is nothing to compare
	expectOnPage('At both webhooks', {
		'forged callbacks sent': forger.sent(),
		'executions started by a stranger': harm.started,
		'executions ended by a stranger': harm.ended,
	});
});
