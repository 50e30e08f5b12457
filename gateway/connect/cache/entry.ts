import { isRecord } from '../../lib/json.ts';
import { type Ages, MAX_AGE_MS, validatorsOf } from './ages.ts';

/** A stored answer. */
export type Entry = Ages & {
  /** When it was asked for, in ms since the epoch: it cannot be newer than that. */
  askedAt: number;
  status: number;
  data: unknown;
  head: Record<string, string>;
};

/** What an entry is good for. */
export type Standing = {
  /** `fresh`: given as it is; `stale`: given while a new one is fetched; `expired`: the source is asked first. */
  state: 'fresh' | 'stale' | 'expired';
  /** Whether it may be given when the source fails. */
  forErrors: boolean;
};

/** How long an expired entry is kept in order to ask whether it is still good, in ms. */
const KEPT_TO_ASK_MS = 300_000;

/** An entry of an age. A clock that was set back makes nothing older or fresher than new. */
export function standingOf({ askedAt, freshMs, staleWhileRevalidateMs, staleIfErrorMs }: Entry, now: number): Standing {
  const age = Math.max(0, now - askedAt);
  const over = age - freshMs;
  return {
    state: over < 0 ? 'fresh' : over < staleWhileRevalidateMs ? 'stale' : 'expired',
    forErrors: over < staleIfErrorMs,
  };
}

/** How long an entry is of any use, in ms; 0 for one that never is. */
export function keptMs(entry: Entry): number {
  const { freshMs, staleWhileRevalidateMs, staleIfErrorMs, head } = entry;
  const toAsk = validatorsOf(head).size > 0 ? KEPT_TO_ASK_MS : 0;
  return Math.min(2 * MAX_AGE_MS, freshMs + Math.max(staleWhileRevalidateMs, staleIfErrorMs, toAsk));
}

/** An entry as text; undefined when its data cannot be written as JSON without loss, or holds errors. */
export function writeEntry(entry: Entry): string | undefined {
  let lossy = false;
  const text = JSON.stringify(entry, function (this: unknown, key: string, value: unknown) {
    // Dates and Buffers come here as what `toJSON` made of them: their holder still has them.
    const before = isRecord(this) || Array.isArray(this) ? (this as Record<string, unknown>)[key] : value;
    lossy ||= before !== value || !isJson(value);
    return lossy ? null : value;
  });
  return lossy ? undefined : text;
}

/** Reads an entry back; undefined for anything else that a shared store may hold. */
export function readEntry(text: string): Entry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !isRecord(value['head']) || !('data' in value)) return undefined;
  const { askedAt, freshMs, staleWhileRevalidateMs, staleIfErrorMs, status } = value;
  const numbers = [askedAt, freshMs, staleWhileRevalidateMs, staleIfErrorMs, status];
  const sound =
    numbers.every(Number.isFinite) && Object.values(value['head']).every((each) => typeof each === 'string');
  return sound ? (value as Entry) : undefined;
}

function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'string':
    case 'boolean':
      return true;
    case 'object': {
      if (value === null || Array.isArray(value)) return true;
      const prototype: unknown = Object.getPrototypeOf(value);
      return prototype === Object.prototype || prototype === null;
    }
    default:
      return false;
  }
}
