/** A whole answer as it is kept, and what it is good for at its age. */
import type { PassedHead } from '../context.ts';
import type { Ages } from '../execute/field-rules.ts';
import type { HeaderField } from '../lib/header-fields.ts';
import { isRecord } from '../lib/json.ts';

export type Answer = {
  readonly data: unknown;
  /** Counted from when it was begun to be made. */
  readonly ages: Ages;
  /** How old it was when it came into the store, in ms. */
  readonly bornMs: number;
  /** What its calls passed on in headers, as policies said then. */
  readonly heads: readonly StoredHead[];
  /** Stands for the data: an entity tag (RFC 9110 §8.8.3). */
  readonly etag: string;
};

export type StoredHead = {
  readonly names: readonly (readonly [name: string, how: 'append' | 'first'])[];
  readonly minMaxAge: boolean;
  readonly fields: readonly HeaderField[];
};

/** `fresh`: given as it is; `stale`: given while a new one is made; `expired`: at most when a source fails. */
export type Standing = { readonly state: 'fresh' | 'stale' | 'expired'; readonly forErrors: boolean };

export function standingOf({ maxAgeMs, staleWhileRevalidateMs, staleIfErrorMs }: Ages, ageMs: number): Standing {
  const over = ageMs - maxAgeMs;
  return {
    state: over < 0 ? 'fresh' : over < staleWhileRevalidateMs ? 'stale' : 'expired',
    forErrors: over < staleIfErrorMs,
  };
}

/** How long an answer is of any use once it is in the store, in ms. */
export function keptMs({ ages, bornMs }: Pick<Answer, 'ages' | 'bornMs'>): number {
  return ages.maxAgeMs + Math.max(ages.staleWhileRevalidateMs, ages.staleIfErrorMs) - bornMs;
}

/** Reads an answer back; undefined for anything else that a shared store may hold. */
export function readAnswer(text: string): Answer | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !('data' in value) || typeof value['etag'] !== 'string') return undefined;
  const { ages, bornMs, heads } = value;
  const numbers = isRecord(ages) ? [ages['maxAgeMs'], ages['staleWhileRevalidateMs'], ages['staleIfErrorMs']] : [];
  if (numbers.length === 0 || ![...numbers, bornMs].every(Number.isFinite) || !Array.isArray(heads)) return undefined;
  return value as Answer;
}

export function storedHeads(heads: readonly PassedHead[]): StoredHead[] {
  return heads.map(({ passing, fields = [] }) => ({
    names: [...(passing?.names ?? [])],
    minMaxAge: passing?.minMaxAge === true,
    fields,
  }));
}

/** What a kept answer passes on now: older by its age, where it says how long it lasts (RFC 9111 §5.1). */
export function passedHeads(heads: readonly StoredHead[], ageMs: number): PassedHead[] {
  return heads.map(({ names, minMaxAge, fields }) => {
    const age = Number(fields.find(([name]) => name === 'age')?.[1] ?? 0) || 0;
    const older: HeaderField = ['age', String(Math.max(0, age) + Math.floor(ageMs / 1000))];
    const aged = minMaxAge ? [...fields.filter(([name]) => name !== 'age'), older] : fields;
    return { passing: { names: new Map(names), minMaxAge }, fields: aged };
  });
}

/** Whether the answer holds what is one client's alone: a cookie. */
export function isPersonal(heads: readonly PassedHead[]): boolean {
  return heads.some(({ passing }) => passing?.names.has('set-cookie') === true);
}
