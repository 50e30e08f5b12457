/** Which pages of other sites may read answers (WHATWG Fetch, CORS protocol). Off unless origins are configured. */
import type { CorsConfig } from '../config/cross-site.ts';

type Headers = ReadonlyMap<string, string>;

/** Headers of answers that a page may read, beside those it always may. */
const EXPOSED = [
  'age',
  'etag',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'x-cache',
  'x-request-id',
  'x-tributary-calls',
  'x-tributary-cost',
  'x-tributary-price',
].join(', ');

/** What an answer says to the browser of a page; nothing for origins that are not allowed, and for who sends none. */
export function corsHeaders(headers: Headers, { origins, credentials }: CorsConfig): Record<string, string> {
  const origin = headers.get('origin');
  if (origin === undefined || !(origins.includes(origin) || origins.includes('*'))) return {};
  return {
    // The origin itself, also where any is allowed: a cache keeps answers apart by it.
    'access-control-allow-origin': origin,
    ...(credentials && { 'access-control-allow-credentials': 'true' }),
    'access-control-expose-headers': EXPOSED,
  };
}

/** The answer to a preflight; undefined when the request is none, or the origin is not allowed. */
export function answerPreflight(
  method: string,
  headers: Headers,
  config: CorsConfig,
): { status: 204; headers: Record<string, string> } | undefined {
  if (method !== 'OPTIONS' || !headers.has('access-control-request-method')) return undefined;
  const allowed = corsHeaders(headers, config);
  if (allowed['access-control-allow-origin'] === undefined) return undefined;
  const wanted = headers.get('access-control-request-headers');
  return {
    status: 204,
    headers: {
      ...allowed,
      'access-control-allow-methods': 'GET, POST',
      // No header gives a page more than its own server could have: all that it wants may be sent.
      ...(wanted !== undefined && { 'access-control-allow-headers': wanted }),
      'access-control-max-age': String(Math.floor(config.maxAgeMs / 1000)),
      'content-length': '0',
      vary: 'origin, access-control-request-headers',
    },
  };
}
