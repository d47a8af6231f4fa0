/** What must happen in each cell of the matrix, from a few rules. */
import type { Fault, Leaves } from './faults';
import type { Moment, Way } from './ways';

/** Whether the fault strikes one request, every one from then on, or every one of a while. */
export type Extent = 'once' | 'for good' | 'ten minutes';

export interface Cell {
	way: Way;
	moment: Moment;
	fault: Fault;
	extent: Extent;
}

export const OUTCOMES = {
	'goes on': 'the result is there, as if nothing had been',
	'tries again and goes on': 'the same request is sent again, and the result is there',
	'asks otherwise and goes on':
		"KieAI says no of the task's ID, not of the film, or the source's ID; the result is there",
	'trusts the callback':
		"KieAI cannot be asked; the callback's proof is enough, and the result is there",
	'reports the failure': "the item says that the task has failed, in KieAI's words",
	refused: "an error in KieAI's words; nothing was charged by this request",
	'gives up': 'an error that names the trouble and the task; nothing is lost',
	'may have been charged': 'an error that says so; nothing is sent again',
	'times out': 'an error that names the task and says how to pick it up for free',
} as const;

export type Outcome = keyof typeof OUTCOMES;

/** What the fault means to whoever asks this at this moment. */
export function meaningOf({
	way,
	moment,
	fault,
}: Cell): Pick<Fault, 'leaves' | 'mayPass' | 'says'> {
	const endpoint = way.moments[moment];
	return { ...fault, ...(endpoint && fault.except?.[endpoint]) };
}

export function expectedOutcome(cell: Cell): Outcome {
	const { way, moment, extent } = cell;
	const { leaves, mayPass } = meaningOf(cell);
	if (leaves === 'answered') return 'goes on';
	if (leaves === 'underWay' || leaves === 'begun') return withoutNews(cell, leaves);
	if (moment === 'check') {
		return way.wait === 'Pause Until Callback'
			? whenWoken(leaves, mayPass, extent, cell)
			: whileWaiting(leaves, mayPass, extent, cell);
	}
	// Whoever only looks is told what KieAI says of the task.
	if (isFailedTask(cell) && way.wait === 'Do Not Wait') return 'reports the failure';
	// Money first: what may have been taken is not sent again.
	const isCharged = moment === 'request' && way.costs === 'each';
	if (leaves === 'inTheDark' && isCharged) return 'may have been charged';
	const mayRepeat = mayPass && (!isCharged || leaves === 'notSent' || isRateLimit(cell));
	if (mayRepeat && extent === 'once') return 'tries again and goes on';
	return withoutResult(leaves);
}

/** Whoever only starts it needs to hear no more; a check must not begin anything. */
function withoutNews({ way, moment, extent }: Cell, leaves: Leaves): Outcome {
	const isChecked = moment === 'check' || (extent === 'for good' && way.wait !== 'Do Not Wait');
	if (!isChecked) return 'goes on';
	if (leaves === 'begun') return 'may have been charged';
	return extent === 'for good' ? 'times out' : 'goes on';
}

/** The wait is the retry. */
function whileWaiting(leaves: Leaves, mayPass: boolean, extent: Extent, cell: Cell): Outcome {
	const isUnknown = meaningOf(cell).says.test('KieAI does not know this task');
	if (isUnknown && cell.way.isKnownOtherwise) return 'goes on';
	// A redirect is not KieAI's word, and may pass.
	if (!mayPass && leaves !== 'inTheDark') return withoutResult(leaves);
	return extent === 'for good' ? 'times out' : 'goes on';
}

/** A proven callback stands, unless KieAI itself takes it back again and again: then only a record can be asked. */
function whenWoken(leaves: Leaves, mayPass: boolean, extent: Extent, cell: Cell): Outcome {
	const takesItBack = leaves === 'refused' && !mayPass && !/disabled/.test(cell.fault.name);
	if (takesItBack && cell.way.isKnownOtherwise) return 'asks otherwise and goes on';
	if (extent === 'once') return 'tries again and goes on';
	if (!takesItBack) return 'trusts the callback';
	return cell.way.moments.check === 'recordInfo' ? 'refused' : 'times out';
}

function withoutResult(leaves: Leaves): Outcome {
	return leaves === 'refused' ? 'refused' : 'gives up';
}

/** What was rejected for its rate was surely not taken. */
function isRateLimit({ fault }: Cell): boolean {
	return fault.name.startsWith('429');
}

/** What the record of a task says, as `record-info` gives it. */
function isFailedTask({ way, fault }: Cell): boolean {
	return way.moments.request === 'recordInfo' && fault.name.startsWith('501');
}
