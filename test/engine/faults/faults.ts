/** What may happen between a node and KieAI: the rows of the matrix. */
import type { EndpointName, Fault as SandboxFault, Sandbox } from '../../sandbox';
import type { Broken } from './connections';
import type { Extent } from './rules';
import type { Moment, Way } from './ways';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A fault of the sandbox's, whichever request it hits. */
export type Mishap = Without<SandboxFault, 'endpoint' | 'times' | 'after'>;

/**
 * What whoever sent a request can know once the fault has struck: that it was `notSent`, that KieAI `refused` it,
 * nothing at all (`inTheDark`), that KieAI has `begun` or is at it (`underWay`) and no more, or all that it asked for
 * (`answered`).
 */
export type Leaves = 'notSent' | 'refused' | 'inTheDark' | 'begun' | 'underWay' | 'answered';

export interface Fault {
	name: string;
	strike: { connection: Broken } | ((sandbox: Sandbox) => Mishap);
	leaves: Leaves;
	/** Whether the next try may find it gone, for all that the sender can know. */
	mayPass: boolean;
	/** What an error must say of it. */
	says: RegExp;
	/** Where it means something else. */
	except?: Partial<Record<EndpointName, Partial<Pick<Fault, 'leaves' | 'mayPass' | 'says'>>>>;
	/** Where there is such a thing; everywhere unless told. */
	where?: (endpoint: EndpointName, moment: Moment, way: Way) => boolean;
	/** Once and for good unless told. */
	extents?: Extent[];
	/** Requests are given up sooner than usual, so that nobody has to wait. */
	isSlow?: boolean;
}

/** A file on its way up has five minutes, whatever a test says. */
function isNoUpload(endpoint: EndpointName): boolean {
	return endpoint !== 'uploadStream';
}

const KIEAI_IS_DOWN = /could not be reached/;
const BROKE = /The connection to KieAI broke/;
const UNREADABLE = /cannot be read/;
const TOO_MANY = /Too many requests/;

/** To all but downloads of films, which come from a host that knows neither envelopes nor keys. */
export const FAULTS: Fault[] = [
	{
		name: 'Host name not found',
		strike: { connection: 'unknownName' },
		leaves: 'notSent',
		mayPass: true,
		says: KIEAI_IS_DOWN,
	},
	{
		name: 'Connection refused',
		strike: { connection: 'refused' },
		leaves: 'notSent',
		mayPass: true,
		says: KIEAI_IS_DOWN,
	},
	{
		name: 'Reset before KieAI read it',
		strike: () => ({ kind: 'resetBefore' }),
		leaves: 'inTheDark',
		mayPass: true,
		says: BROKE,
	},
	{
		name: 'Reset after KieAI took it',
		strike: () => ({ kind: 'resetAfter' }),
		leaves: 'inTheDark',
		mayPass: true,
		says: BROKE,
	},
	{
		name: 'Reset in the middle of the answer',
		strike: () => ({ kind: 'resetMidway', afterBytes: 20 }),
		leaves: 'inTheDark',
		mayPass: true,
		says: BROKE,
	},
	{
		name: 'Timeout',
		strike: () => ({ kind: 'hang', when: 'after' }),
		leaves: 'inTheDark',
		mayPass: true,
		says: BROKE,
		isSlow: true,
		where: isNoUpload,
	},
	{
		name: 'Answer that drips past the timeout',
		strike: () => ({ kind: 'drip', pauseMs: 100, pieceBytes: 1 }),
		leaves: 'inTheDark',
		mayPass: true,
		says: BROKE,
		isSlow: true,
		where: isNoUpload,
	},
	{
		name: '429, Retry-After in seconds',
		strike: () => ({ kind: 'status429', retryAfter: 7 }),
		leaves: 'refused',
		mayPass: true,
		says: TOO_MANY,
	},
	{
		name: '429, Retry-After as a date',
		strike: () => ({
			kind: 'status429',
			retryAfter: new Date(Date.now() + 7_000).toUTCString(),
		}),
		leaves: 'refused',
		mayPass: true,
		says: TOO_MANY,
	},
	{
		name: '429 without Retry-After',
		strike: () => ({ kind: 'status429' }),
		leaves: 'refused',
		mayPass: true,
		says: TOO_MANY,
	},
	{
		name: '455, maintenance',
		strike: () => ({ kind: 'code', code: 455, msg: 'Maintenance until noon' }),
		leaves: 'refused',
		mayPass: true,
		says: /Maintenance until noon/,
	},
	{
		name: '500',
		strike: () => ({ kind: 'code', code: 500, msg: 'Server exception', when: 'after' }),
		leaves: 'inTheDark',
		mayPass: true,
		says: /Server exception/,
	},
	{
		name: '501, generation failed',
		strike: () => ({ kind: 'code', code: 501, msg: 'The model returned nothing' }),
		leaves: 'refused',
		mayPass: false,
		says: /The model returned nothing/,
	},
	{
		name: '505, feature disabled',
		strike: () => ({ kind: 'code', code: 505, msg: 'Switched off' }),
		leaves: 'refused',
		mayPass: false,
		says: /Switched off/,
	},
	{
		name: 'HTML 502 of a proxy',
		strike: () => ({ kind: 'html', when: 'after' }),
		leaves: 'inTheDark',
		mayPass: true,
		says: /HTTP status 502/,
	},
	{
		name: 'Empty body',
		strike: () => ({ kind: 'empty' }),
		leaves: 'inTheDark',
		mayPass: true,
		says: UNREADABLE,
	},
	{
		name: 'Truncated JSON',
		strike: () => ({ kind: 'truncated' }),
		leaves: 'inTheDark',
		mayPass: true,
		says: UNREADABLE,
	},
	{
		name: 'JSON `null`',
		strike: () => ({ kind: 'http', status: 200, body: 'null', when: 'after' }),
		leaves: 'inTheDark',
		mayPass: true,
		says: UNREADABLE,
	},
	{
		name: 'Missing `data`',
		strike: () => ({ kind: 'reshape', as: 'noData' }),
		...withoutData('underWay'),
	},
	{
		name: 'Text for a list',
		strike: () => ({ kind: 'reshape', as: 'textsForLists' }),
		leaves: 'answered',
		mayPass: false,
		says: UNREADABLE,
		where: (endpoint) => endpoint === 'recordInfo',
	},
	{
		name: 'Numbers for texts',
		strike: () => ({ kind: 'reshape', as: 'numbersForTexts' }),
		leaves: 'inTheDark',
		mayPass: true,
		says: UNREADABLE,
		where: (endpoint, moment, { wait }) =>
			endpoint === 'recordInfo' && moment === 'check' && wait === 'Check Until Ready',
	},
	{
		name: 'Answer of 50 MB',
		strike: () => ({ kind: 'huge', bytes: 50 * 1024 ** 2 }),
		...withoutData('begun'),
	},
	{
		name: 'Slow drip',
		strike: () => ({ kind: 'drip', pauseMs: 1, pieceBytes: 64 }),
		leaves: 'answered',
		mayPass: true,
		says: UNREADABLE,
	},
	{
		name: 'Redirect to another host',
		strike: ({ otherHost }) => ({
			kind: 'redirect',
			redirectTo: `${otherHost.url}/elsewhere`,
			when: 'after',
		}),
		leaves: 'inTheDark',
		mayPass: false,
		says: /answered with a redirect/,
	},
	{
		name: 'Refusal that repeats both keys',
		strike: ({ apiKey, hmacKey }) => ({
			kind: 'code',
			code: 400,
			msg: `No such key: ${apiKey}, ${hmacKey}`,
		}),
		leaves: 'refused',
		mayPass: false,
		says: /No such key: \[key\], \[key\]/,
	},
	{
		name: 'KieAI down for ten minutes, and back',
		strike: { connection: 'refused' },
		leaves: 'notSent',
		mayPass: true,
		says: KIEAI_IS_DOWN,
		where: (_endpoint, moment) => moment === 'check',
		extents: ['ten minutes'],
	},
];

/**
 * An answer that says yes, and nothing else. Upgrades need no more to be told that they are under way.
 * @param of4k what it tells of a 4K upgrade
 */
function withoutData(of4k: Leaves): Pick<Fault, 'leaves' | 'mayPass' | 'says' | 'except'> {
	const unknownTask = { leaves: 'refused', says: /does not know this task/ } as const;
	return {
		leaves: 'inTheDark',
		mayPass: false,
		says: /sent no (task ID|credit balance|download link|link to the uploaded file)/,
		except: {
			recordInfo: unknownTask,
			get4k: { leaves: of4k },
			get1080p: { leaves: 'underWay' },
		},
	};
}

const BROKE_OFF = /The download broke off/;

/** To downloads of films. */
export const FILM_FAULTS: Fault[] = [
	...(['unknownName', 'refused'] as const).map((connection): Fault => ({
		name: connection === 'refused' ? 'Connection refused' : 'Host name not found',
		strike: { connection },
		leaves: 'notSent',
		mayPass: true,
		says: BROKE_OFF,
	})),
	...Object.entries({
		'Reset before an answer': { kind: 'resetBefore' },
		'Reset in the middle of the film': { kind: 'resetMidway', afterBytes: 5_000 },
		'Silence before an answer': { kind: 'hang' },
		'Silence in the middle of the film': { kind: 'stall', afterBytes: 5_000 },
	} satisfies Record<string, Mishap>).map(([name, mishap]): Fault => ({
		name,
		strike: () => mishap,
		leaves: 'inTheDark',
		mayPass: true,
		says: BROKE_OFF,
	})),
	...[403, 404, 429, 500, 502].map((status): Fault => ({
		name: status === 403 ? '403, a link that has expired' : `HTTP ${status}`,
		strike: () => ({ kind: 'http', status, body: 'No' }),
		leaves: 'inTheDark',
		mayPass: true,
		says: new RegExp(`HTTP status ${status}`),
	})),
	{
		name: 'Redirect to another host',
		strike: ({ otherHost }) => ({ kind: 'redirect', redirectTo: `${otherHost.url}/film.mp4` }),
		leaves: 'answered',
		mayPass: true,
		says: BROKE_OFF,
	},
	{
		name: 'Redirect without end',
		strike: () => ({ kind: 'redirect', redirectTo: '?again' }),
		leaves: 'inTheDark',
		mayPass: false,
		says: /redirected more than 5 times/,
		extents: ['for good'],
	},
	{
		name: "Redirect to the machine's own files",
		strike: () => ({ kind: 'redirect', redirectTo: 'file:///etc/hostname' }),
		leaves: 'inTheDark',
		mayPass: false,
		says: /must begin with http/,
	},
	{
		name: 'A page in place of the film',
		strike: () => ({ kind: 'contentType', contentType: 'text/html' }),
		leaves: 'inTheDark',
		mayPass: false,
		says: /sent 'text\/html' where a film or a picture was expected/,
	},
	{
		name: 'Slow drip',
		strike: () => ({ kind: 'drip', pauseMs: 1, pieceBytes: 1024 }),
		leaves: 'answered',
		mayPass: true,
		says: BROKE_OFF,
	},
];
