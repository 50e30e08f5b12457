import { expect, test } from 'vitest';
import { median, ratio, spread } from '../../bench/lib/stats.ts';

test.each([
  { values: [3, 1, 2], expected: 2 },
  { values: [4, 1, 3, 2], expected: 2.5 },
  { values: [7], expected: 7 },
  { values: [Number.NaN, 5, 1, 3], expected: 3 },
  { values: [], expected: Number.NaN },
])('the median of $values is $expected', ({ values, expected }) => {
  expect(median(values)).toBe(expected);
});

test('the spread is the distance of the rounds relative to their median', () => {
  expect(spread([90, 100, 120])).toBeCloseTo(0.3);
  expect(spread([5])).toBe(0);
  expect(spread([])).toBeNaN();
});

test('a ratio that says nothing is null', () => {
  expect(ratio(50, 200)).toBe(0.25);
  expect(ratio(50, 0)).toBeNull();
  expect(ratio(50, undefined)).toBeNull();
  expect(ratio(undefined, 50)).toBeNull();
  expect(ratio(Number.NaN, 50)).toBeNull();
  expect(ratio(1, Number.NaN)).toBeNull();
});
