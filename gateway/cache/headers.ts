/** What clients, and caches between them and the gateway, are told of an answer (RFC 9111, RFC 9110 §8.8.3, §13.1.2). */
import type { IdentityConfig } from '../config/identity.ts';
import type { CachedAnswer } from '../context.ts';

export type HeadersOf = {
  readonly method: string;
  /** `query`, `mutation` or `subscription`; undefined where there is no operation. */
  readonly kind: string | undefined;
  readonly cached: CachedAnswer | undefined;
  /** Whether the answer is the data and nothing else: no errors, no extensions, no parts. */
  readonly isWhole: boolean;
  readonly ifNoneMatch: string | undefined;
  /** What of requests shapes every answer: `shapingHeaders`. */
  readonly shaping: readonly string[];
};

export type CacheHeaders = {
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Whether the client has the answer already: nothing but the fields is sent. */
  readonly isKnown: boolean;
};

/** Where clients usually say who they are. */
const IDENTITY = ['authorization', 'cookie', 'x-api-key'];
/** The body is written in one of several media types. */
const NEGOTIATED = ['accept'];
/** What clients ask for beside the answer: who asks for it gets another one. */
const ASIDE = ['x-tributary-explain', 'x-tributary-freshness', 'x-tributary-cost'];

/**
 * Headers of requests that shape answers whatever is asked, lower-case names: an answer for nobody in particular must not be given to
 * somebody, by whichever header that one is known here.
 */
export function shapingHeaders({ apiKeys, trustedProxy }: Pick<IdentityConfig, 'apiKeys' | 'trustedProxy'>): string[] {
  const { address: _, ...known } = trustedProxy?.headers ?? {};
  const names = [...NEGOTIATED, ...IDENTITY, apiKeys?.header, ...Object.values(known), ...ASIDE];
  return [...new Set(names.flatMap((name) => (name ? [name.toLowerCase()] : [])))];
}

/**
 * Only what everybody gets may be kept by others, and only where nobody in particular asked: every other answer to GET is the
 * client's own and not to be kept at all, nor is any that has errors or changed something.
 */
export function cacheHeaders({ method, kind, cached, isWhole, ifNoneMatch, shaping }: HeadersOf): CacheHeaders {
  const told = cached ? [['x-cache', `${cached.outcome.toUpperCase()}; ${asToken(cached.reason)}`] as const] : [];
  const control = (value: string): CacheHeaders => ({ fields: [...told, ['cache-control', value]], isKnown: false });
  if (method !== 'GET') {
    return kind === 'query' && isWhole ? { fields: told, isKnown: false } : control('no-store');
  }
  const { shared, ageMs = 0, maxAgeMs } = cached ?? {};
  if (!isWhole || !shared || maxAgeMs === undefined) return control('private, no-store');
  const etag = `W/"${shared.etag}"`;
  const fields = [
    ...told,
    ['cache-control', `public, max-age=${Math.floor(maxAgeMs / 1000)}`],
    ['age', String(Math.floor(ageMs / 1000))],
    ['etag', etag],
    ['vary', [...new Set([...shaping, ...shared.vary])].join(', ')],
  ] as const;
  return { fields, isKnown: matches(ifNoneMatch, shared.etag) };
}

/** Weak comparison (RFC 9110 §8.8.3.2): whoever has the same data has the answer, whatever it was written as. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${etag}"`);
}

/** Reasons name fields and sources: what cannot stand in a header is left out. */
function asToken(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '');
}
