import { inWords } from '../../../nodes/KieAi/actions/ranges';

it.each([
	[0, 999, 'from 0 to 999'],
	[1, 1_000, 'from 1 to 1,000'],
	[10, 86_400, 'from 10 to 86,400'],
	[-1_234, 100_000, 'from -1,234 to 100,000'],
	[1, 1_000_000, 'from 1 to 1,000,000'],
])('says the range from %d to %d as people write it', (min, max, words) => {
	expect(inWords({ min, max })).toBe(words);
});
