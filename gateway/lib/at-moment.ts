/** Timers of the platform reach no further: what is later is waited for in steps. */
const MAX_STEP_MS = 2_147_483_647;

/**
 * Calls `act` once when the clock shows `at`, or at once where it already does.
 *
 * @param at milliseconds since the epoch
 * @returns what takes it back
 */
export function atMoment(at: number, now: () => number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    const left = at - now();
    if (left <= 0) act();
    else timer = setTimeout(wait, Math.min(Math.ceil(left), MAX_STEP_MS));
  };
  wait();
  return () => clearTimeout(timer);
}
