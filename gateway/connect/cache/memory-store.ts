import { LRUCache } from 'lru-cache';
import type { CacheStore } from './store.ts';

export type MemoryStoreOptions = {
  /** Most bytes of keys and texts in all; what was not used for longest has to go (default 64 MiB). */
  maxBytes?: number;
  /** Most bytes of one entry (default 1 MiB). */
  maxEntryBytes?: number;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** Keeps answers in the memory of this process. */
export function createMemoryStore({
  maxBytes = 67_108_864,
  maxEntryBytes = 1_048_576,
  now,
}: MemoryStoreOptions): CacheStore {
  type Kept = { text: string; until: number };
  const kept = new LRUCache<string, Kept>({
    maxSize: maxBytes,
    maxEntrySize: Math.min(maxBytes, maxEntryBytes),
    // Two bytes a character is what a text takes at most.
    sizeCalculation: ({ text }, key) => Math.max(1, 2 * (text.length + key.length)),
  });
  const read = (key: string): string | undefined => {
    const found = kept.get(key);
    if (found === undefined) return undefined;
    if (now() < found.until) return found.text;
    kept.delete(key);
    return undefined;
  };
  return {
    get: async (keys) => keys.map(read),
    set: async (key, text, ttlMs) => {
      // One that does not fit must not leave an older one in its place.
      kept.delete(key);
      if (ttlMs > 0) kept.set(key, { text, until: now() + ttlMs });
    },
    delete: async (key) => void kept.delete(key),
    [Symbol.asyncDispose]: async () => kept.clear(),
  };
}
