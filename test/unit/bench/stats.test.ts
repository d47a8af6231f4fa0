import { quantile, spreadOf } from '../../bench/stats';

describe('quantile', () => {
	it.each([
		[0, 1],
		[0.5, 3],
		[1, 5],
	])('is a figure where %d of them lies on one', (share, figure) => {
		expect(quantile([5, 1, 4, 2, 3], share)).toBe(figure);
	});

	it('lies between two figures in proportion', () => {
		expect(quantile([10, 20], 0.5)).toBe(15);
		expect(quantile([0, 100, 200], 0.9)).toBeCloseTo(180);
	});

	it('sorts by size, not as text', () => {
		expect(quantile([9, 10, 100], 0.5)).toBe(10);
	});

	it('leaves the figures in their order', () => {
		const figures = [3, 1, 2];
		quantile(figures, 0.5);
		expect(figures).toEqual([3, 1, 2]);
	});

	it('is no number where there is no figure', () => {
		expect(quantile([], 0.5)).toBeNaN();
	});
});

it('spreads from a tenth to nine tenths', () => {
	const figures = Array.from({ length: 11 }, (_, n) => n);
	expect(spreadOf(figures)).toEqual({ low: 1, median: 5, high: 9 });
});
