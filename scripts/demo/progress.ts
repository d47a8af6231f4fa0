import ora, { type Ora } from 'ora';

const WATCHED_INTERVAL_MS = 200;
/** Lines follow each other no faster than this. */
const LINE_PAUSE_MS = 2_000;

/** One step after the other: what it is doing, and for how long. */
export interface Progress {
	begin(step: string): void;
	tell(doing: string): void;
	succeed(result: string): void;
	/** The step that is under way did not work out, if there is one. */
	fail(): void;
}

/**
 * @param elapsed words for the time that has passed since a moment of `Date.now()`
 * @param lineIntervalMs how often a line says that it goes on, where nobody watches
 */
export function openProgress(
	stream: NodeJS.WriteStream,
	elapsed: (since: number) => string,
	lineIntervalMs: number,
): Progress {
	const isWatched = stream.isTTY && process.env['TERM'] !== 'dumb' && !process.env['CI'];
	const spinner = ora({ stream, isEnabled: isWatched, isSilent: !isWatched, discardStdin: false });
	const show = isWatched ? onSpinner(spinner) : inLines(stream);
	let step: string | undefined;
	let doing = '';
	let since = 0;
	let timer: NodeJS.Timeout | undefined;

	const line = () => `${step}  ${doing}  ${elapsed(since)}`;
	const end = () => {
		clearInterval(timer);
		step = undefined;
	};

	return {
		begin(name) {
			step = name;
			doing = 'starting';
			since = Date.now();
			show.begin(line());
			timer = setInterval(
				() => show.update(line()),
				isWatched ? WATCHED_INTERVAL_MS : lineIntervalMs,
			);
		},
		tell(what) {
			if (what === doing || step === undefined) return;
			doing = what;
			show.update(line());
		},
		succeed(result) {
			if (step === undefined) return;
			doing = result;
			show.succeed(line());
			end();
		},
		fail() {
			if (step === undefined) return;
			show.fail(line());
			end();
		},
	};
}

interface Show {
	begin(text: string): void;
	update(text: string): void;
	succeed(text: string): void;
	fail(text: string): void;
}

/** One line that changes. */
function onSpinner(spinner: Ora): Show {
	return {
		begin: (text) => void spinner.start(text),
		update: (text) => void (spinner.text = text),
		succeed: (text) => void spinner.succeed(text),
		fail: (text) => void spinner.fail(text),
	};
}

/** For files, pipes and CI: what is new, but no more than a line now and then. */
function inLines(stream: NodeJS.WriteStream): Show {
	let quietUntil = 0;
	return {
		begin: () => void (quietUntil = 0),
		update(text) {
			if (Date.now() < quietUntil) return;
			quietUntil = Date.now() + LINE_PAUSE_MS;
			stream.write(`… ${text}\n`);
		},
		succeed: (text) => void stream.write(`✔ ${text}\n`),
		fail: (text) => void stream.write(`✖ ${text}\n`),
	};
}
