import type { CallKey } from '../connector.ts';
import { type Entry, keptMs, readEntry, writeEntry } from './entry.ts';
import { rowNamesOf } from './names.ts';
import type { CacheStore } from './store.ts';

/** The rows of one key. */
export type RowsEntry = Entry & { data: readonly unknown[] };

/** Kept rows of one kind of bulk call. It never fails: who is told of faults hears of them, and calls go on without the store. */
export type RowShelf = {
  /** The name of a key in the store. */
  nameOf(key: string): string;
  /** What is kept of these keys. */
  look(keys: readonly string[]): Promise<ReadonlyMap<string, RowsEntry>>;
  /** Keeps the rows of a key; what cannot be written as JSON without loss, errors among them, is not kept. */
  keep(key: string, entry: RowsEntry): void;
  drop(key: string): void;
};

export type RowShelfOptions = {
  source: string;
  store: CacheStore;
  /** Told when the store fails. */
  fault: (error: unknown) => void;
};

/**
 * @param key of the call without its keys
 * @param shape how rows are told apart; see `CallBulk`
 */
export function openRowShelf({ source, store, fault }: RowShelfOptions, key: CallKey, shape: string): RowShelf {
  let known: ReturnType<typeof rowNamesOf> | undefined;
  // Most answers may not be kept at all: names cost a hash each.
  const names = (): ReturnType<typeof rowNamesOf> => {
    known ??= rowNamesOf(source, key, shape);
    return known;
  };
  return {
    nameOf: (name) => names().row(name),
    async look(keys) {
      const found = new Map<string, RowsEntry>();
      try {
        const { row, url } = names();
        const rows = keys.map(row);
        const texts = await store.get(url === undefined ? rows : [...rows, url]);
        const changed = url === undefined ? undefined : texts[keys.length];
        for (const [index, name] of keys.entries()) {
          const entry = readRows(texts[index]);
          if (entry && !(Number(changed) >= entry.askedAt)) found.set(name, entry);
        }
      } catch (error) {
        fault(error);
      }
      return found;
    },
    keep(name, entry) {
      const ttlMs = keptMs(entry);
      const text = ttlMs > 0 ? writeEntry(entry) : undefined;
      if (text !== undefined) store.set(names().row(name), text, ttlMs).catch(fault);
    },
    drop: (name) => void store.delete(names().row(name)).catch(fault),
  };
}

function readRows(text: string | undefined): RowsEntry | undefined {
  const entry = text === undefined ? undefined : readEntry(text);
  return entry && Array.isArray(entry.data) ? (entry as RowsEntry) : undefined;
}
