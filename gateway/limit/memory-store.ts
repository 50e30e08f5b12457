import { LRUCache } from 'lru-cache';
import { decide, settled } from './gcra.ts';
import type { MemoryLimitStore, Taken, Wanted, WantedLease } from './store.ts';

export type MemoryLimitStoreOptions = {
  /** Most budgets, and most keys with leases; those not used for longest are forgotten first. */
  readonly maxKeys: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** Keeps budgets in the memory of this process. Nothing waits in between: what is decided is taken. */
export function createMemoryLimitStore({ maxKeys, now }: MemoryLimitStoreOptions): MemoryLimitStore {
  // By size and not by `max`, which takes the memory of all keys at once, used or not.
  const bound = { maxSize: maxKeys, sizeCalculation: () => 1 };
  const arrivals = new LRUCache<string, number>(bound);
  const leases = new LRUCache<string, Map<string, number>>(bound);

  function look(wanted: Wanted, nowMs: number): { taken: Taken; commit: () => Taken } {
    if (wanted.kind === 'points') {
      const { fits, next, aheadMs } = decide(arrivals.get(wanted.key), nowMs, wanted);
      return {
        taken: { fits, used: aheadMs },
        commit() {
          if (wanted.points > 0) arrivals.set(wanted.key, next);
          return { fits, used: next - nowMs };
        },
      };
    }
    const held = living(wanted.key, nowMs);
    const fits = held.size < wanted.max;
    return { taken: { fits, used: held.size }, commit: () => ({ fits, used: hold(wanted, nowMs) }) };
  }

  /** Leases of a key whose time is not up. */
  function living(key: string, nowMs: number): Map<string, number> {
    const held = leases.get(key) ?? new Map<string, number>();
    for (const [id, until] of held) if (until <= nowMs) held.delete(id);
    return held;
  }

  function hold({ key, id, leaseMs }: WantedLease, nowMs: number): number {
    const held = living(key, nowMs);
    held.set(id, nowMs + leaseMs);
    leases.set(key, held);
    return held.size;
  }

  return {
    async take(wanted) {
      const nowMs = now();
      const looks = wanted.map((each) => ({ each, ...look(each, nowMs) }));
      const isRefused = looks.some(({ each, taken }) => !taken.fits && !each.shadow);
      return looks.map(({ taken, commit }) => (isRefused || !taken.fits ? taken : commit()));
    },
    async settle(changes) {
      const nowMs = now();
      for (const change of changes) arrivals.set(change.key, settled(arrivals.get(change.key), nowMs, change));
    },
    async renew(held) {
      for (const lease of held) hold(lease, now());
    },
    async release(held) {
      for (const { key, id } of held) {
        const own = leases.get(key);
        own?.delete(id);
        if (own?.size === 0) leases.delete(key);
      }
    },
    carry() {
      const nowMs = now();
      return [...arrivals.entries()].filter(([, fullAt]) => fullAt > nowMs);
    },
    adopt(budgets) {
      // Those used last come first: they are set last, to be forgotten last.
      for (const [key, fullAt] of [...budgets].reverse())
        arrivals.set(key, Math.max(fullAt, arrivals.get(key) ?? Number.NEGATIVE_INFINITY));
    },
    async [Symbol.asyncDispose]() {
      arrivals.clear();
      leases.clear();
    },
  };
}
