/** The examples that pause, and the one that lets n8n's Wait node do so. */
import { readExample } from '../../scripts/n8n/examples';
import type { Run } from './support/engine';
import { useParkingWorld } from './support/parking';

const world = useParkingWorld();

const GENERATE = 'Veo generate video';
const GET_4K = 'Veo get 4K video';

const begin = async (name: string) =>
	await world.host.run(await readExample(`${name}.json`), { credentials: world.credentials });
const charges = () => world.sandbox.ledger.map(({ operation }) => operation);

/** What n8n does when the time is up, and KieAI is done meanwhile. */
async function goOnLater({ executionId }: Run): Promise<Run> {
	await world.sandbox.advance(3600);
	return await world.host.expire(executionId);
}

it('4k-on-callback makes a 4K film, paused twice', async () => {
	const parked = await begin('4k-on-callback');
	expect(parked.status).toBe('waiting');
	const run = await world.host.until(parked.executionId, 'finished');
	expect(run.error()).toBeUndefined();
	expect(run.items(GET_4K)[0]?.binary?.['data']?.fileName).toMatch(/-4K\.mp4$/);
	expect(charges()).toEqual(['generate', 'upgrade4k']);
});

describe('resume-or-retry', () => {
	it('goes straight to the film where the callbacks come', async () => {
		const parked = await begin('resume-or-retry');
		const run = await world.host.until(parked.executionId, 'finished');
		expect(run.error()).toBeUndefined();
		expect(run.items('Film')[0]?.binary?.['data']).toMatchObject({ mimeType: 'video/mp4' });
		expect(run.runs('Veo get video') + run.runs('Veo get 4K video again')).toBe(0);
		expect(charges()).toEqual(['generate', 'upgrade4k']);
	});

	it('picks up both films where no callback comes, and pays for each once', async () => {
		world.sandbox.configure({ videoSeconds: 600, upgrade4kSeconds: 600 });
		// Signed with a key that n8n does not know, they have no effect.
		for (const account of world.sandbox.accounts()) account.hmacKey = 'another key';
		const first = await begin('resume-or-retry');
		expect(first.json(GENERATE)).toMatchObject([{ status: 'processing' }]);
		const second = await goOnLater(first);
		expect(second.json('Veo get video')).toMatchObject([{ status: 'succeeded' }]);
		const run = await goOnLater(second);
		expect(run.error()).toBeUndefined();
		expect(run.runs('Veo get 4K video again')).toBe(1);
		expect(run.items('Film')[0]?.binary?.['data']).toMatchObject({ mimeType: 'video/mp4' });
		expect(charges()).toEqual(['generate', 'upgrade4k']);
	});
});

it('durable-poll looks until the film is there, and pays for it once', async () => {
	world.sandbox.configure({ videoSeconds: 5000, upgrade4kSeconds: 5000 });
	let run = await begin('durable-poll');
	let waits = 0;
	for (; run.status === 'waiting'; waits++) run = await goOnLater(run);
	expect(run.error()).toBeUndefined();
	expect(waits).toBe(4);
	expect([run.runs('Veo get video'), run.runs(GET_4K)]).toEqual([2, 3]);
	expect(run.items('Download file')[0]?.binary?.['data']?.fileName).toMatch(/\.mp4$/);
	expect(charges()).toEqual(['generate', 'upgrade4k']);
});
