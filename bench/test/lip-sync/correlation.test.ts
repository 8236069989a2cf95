import { expect, it } from 'vitest';
import { pearson, spearman } from '../../lip-sync/correlation.ts';

it('correlates as in the textbook', () => {
  expect(pearson([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
  expect(pearson([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
  expect(pearson([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(0.8, 12);
  expect(pearson([1, 1, 1], [1, 2, 3])).toBe(0);
  expect(() => pearson([1], [1, 2])).toThrow(RangeError);
});

it('ranks, ties at their mean rank', () => {
  expect(spearman([1, 10, 100], [3, 4, 5])).toBeCloseTo(1, 12);
  // Ranks 0 1.5 1.5 3 against 0 1 2 3: 4.5 / sqrt(4.5 x 5).
  expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
});
