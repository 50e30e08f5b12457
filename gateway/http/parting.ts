/** In which order clients leave a process that another one has taken over from. */

/** Time in which all are asked to leave, in ms, where the limit is not short. */
const SPREAD_MS = 1000;
/** Of the limit, at most: who is asked last needs time to go. */
const SHARE = 0.25;
/** Multiples of it, less their whole part, lie evenly however many there are (the golden ratio). */
const STEP = 0.618_033_988_749_895;

/**
 * Spreads the clients of a process over some time: all at once would meet a fresh process in its first moments, when everything takes longest.
 * The first one that asks leaves at once, and finds out for the others what is not compiled yet.
 *
 * @param limitMs time until nobody is to be left
 * @param now milliseconds since the epoch
 * @returns whether a connection is to end with the answer that it is about to get
 */
export function createParting(limitMs: number, now: () => number): (connection: object) => boolean {
  const startedAt = now();
  const spreadMs = Math.min(SPREAD_MS, limitMs * SHARE);
  const moments = new WeakMap<object, number>();
  let seen = 0;
  return (connection) => {
    let moment = moments.get(connection);
    if (moment === undefined) {
      moment = startedAt + spreadMs * ((seen * STEP) % 1);
      seen += 1;
      moments.set(connection, moment);
    }
    return now() >= moment;
  };
}
