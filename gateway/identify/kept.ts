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

export type KeptOptions<Value> = {
  /** Most answers of each kind; those not used for longest go first. */
  readonly max: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Which answers are refusals: however many proofs somebody makes up, they push out none that are good. */
  readonly isRefusal: (value: Value) => boolean;
};

type Entry<Value> = { readonly value: Value; readonly until: number };

export function createKept<Value extends object>({ max, now, isRefusal }: KeptOptions<Value>): Kept<Value> {
  const good = new LRUCache<string, Entry<Value>>({ max });
  const refused = new LRUCache<string, Entry<Value>>({ max });
  const flights = new Map<string, Promise<Value>>();
  const find = (key: string): Entry<Value> | undefined => good.get(key) ?? refused.get(key);
  const known = (key: string): Value | undefined => {
    const entry = find(key);
    return entry !== undefined && now() < entry.until ? entry.value : undefined;
  };

  function keep(key: string, entry: Entry<Value>): void {
    const isRefused = isRefusal(entry.value);
    (isRefused ? good : refused).delete(key);
    (isRefused ? refused : good).set(key, entry);
  }

  return {
    known,
    stale: find,
    async get(key, make) {
      const found = known(key);
      if (found !== undefined) return found;
      let flight = flights.get(key);
      if (flight === undefined) {
        flight = make()
          .then(({ value, until }) => {
            if (now() < until) keep(key, { value, until });
            return value;
          })
          .finally(() => flights.delete(key));
        flights.set(key, flight);
      }
      return await flight;
    },
  };
}
