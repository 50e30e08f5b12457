import { LRUCache } from 'lru-cache';
import type { AnswerStore, Fill, Keepable, Kept } from './store.ts';

export type MemoryStoreOptions = {
  /** Most bytes of keys, texts and names in all; what was not used for longest has to go. */
  readonly maxBytes: number;
  /** Most bytes of one answer. */
  readonly maxEntryBytes: number;
  /** Most names that are remembered to have been dropped while answers were being made (default 10,000). */
  readonly maxMarks?: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** An answer that may come from another store. */
export type Copied = Keepable & {
  /** How long that store has had it, in ms (0 without it). */
  readonly heldMs?: number;
  /** When it was last known to be good, in ms since the epoch (now without it). */
  readonly goodAt?: number;
};

/** What a store in memory can do at once. */
export type MemoryStore = AnswerStore & {
  look(key: string): (Kept & { readonly goodAt: number }) | undefined;
  /** Where the store stands. */
  stamp(): number;
  put(key: string, answer: Copied, stamp: number): boolean;
  remove(key: string): void;
  forget(tags: readonly string[]): void;
};

type Entry = { text: string; tags: readonly string[]; goodAt: number; from: number; freshUntil: number; until: number };

/** Bytes that one name of an answer takes in the index, about. */
const TAG_BYTES = 100;

/** Keeps answers in the memory of this process, and an index from each name to those that have it. */
export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const { maxBytes, maxEntryBytes, maxMarks = 10_000, now } = options;
  const byTag = new Map<string, Set<string>>();
  const locks = new Map<string, { holder: string; until: number }>();
  /** Names that were dropped, by when; before `floor` all may have been. */
  const marks = new Map<string, number>();
  let clock = 0;
  let floor = 0;
  const kept = new LRUCache<string, Entry>({
    maxSize: maxBytes,
    maxEntrySize: Math.min(maxBytes, maxEntryBytes),
    // Two bytes a character is what a text takes at most.
    sizeCalculation: ({ text, tags }, key) => 2 * (text.length + key.length) + tags.length * TAG_BYTES + 1,
    dispose: ({ tags }, key) => {
      for (const tag of tags) {
        const keys = byTag.get(tag);
        keys?.delete(key);
        if (keys?.size === 0) byTag.delete(tag);
      }
    },
  });

  function look(key: string): (Kept & { goodAt: number }) | undefined {
    const found = kept.get(key);
    if (!found) return undefined;
    const { text, tags, goodAt, from, freshUntil, until } = found;
    const time = now();
    const freshMs = Math.max(0, freshUntil - time);
    if (time < until) return { text, tags, goodAt, heldMs: Math.max(0, time - from), leftMs: until - time, freshMs };
    kept.delete(key);
    return undefined;
  }

  function put(key: string, answer: Copied, stamp: number): boolean {
    const { text, tags, ttlMs, freshMs, heldMs = 0, goodAt = now() } = answer;
    // One that is not kept must not leave an older one in its place.
    kept.delete(key);
    if (stamp < floor || tags.some((tag) => (marks.get(tag) ?? 0) > stamp) || ttlMs <= 0) return false;
    const time = now();
    kept.set(key, { text, tags, goodAt, from: time - heldMs, freshUntil: time + freshMs, until: time + ttlMs });
    if (!kept.has(key)) return false;
    for (const tag of tags) {
      const keys = byTag.get(tag);
      if (keys) keys.add(key);
      else byTag.set(tag, new Set([key]));
    }
    return true;
  }

  function forget(tags: readonly string[]): void {
    clock += 1;
    for (const tag of tags) {
      marks.delete(tag);
      marks.set(tag, clock);
      for (const key of [...(byTag.get(tag) ?? [])]) kept.delete(key);
    }
    for (const [tag, at] of marks) {
      if (marks.size <= maxMarks) break;
      marks.delete(tag);
      floor = at;
    }
  }

  function begin(key: string, holder: string, lockMs: number): Fill {
    const lock = locks.get(key);
    const stamp = String(clock);
    if (lock && lock.holder !== holder && now() < lock.until) return { stamp, holder: lock.holder };
    locks.set(key, { holder, until: now() + lockMs });
    return { stamp, holder };
  }

  return {
    look,
    stamp: () => clock,
    put,
    remove: (key) => void kept.delete(key),
    forget,
    get: async (key) => {
      const found = look(key);
      if (!found) return undefined;
      const { goodAt: _ours, ...theirs } = found;
      return theirs;
    },
    begin: async (key, holder, lockMs) => begin(key, holder, lockMs),
    end: async (key, holder) => {
      if (locks.get(key)?.holder === holder) locks.delete(key);
    },
    set: async (key, answer, stamp) => put(key, answer, Number(stamp)),
    drop: async (tags) => {
      forget(tags);
      return true;
    },
    [Symbol.asyncDispose]: async () => kept.clear(),
  };
}
