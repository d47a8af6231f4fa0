/** Connections that are never made: what happens before anything is sent, out of the sandbox's reach. */
import { Socket, type TcpNetConnectOpts } from 'node:net';

export type Broken = 'unknownName' | 'refused';

export interface BrokenConnections {
	/** How many have been broken so far. */
	count(): number;
	restore(): void;
}

const NOWHERE: Record<Broken, Partial<TcpNetConnectOpts>> = {
	refused: { host: '127.0.0.1', port: 2 }, // a reserved port, as the sandbox's `refusedUrl`
	unknownName: {
		host: 'kieai.invalid',
		lookup: (name, _options, done) => {
			const message = `getaddrinfo ENOTFOUND ${name}`;
			done(Object.assign(new Error(message), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }), []);
		},
	},
};

/** @param isOver told how many connections have been broken; from then on they are made */
export function breakConnections(
	url: string,
	how: Broken,
	isOver: (count: number) => boolean,
): BrokenConnections {
	const { port } = new URL(url);
	const { connect } = Socket.prototype;
	let count = 0;
	const spy = jest.spyOn(Socket.prototype, 'connect').mockImplementation(function (
		this: Socket,
		...args: unknown[]
	) {
		const [first] = args.flat() as [TcpNetConnectOpts]; // as node:http calls it
		if (String(first.port) === port && !isOver(count)) {
			count += 1;
			Object.assign(first, NOWHERE[how]);
		}
		return Reflect.apply(connect, this, args) as Socket;
	});
	return { count: () => count, restore: () => spy.mockRestore() };
}
