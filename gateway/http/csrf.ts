/**
 * Requests that a page of another site could have a browser send, with the user's cookies, certificate or address: those that need no
 * preflight (WHATWG Fetch, "CORS-safelisted request-header"). They have to carry what no such page can send unasked.
 */
import type { CorsConfig, CsrfConfig } from '../config/cross-site.ts';
import { GatewayError } from '../errors.ts';

type Headers = ReadonlyMap<string, string>;

/** Content types of forms, and of text: a page sends them unasked. */
const SIMPLE = new Set(['', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']);
/** What browsers themselves say of where a request comes from (W3C Fetch Metadata): our own page, or the user. No page can write it. */
const OWN_SITES = new Set(['same-origin', 'none']);

/**
 * @param status of the refusal: 415 where another content-type would do, too
 * @throws GatewayError BAD_REQUEST when the request could come from a page of another site
 */
export function assertNoForgery(
  headers: Headers,
  { csrf, cors }: { readonly csrf: CsrfConfig; readonly cors: CorsConfig },
  status: 400 | 415,
): void {
  if (!csrf.enabled || isPlain(headers, csrf) || isWelcome(headers, cors)) return;
  const [name] = csrf.headers;
  throw new GatewayError('BAD_REQUEST', {
    status,
    ...(status === 415 && { headers: { accept: 'application/json' } }),
    message: `A page of another site could have sent this request: send the header ${name}: 1 to show that none did.`,
  });
}

/** Whether a browser would have asked before it sent this for a page of another site. */
function isPlain(headers: Headers, { headers: names }: CsrfConfig): boolean {
  const [type = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  return names.some((name) => (headers.get(name) ?? '') !== '') || !SIMPLE.has(type.trim());
}

/** Whether the page is ours, or one that may read answers: an EventSource cannot send headers. */
function isWelcome(headers: Headers, { origins }: CorsConfig): boolean {
  if (OWN_SITES.has(headers.get('sec-fetch-site') ?? '')) return true;
  const origin = headers.get('origin');
  return origin !== undefined && origins.includes(origin);
}
