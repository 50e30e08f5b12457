/** Sub-buckets per power of two: a value is known to better than 1 %. */
const half = 64;
const doublings = 21;
/** The largest value told apart, in the unit recorded: 2^27 µs is two minutes. Larger ones count as this one. */
export const maxTracked = 2 ** (Math.log2(half * 2) + doublings - 1) - 1;

export type Histogram = { counts: Uint32Array; total: number; max: number };

/** An empty histogram with HDR-like buckets (linear below 128, then 64 per power of two). Memory is fixed: 6 KiB. */
export function createHistogram(): Histogram {
  return { counts: new Uint32Array(half * (doublings + 1)), total: 0, max: 0 };
}

/**
 * Counts one value.
 *
 * @param value a non-negative number, here microseconds; fractions are dropped
 */
export function record(histogram: Histogram, value: number): void {
  const clamped = Math.min(Math.max(0, Math.floor(value)), maxTracked);
  const bucket = bucketOf(clamped);
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
  histogram.total += 1;
  if (clamped > histogram.max) histogram.max = clamped;
}

/**
 * The value below or at which `share` of all recorded values lie (nearest rank), as the upper edge of its bucket and
 * never more than the largest value seen. NaN when nothing was recorded.
 *
 * @param share between 0 and 1: 0.99 is the 99th percentile
 */
export function percentile(histogram: Histogram, share: number): number {
  if (histogram.total === 0) return Number.NaN;
  const rank = Math.max(1, Math.ceil(Math.min(1, share) * histogram.total));
  let seen = 0;
  for (let bucket = 0; bucket < histogram.counts.length; bucket += 1) {
    seen += histogram.counts[bucket] ?? 0;
    if (seen >= rank) return Math.min(upperEdge(bucket), histogram.max);
  }
  return histogram.max;
}

function bucketOf(value: number): number {
  if (value < half * 2) return value;
  const shift = 31 - Math.clz32(value) - Math.log2(half);
  return shift * half + (value >>> shift);
}

function upperEdge(bucket: number): number {
  if (bucket < half * 2) return bucket;
  const shift = Math.floor(bucket / half) - 1;
  return ((bucket - shift * half + 1) << shift) - 1;
}
