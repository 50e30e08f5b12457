/** The last latencies of an operation, a bounded number of them. */
export type Latencies = {
  add(ms: number): void;
  /** The time that so many percent of them did not exceed; undefined while there are fewer than `minimum`. */
  percentile(percent: number, minimum: number): number | undefined;
};

/** How many are added before the order is worked out again. */
const STRIDE = 8;

/** @param size how many are remembered */
export function createLatencies(size: number): Latencies {
  const ring: number[] = [];
  let at = 0;
  let sorted: number[] = [];
  let fresh = 0;
  return {
    add(ms) {
      ring[at] = ms;
      at = (at + 1) % size;
      fresh += 1;
    },
    percentile(percent, minimum) {
      if (ring.length < minimum) return undefined;
      if (fresh >= STRIDE || sorted.length === 0) {
        sorted = ring.toSorted((a, b) => a - b);
        fresh = 0;
      }
      // Nearest rank.
      return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
    },
  };
}
