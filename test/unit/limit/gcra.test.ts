import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, settled, standingOf } from '../../../gateway/limit/gcra.ts';

type Step = { waitMs: number; points: number; back: number };

/** Runs requests one after another; `back` is the share of its points that each gives back. */
function run(steps: readonly Step[], emissionMs: number, depthMs: number) {
  let arrival: number | undefined;
  let now = 0;
  return steps.map(({ waitMs, points, back }) => {
    now += waitMs;
    const decided = decide(arrival, now, { points, emissionMs, depthMs });
    if (decided.fits) arrival = decided.next;
    if (decided.fits && back > 0) arrival = settled(arrival, now, { points: -points * back, emissionMs });
    return { now, points: decided.fits ? points * (1 - back) : 0, fits: decided.fits };
  });
}

const steps = fc.array(
  fc.record({
    waitMs: fc.integer({ min: 0, max: 2000 }),
    points: fc.integer({ min: 1, max: 8 }),
    back: fc.constantFrom(0, 0, 0.25, 1),
  }),
  { maxLength: 60 },
);

describe('a budget', () => {
  it('lets no more through in any stretch of time than it held, and what came back meanwhile', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 12 }),
        (given, emissionMs, burst) => {
          const passed = run(given, emissionMs, burst * emissionMs);
          for (const [first, { now: from }] of passed.entries()) {
            let sum = 0;
            for (const { now, points } of passed.slice(first)) {
              sum += points;
              expect(sum).toBeLessThanOrEqual(burst + (now - from) / emissionMs + 1e-3);
            }
          }
        },
      ),
    );
  });

  it('lets through whoever waits as long as it was told to, and nobody who comes a little earlier', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 500 }),
        (given, points, emissionMs) => {
          const budget = { points, emissionMs, depthMs: 8 * emissionMs };
          let arrival: number | undefined;
          for (const step of given) {
            const decided = decide(arrival, 0, { ...budget, points: step.points });
            if (decided.fits) arrival = decided.next;
          }
          const { fits, aheadMs } = decide(arrival, 0, budget);
          const { retryAfterMs } = standingOf({ fits, used: aheadMs }, budget);
          expect(retryAfterMs === undefined).toBe(fits);
          if (fits) return;
          expect(decide(arrival, retryAfterMs ?? 0, budget).fits).toBe(true);
          if ((retryAfterMs ?? 0) > 1) expect(decide(arrival, (retryAfterMs ?? 0) - 0.5, budget).fits).toBe(false);
        },
      ),
    );
  });

  it.each([
    [
      { points: 1, used: 0, fits: true },
      { remaining: 10, resetMs: 0, retryAfterMs: undefined },
    ],
    [
      { points: 1, used: 250, fits: true },
      { remaining: 7, resetMs: 250, retryAfterMs: undefined },
    ],
    [
      { points: 1, used: 1000, fits: false },
      { remaining: 0, resetMs: 1000, retryAfterMs: 100 },
    ],
    [
      { points: 4, used: 900, fits: false },
      { remaining: 1, resetMs: 900, retryAfterMs: 300 },
    ],
    [
      { points: 11, used: 0, fits: false },
      { remaining: 10, resetMs: 0, retryAfterMs: undefined },
    ],
    [
      { points: 0, used: 1000, fits: false },
      { remaining: 0, resetMs: 1000, retryAfterMs: 100 },
    ],
  ])('tells what is left, and when to come back: %j', ({ points, used, fits }, standing) => {
    expect(standingOf({ fits, used }, { points, emissionMs: 100, depthMs: 1000 })).toEqual(standing);
  });

  it('that is asked whether anything is left takes nothing, and says no only when nothing is', () => {
    const ask = { points: 0, emissionMs: 100, depthMs: 1000 };
    expect(decide(undefined, 0, ask)).toEqual({ fits: true, next: 0, aheadMs: 0 });
    expect(decide(999, 0, ask).fits).toBe(true);
    expect(decide(1000, 0, ask).fits).toBe(false);
  });
});
