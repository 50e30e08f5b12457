/** When another process is started in the place of one that ended, so that what ends at once, again and again, is not started for ever. */

export type Death = { readonly worker: number; readonly at: number };

const WINDOW_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** So many deaths within a minute, on the average of the workers, are one of the gateway. */
const MOST = 5;

/** Deaths that still count. */
export function recent(deaths: readonly Death[], now: number): readonly Death[] {
  return deaths.filter(({ at }) => now - at < WINDOW_MS);
}

/**
 * Twice as long after each death of the same worker.
 * @param deaths the recent ones, this one included
 * @returns ms, or undefined where it is of no use to go on
 */
export function pauseBefore(deaths: readonly Death[], worker: number, workers: number): number | undefined {
  if (deaths.length > MOST * workers) return undefined;
  const own = deaths.filter((death) => death.worker === worker).length;
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (own - 1));
}
