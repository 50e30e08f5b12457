import { LRUCache } from 'lru-cache';
import {
  minuteOf,
  type OperationRecord,
  type RecordLimits,
  type RecordStore,
  recordKey,
  sortRecords,
} from './store.ts';

export type MemoryRecordOptions = RecordLimits & {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** Keeps records in the memory of this process, until it ends. */
export function createMemoryRecords({ max, keepMs, now }: MemoryRecordOptions): RecordStore {
  const kept = new LRUCache<string, OperationRecord>({ max });
  return {
    record(seen) {
      const key = recordKey(seen);
      const known = kept.get(key);
      const lastSeen = minuteOf(now());
      if (known && known.lastSeen >= now() - keepMs) {
        known.count += 1;
        known.lastSeen = lastSeen;
        // What is spread comes last: else each record has a form of its own, which takes as much memory as the record.
      } else kept.set(key, { lastSeen, count: 1, ...seen });
    },
    async list() {
      const oldest = now() - keepMs;
      const current = [...kept.values()].filter(({ lastSeen }) => lastSeen >= oldest);
      return sortRecords(current.map((record) => ({ ...record })));
    },
    adopt(records) {
      // Seen last first: those are set last, to be forgotten last.
      for (const record of [...records].reverse()) kept.set(recordKey(record), { ...record });
    },
    [Symbol.asyncDispose]: async () => kept.clear(),
  };
}
