/** A bulk answer put together from rows that were kept, rows that others asked for, and rows that were asked for now. */
import type { HeaderField } from '../../lib/header-fields.ts';
import { ageOf, leftOf, passedNow, standingOf } from '../cache/entry.ts';
import type { RowsEntry } from '../cache/rows.ts';
import { noteSaid } from '../cache/said.ts';
import type { Call, CallResult, RowsByKey } from '../connector.ts';
import { isOutage } from './cache.ts';
import { noteFailed } from './trace.ts';

/** What becomes of each key by what is kept of it. */
export type Sorted = {
  /** Entries that are given as they are, the stale ones among them. */
  given: ReadonlyMap<string, RowsEntry>;
  stale: readonly string[];
  /** Keys that the source has to be asked for, and what may stand in for them when it fails. */
  wanted: readonly string[];
  spare: ReadonlyMap<string, RowsEntry>;
};

export function sortKeys(keys: readonly string[], entries: ReadonlyMap<string, RowsEntry>, now: number): Sorted {
  const given = new Map<string, RowsEntry>();
  const spare = new Map<string, RowsEntry>();
  const stale: string[] = [];
  const wanted: string[] = [];
  for (const key of keys) {
    const entry = entries.get(key);
    const standing = entry && standingOf(entry, now);
    if (!entry || standing?.state === 'expired') wanted.push(key);
    else given.set(key, entry);
    if (entry && standing?.state === 'expired' && standing.forErrors) spare.set(key, entry);
    if (standing?.state === 'stale') stale.push(key);
  }
  return { given, stale, wanted, spare };
}

export type Parts = {
  /** Rows that came for these keys; a key without any has no row. */
  add(keys: readonly string[], result: CallResult): void;
  /** Takes what may stand in for the keys; the others have failed. @param isOwn whether the call itself asked the source for them */
  fail(keys: readonly string[], error: unknown, isOwn: boolean): void;
  /** The whole. @throws what the source failed with, when no key has rows */
  result(now: number): CallResult;
  /** What the call's own question to the source failed with, if it did. */
  asked(): { readonly error: unknown } | undefined;
  /** Kept rows past their age that stand in the whole. */
  old(): { cache: 'stale' | 'stale-if-error'; entries: readonly RowsEntry[] } | undefined;
};

const NO_ROWS: readonly unknown[] = [];

export function createParts({ given, stale, spare }: Sorted): Parts {
  const rows = new Map<string, readonly unknown[] | Error>();
  const results: CallResult[] = [];
  const substitutes: RowsEntry[] = [];
  let failed = 0;
  let fault: unknown;
  let asked: { readonly error: unknown } | undefined;
  for (const [key, { data }] of given) rows.set(key, data);
  return {
    add(keys, result) {
      results.push(result);
      const found = result.data as RowsByKey;
      for (const key of keys) rows.set(key, found.get(key) ?? NO_ROWS);
    },
    fail(keys, error, isOwn) {
      if (isOwn) asked ??= { error };
      const maySubstitute = isOutage(error);
      for (const key of keys) {
        const entry = maySubstitute ? spare.get(key) : undefined;
        if (entry) {
          substitutes.push(entry);
          rows.set(key, entry.data);
          continue;
        }
        failed += 1;
        fault ??= error;
        rows.set(key, error instanceof Error ? error : new Error(String(error)));
      }
    },
    result(now) {
      if (failed > 0 && failed === rows.size) throw fault;
      const entries = [...given.values(), ...substitutes];
      const status = results[0]?.status ?? entries[0]?.status ?? 0;
      const bytes = results.reduce((sum, result) => sum + result.bytes, 0);
      const passed = distinct([...results.map((each) => each.passed), ...entries.map((each) => passedNow(each, now))]);
      return { data: rows, status, bytes, ...(passed && { passed }) };
    },
    asked: () => asked,
    old() {
      if (substitutes.length > 0) return { cache: 'stale-if-error', entries: substitutes };
      const entries = stale.flatMap((key) => given.get(key) ?? []);
      return entries.length > 0 ? { cache: 'stale', entries } : undefined;
    },
  };
}

/** Tells what became of a call: as its own record, or beside it where a part of it was asked for all the same. */
export function noteParts(
  call: Call,
  sorted: Sorted,
  { parts, isSent, isKept, now }: { parts: Parts; isSent: boolean; isKept: boolean; now: number },
): void {
  const { source, operation, group, notes } = call;
  const old = parts.old();
  // Substitutes are past every age they had.
  const left = [...sorted.given.values()].map((entry) => leftOf(entry, now));
  for (const keepMs of old?.cache === 'stale-if-error' ? [...left, 0] : left) noteSaid(notes, { keepMs });
  const isStored = sorted.wanted.length === 0 || (old?.cache === 'stale-if-error' && !isSent);
  const entries = old?.entries ?? [...sorted.given.values()];
  const ageMs = entries.reduce((most, entry) => Math.max(most, ageOf(entry, now)), 0);
  if (isStored) {
    const failed = parts.asked();
    if (failed) noteFailed(call, failed.error);
    if (notes) Object.assign(notes, { cache: old?.cache ?? 'hit', ageMs });
    return;
  }
  if (notes && isKept) notes.cache = 'miss';
  if (!old) return;
  const record = { source, operation, keys: entries.length, ms: 0, bytes: 0, outcome: 'ok', group };
  call.record?.({ ...record, cache: old.cache, ageMs });
}

/** Each list of fields once: a hundred keys of one answer say the same a hundred times. */
function distinct(lists: readonly (readonly HeaderField[] | undefined)[]): readonly HeaderField[] | undefined {
  const known = new Map<string, readonly HeaderField[]>();
  for (const list of lists) if (list) known.set(JSON.stringify(list), list);
  return known.size === 0 ? undefined : [...known.values()].flat();
}
