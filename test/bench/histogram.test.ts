import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHistogram, maxTracked, percentile, record } from '../../bench/lib/histogram.ts';

function filled(values: readonly number[]) {
  const histogram = createHistogram();
  for (const value of values) record(histogram, value);
  return histogram;
}

/** The nearest-rank percentile by sorting, which the histogram stands in for. */
function exactPercentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
}

test('percentiles of 1 to 100 are exact, because small values have a bucket of their own', () => {
  const histogram = filled(Array.from({ length: 100 }, (_, index) => index + 1));
  expect([0, 0.5, 0.99, 1].map((share) => percentile(histogram, share))).toEqual([1, 50, 99, 100]);
});

test('an empty histogram has no percentiles', () => {
  expect(percentile(createHistogram(), 0.5)).toBeNaN();
});

test('a percentile is never below the exact one and at most 1/64 above it', () => {
  const values = fc.array(fc.integer({ min: 0, max: maxTracked }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
      const exact = exactPercentile(list, share);
      const found = percentile(filled(list), share);
      expect(found).toBeGreaterThanOrEqual(exact);
      expect(found - exact).toBeLessThanOrEqual(exact / 64);
    }),
  );
});

test('values out of range count at the ends and the largest is kept', () => {
  const histogram = filled([-5, 2.9, maxTracked * 10]);
  expect(histogram).toMatchObject({ total: 3, max: maxTracked });
  expect(percentile(histogram, 0.01)).toBe(0);
  expect(percentile(histogram, 0.5)).toBe(2);
  expect(percentile(histogram, 1)).toBe(maxTracked);
});
