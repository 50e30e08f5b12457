/** How long an answer may be kept: by its own headers (RFC 9111, RFC 5861), or by the policy of its operation. */
import CachePolicy from 'http-cache-semantics';
import type { CacheAges } from '../../config/rules.ts';
import type { CallKey } from '../connector.ts';
import { NOT_ANSWER_SHAPING } from '../key.ts';

/** How long an answer is good, counted from when it was asked for; each age begins where `freshMs` ends. */
export type Ages = { freshMs: number; staleWhileRevalidateMs: number; staleIfErrorMs: number };

type Head = Readonly<Record<string, string>>;

/** Nothing is kept longer, whatever its headers say. */
export const MAX_AGE_MS = 86_400_000;
/** Headers of an answer that say how long and for whom it may be kept, and how to ask whether it is still good. */
const CACHING = ['cache-control', 'expires', 'date', 'age', 'etag', 'last-modified', 'vary', 'pragma', 'set-cookie'];

/** What of the head is worth keeping. */
export function cachingHead(head: Head): Record<string, string> {
  return Object.fromEntries(CACHING.flatMap((name) => (head[name] === undefined ? [] : [[name, head[name]]])));
}

/** Headers that ask whether an answer is still the one (RFC 9110 §13.1.2, §13.1.3). */
export function validatorsOf(head: Head): ReadonlyMap<string, string> {
  const { etag, 'last-modified': lastModified } = head;
  const validators = new Map<string, string>();
  if (etag !== undefined) validators.set('if-none-match', etag);
  if (lastModified !== undefined) validators.set('if-modified-since', lastModified);
  return validators;
}

/**
 * The ages that the headers give an answer in a cache that all callers share; undefined when it must not be kept at all. Ages are
 * never guessed: what says nothing is not fresh.
 *
 * @param now when it came, in ms since the epoch
 */
export function agesByHeaders(
  { method, url, headers }: NonNullable<CallKey['http']>,
  status: number,
  head: Head,
  now: number,
): Ages | undefined {
  // Validators alone would keep every answer of servers that send them by habit.
  if (head['cache-control'] === undefined && head['expires'] === undefined) return undefined;
  // Directives are told apart without regard to case (RFC 9111 §5.2).
  const lower = head['cache-control']?.toLowerCase();
  const answer = {
    ...head,
    date: head['date'] ?? new Date(now).toUTCString(),
    ...(lower !== undefined && { 'cache-control': lower }),
  };
  const policy = new CachePolicy(
    { method, url, headers: Object.fromEntries(headers) },
    { status, headers: answer },
    { shared: true, cacheHeuristic: 0, immutableMinTimeToLive: 0 },
  );
  if (!policy.storable() || !mayMatch(head['vary'])) return undefined;
  const age = Number(head['age'] ?? 0);
  const freshMs = bounded((policy.maxAge() - (age > 0 ? age : 0)) * 1000);
  const directives = new Map((lower ?? '').split(',').map((part) => pairOf(part)));
  // Who has to be asked once the time is up allows no stale answer (RFC 9111 §5.2.2.2, §5.2.2.8).
  const strict = ['must-revalidate', 'proxy-revalidate', 's-maxage', 'no-cache'].some((name) => directives.has(name));
  const allowed = (name: string): number => (strict ? 0 : bounded(Number(directives.get(name) ?? 0) * 1000));
  return {
    freshMs,
    staleWhileRevalidateMs: allowed('stale-while-revalidate'),
    staleIfErrorMs: allowed('stale-if-error'),
  };
}

/** The ages of a policy hold whatever the headers say, but for `no-store`. */
export function agesByPolicy(ages: CacheAges, head: Head | undefined): Ages | undefined {
  if (/\bno-store\b/i.test(head?.['cache-control'] ?? '')) return undefined;
  const { maxAgeMs: freshMs, staleWhileRevalidateMs, staleIfErrorMs } = ages;
  return { freshMs, staleWhileRevalidateMs, staleIfErrorMs };
}

/**
 * Every header that is sent is part of the key, secrets as their hash, so that an answer always has those it varies by; but for those
 * that keys may leave out.
 */
export function mayMatch(vary: string | undefined): boolean {
  const names = (vary ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.every((name) => name !== '*' && !NOT_ANSWER_SHAPING.has(name));
}

function pairOf(directive: string): [string, string] {
  const [name = '', value = ''] = directive.split('=', 2);
  return [name.trim(), value.trim().replaceAll('"', '')];
}

function bounded(ms: number): number {
  return ms > 0 ? Math.min(ms, MAX_AGE_MS) : 0;
}
