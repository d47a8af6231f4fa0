import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

import { passThrough } from '../../../nodes/KieAi/delivery/stream';

async function* twice(source: AsyncIterable<Buffer>) {
	for await (const chunk of source) yield Buffer.concat([chunk, chunk]);
}

async function read(stream: Readable): Promise<string> {
	let text = '';
	for await (const chunk of stream) text += String(chunk);
	return text;
}

it('what a stream carries goes through the work', async () => {
	const source = Readable.from([Buffer.from('fi'), Buffer.from('lm')]);

	expect(await read(passThrough(source, twice))).toBe('fifilmlm');
});

// Jest fails a test during which an error is thrown at the process.
it('an error that comes before anybody reads is told to whoever reads', async () => {
	const source = new Readable({ read: () => undefined });
	const stream = passThrough(source, twice);
	source.destroy(new Error('socket hang up'));
	await once(source, 'error');
	await setImmediate();

	await expect(read(stream)).rejects.toThrow('socket hang up');
});
