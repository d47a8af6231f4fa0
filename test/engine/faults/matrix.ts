import type { EndpointName } from '../../sandbox';
import { shortenRequests, useWorld } from '../support/action';
import { HELD, useParkingWorld } from '../support/parking';
import { observe, type CellWorld } from './cell';
import { FAULTS, FILM_FAULTS } from './faults';
import { expectOnPage, withSections, type Seen } from './page';
import { expectedOutcome, type Cell, type Extent } from './rules';
import type { Moment, Way } from './ways';

const EXTENTS: Extent[] = ['once', 'for good'];

/** In KieAI seconds: just long enough to be waited for. */
const SHORT = { videoSeconds: 20, upgrade1080pSeconds: 20, upgrade4kSeconds: 20 };

const SHORT_TIMEOUT_MS = 250;

/** One test for each cell, and one for what docs/reliability.md says of them. */
export function testMatrix(ways: Way[]): void {
	const cells = ways.flatMap(cellsOf);
	const seen: Seen[] = [];
	for (const way of ways) {
		describe([way.operation, way.wait].filter(Boolean).join(', '), () => {
			const world: CellWorld =
				way.wait === 'Pause Until Callback'
					? useParkingWorld(HELD)
					: useWorld({ ...SHORT, ...(way.clockScale && { clockScale: way.clockScale }) });
			const named = cells.filter((cell) => cell.way === way);
			it.each(named.map((cell) => [nameOf(cell), cell] as const))('%s', async (_name, cell) => {
				const restore = cell.fault.isSlow ? shortenRequests(SHORT_TIMEOUT_MS) : undefined;
				const observed = await observe(world, cell).finally(restore);
				seen.push({ cell, observed });
				expect(observed).toEqual({
					outcome: expectedOutcome(cell),
					struck: expect.any(Number),
					creditsCharged: expect.any(Number),
					creditsChargedTwice: 0,
					lost: [],
					leaks: [],
					strayed: 0,
				});
				expect(observed.struck).toBeGreaterThan(0);
			});
		});
	}

	it('is what docs/reliability.md shows', () => {
		if (seen.length < cells.length) return; // of a choice of tests there is nothing to compare
		expectOnPage((page) => withSections(page, seen));
	});
}

function cellsOf(way: Way): Cell[] {
	const moments = Object.entries(way.moments) as Array<[Moment, EndpointName]>; // of its keys
	return moments.flatMap(([moment, endpoint]) =>
		(moment === 'film' ? FILM_FAULTS : FAULTS)
			.filter(({ where }) => where?.(endpoint, moment, way) ?? true)
			.flatMap((fault) =>
				(fault.extents ?? EXTENTS).map((extent) => ({ way, moment, fault, extent })),
			),
	);
}

function nameOf({ moment, fault, extent }: Cell): string {
	return `${moment}: ${fault.name}, ${extent}`;
}
