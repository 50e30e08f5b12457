import { type HeaderField, isHeaderValue } from '../../lib/header-fields.ts';
import { isRecord } from '../../lib/json.ts';
import { type Ages, MAX_AGE_MS, validatorsOf } from './ages.ts';

/** A stored answer. */
export type Entry = Ages & {
  /** When it was asked for, in ms since the epoch: it cannot be newer than that. */
  askedAt: number;
  status: number;
  data: unknown;
  head: Record<string, string>;
  /** What of its headers policy passed on when it came; see `CallResult`. */
  passed?: readonly HeaderField[];
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

/** How old an entry is, in ms. A clock that was set back makes nothing older or fresher than new. */
export function ageOf({ askedAt }: Pick<Entry, 'askedAt'>, now: number): number {
  return Math.max(0, now - askedAt);
}

/** How much longer it is fresh, in ms. */
export function leftOf(entry: Pick<Entry, 'askedAt' | 'freshMs'>, now: number): number {
  return Math.max(0, entry.freshMs - ageOf(entry, now));
}

/** What an entry is good for at its age. */
export function standingOf(entry: Entry, now: number): Standing {
  const { freshMs, staleWhileRevalidateMs, staleIfErrorMs } = entry;
  const over = ageOf(entry, now) - freshMs;
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
  return sound && (value['passed'] === undefined || areFields(value['passed'])) ? (value as Entry) : undefined;
}

function areFields(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (field) => Array.isArray(field) && field.length === 2 && field.every((part) => typeof part === 'string'),
    ) &&
    value.every((field) => isHeaderValue(field[1]))
  );
}

/** What a stored answer passes on now: older by the time it was kept, where it says how long it lasts (RFC 9111 §5.1). */
export function passedNow({ passed, askedAt }: Entry, now: number): readonly HeaderField[] | undefined {
  if (!passed?.some(([name]) => name === 'cache-control')) return passed;
  const age = Number(passed.find(([name]) => name === 'age')?.[1] ?? 0) || 0;
  const kept = Math.max(0, Math.floor((now - askedAt) / 1000));
  return [...passed.filter(([name]) => name !== 'age'), ['age', String(Math.max(0, age) + kept)]];
}

/** What a stored answer passes on once it was said to be still good: the newer headers in place of their older ones (RFC 9111 §3.2). */
export function renewFields(
  before: readonly HeaderField[] | undefined,
  newer: readonly HeaderField[] | undefined,
): readonly HeaderField[] | undefined {
  if (!before || !newer) return newer ?? before;
  const names = new Set(newer.map(([name]) => name));
  // The age of the stored one is not the age of what was just asked for.
  return [...before.filter(([name]) => !names.has(name) && name !== 'age'), ...newer];
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
