/** The middle value (the mean of the two middle ones for an even count); NaN values are left out, NaN when none is left. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  if (sorted.length % 2 === 1) return upper;
  return ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** How far the rounds lie apart: (largest − smallest) / median; 0 for one value, NaN for none. */
export function spread(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return Number.NaN;
  return (Math.max(...known) - Math.min(...known)) / median(known);
}

/**
 * `value` as a multiple of `reference`; null when it says nothing (either is missing, or the reference is 0).
 * Only ratios between servers of one run carry over to another machine.
 */
export function ratio(value: number | undefined, reference: number | undefined): number | null {
  if (value === undefined || reference === undefined || !(Math.abs(reference) > 0)) return null;
  const result = value / reference;
  return Number.isFinite(result) ? result : null;
}
