/** A source of numbers that are the same on every run. */
export type Random = {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** One of the values; throws a RangeError for an empty list. */
  pick<T>(values: readonly T[]): T;
  /** True in `share` (0 to 1) of all calls. */
  chance(share: number): boolean;
};

/**
 * Makes numbers that look random and are the same for the same seed, so that data, tests and measurements repeat.
 *
 * @param seed any whole number
 * @see mulberry32, a 32-bit generator in the public domain by Tommy Ettinger
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  function integer(min: number, max: number): number {
    return min + Math.floor(next() * (max - min + 1));
  }

  return {
    next,
    integer,
    pick: (values) => at(values, integer(0, values.length - 1)),
    chance: (share) => next() < share,
  };
}

/** The value at a place that must exist; throws a RangeError where there is none. */
export function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) {
    throw new RangeError(`no value at ${index} of ${values.length}`);
  }
  return value;
}
