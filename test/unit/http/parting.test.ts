/** When each client of a process that is replaced is asked to leave. */
import { describe, expect, it } from 'vitest';
import { createParting } from '../../../gateway/http/parting.ts';

/** How many of the connections leave at each moment, in ms. */
function leaving(limitMs: number, count: number, moments: readonly number[]): number[] {
  let time = 5000;
  const isLast = createParting(limitMs, () => time);
  let left = Array.from({ length: count }, () => ({}));
  return moments.map((moment) => {
    time = 5000 + moment;
    const before = left.length;
    left = left.filter((connection) => !isLast(connection));
    return before - left.length;
  });
}

describe('clients of a process that is replaced', () => {
  it('leave evenly within a second, the first at once', () => {
    const tenths = Array.from({ length: 11 }, (_, index) => index * 100);
    const counts = leaving(60_000, 1000, tenths);
    expect(counts[0]).toBe(1);
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(1000);
    for (const count of counts.slice(1)) expect(Math.abs(count - 100)).toBeLessThanOrEqual(3);
  });
  it('leave within a quarter of a short limit', () => {
    expect(leaving(400, 100, [0, 100]).reduce((sum, each) => sum + each, 0)).toBe(100);
    expect(leaving(0, 7, [0])).toEqual([7]);
  });
  it('one that comes back later leaves at its own moment, not at a new one', () => {
    expect(leaving(60_000, 2, [0, 617, 619])).toEqual([1, 0, 1]);
  });
});
