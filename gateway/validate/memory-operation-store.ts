import { LRUCache } from 'lru-cache';
import type { OperationStore } from './operation-store.ts';

export type MemoryOperationStoreOptions = {
  /** Most bytes of all texts; those not used for longest have to go. */
  readonly maxBytes: number;
  /** How long a text is known, in ms. */
  readonly ttlMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** Keeps registered operations in the memory of this process. */
export function createMemoryOperationStore({ maxBytes, ttlMs, now }: MemoryOperationStoreOptions): OperationStore {
  const kept = new LRUCache<string, { text: string; until: number }>({
    maxSize: maxBytes,
    // Two bytes a character is what a text takes at most.
    sizeCalculation: ({ text }, hash) => 2 * (text.length + hash.length),
  });
  return {
    async get(hash) {
      const found = kept.get(hash);
      if (found === undefined || now() < found.until) return found?.text;
      kept.delete(hash);
      return undefined;
    },
    async set(hash, text) {
      kept.set(hash, { text, until: now() + ttlMs });
    },
    [Symbol.asyncDispose]: async () => kept.clear(),
  };
}
