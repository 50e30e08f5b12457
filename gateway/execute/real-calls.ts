import type { CallRecord } from '../context.ts';
import { isSaved } from '../observe/calls.ts';

/** What the calls of one group, or of an operation, came to. */
export type RealCalls = {
  /** Requests that went out, repeated ones included. */
  calls: number;
  /** Calls that were asked for. */
  asked: number;
  keys: number;
  /** Of the slowest, and of all together. */
  ms: { most: number; sum: number };
  bytes: number;
  /** What the call cache did, by how often; empty where it was not asked. */
  cache: Readonly<Record<string, number>>;
  /** How many waited for an equal call that was under way. */
  coalesced: number;
  /** Rows that were dropped, because nobody asked for them or they have no key. */
  unrequested: number;
  /** How they ended: `ok`, or the code of the error, by how often. */
  outcomes: Readonly<Record<string, number>>;
};

export function sumCalls(records: readonly CallRecord[]): RealCalls {
  const cache: Record<string, number> = {};
  const outcomes: Record<string, number> = {};
  const sum = {
    calls: 0,
    asked: records.length,
    keys: 0,
    ms: { most: 0, sum: 0 },
    bytes: 0,
    coalesced: 0,
    unrequested: 0,
  };
  for (const record of records) {
    const ms = Math.round(record.ms * 1000) / 1000;
    if (!isSaved(record)) {
      sum.calls += record.attempts ?? 1;
      sum.unrequested += record.unrequested ?? 0;
    }
    sum.keys += record.keys;
    sum.ms.most = Math.max(sum.ms.most, ms);
    sum.ms.sum += ms;
    sum.bytes += record.bytes;
    if (record.coalesced === true) sum.coalesced += 1;
    if (record.cache !== undefined) cache[record.cache] = (cache[record.cache] ?? 0) + 1;
    outcomes[record.outcome] = (outcomes[record.outcome] ?? 0) + 1;
  }
  return { ...sum, cache, outcomes };
}
