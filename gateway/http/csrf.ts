/**
 * Requests that a page of another site could have a browser send, with the user's cookies, certificate or address: those that need no
 * preflight (WHATWG Fetch, "CORS-safelisted request-header"). They have to carry what no page can send unasked.
 */
import type { CsrfConfig } from '../config/cross-site.ts';
import { GatewayError } from '../errors.ts';

/** Content types of forms, and of text: a page sends them unasked. */
const SIMPLE = new Set(['', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']);

/**
 * @param status of the refusal: 415 where another content-type would do, too
 * @throws GatewayError BAD_REQUEST when the request could come from a page of another site
 */
export function assertNoForgery(
  headers: ReadonlyMap<string, string>,
  { enabled, headers: names }: CsrfConfig,
  status: 400 | 415,
): void {
  if (!enabled || names.some((name) => (headers.get(name) ?? '') !== '')) return;
  const [type = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  if (!SIMPLE.has(type.trim())) return;
  throw new GatewayError('BAD_REQUEST', {
    status,
    ...(status === 415 && { headers: { accept: 'application/json' } }),
    message: `A page of another site could have sent this request: send the header ${names[0]}: 1 to show that none did.`,
  });
}
