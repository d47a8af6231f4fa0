/**
 * Tests that hold from one n8n on, or only before it. The version is the first that has it among those
 * which `npm run test:compat` runs on, not the first that there was.
 */
import { coreIsAtLeast } from './engine';

/** @param also whether the last 1.x has it too: it was kept up when 2.0 no longer was */
export function itSince(version: string, also?: '1.123') {
	return has(version, also) ? it : it.skip;
}

export function itBefore(version: string, also?: '1.123') {
	return has(version, also) ? it.skip : it;
}

function has(version: string, also?: '1.123'): boolean {
	return coreIsAtLeast(version) || (also !== undefined && !coreIsAtLeast('2.0'));
}
