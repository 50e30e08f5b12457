import { LRUCache } from 'lru-cache';

/** Answers that are remembered until a moment of their own, by key, no more than a number of them. */
export type Kept<Value> = {
  /** What is known now. Costs no promise: most requests end here. */
  known(key: string): Value | undefined;
  /** The same, else what `make` gives: however many ask for a key, it is made once ("single flight"). A failure is not kept. */
  get(key: string, make: () => Promise<{ readonly value: Value; readonly until: number }>): Promise<Value>;
  /** What was known last, also after its moment: for when nothing better can be had. */
  stale(key: string): { readonly value: Value; readonly until: number } | undefined;
};

/**
 * @param max most answers; those not used for longest go first
 * @param now milliseconds since the epoch
 */
export function createKept<Value extends object>(max: number, now: () => number): Kept<Value> {
  const entries = new LRUCache<string, { value: Value; until: number }>({ max });
  const flights = new Map<string, Promise<Value>>();
  const known = (key: string): Value | undefined => {
    const entry = entries.get(key);
    return entry !== undefined && now() < entry.until ? entry.value : undefined;
  };
  return {
    known,
    stale: (key) => entries.get(key),
    async get(key, make) {
      const found = known(key);
      if (found !== undefined) return found;
      let flight = flights.get(key);
      if (flight === undefined) {
        flight = make()
          .then(({ value, until }) => {
            if (now() < until) entries.set(key, { value, until });
            return value;
          })
          .finally(() => flights.delete(key));
        flights.set(key, flight);
      }
      return await flight;
    },
  };
}
