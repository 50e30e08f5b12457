/** What is sent beside a call's body: one set of rules for the headers of HTTP and the metadata of gRPC. */
import { GatewayError } from '../errors.ts';
import type { Call, ConnectorOptions } from './connector.ts';

export type HeaderOptions = Pick<ConnectorOptions, 'source' | 'headers' | 'forward' | 'policy' | 'now'>;

/** The headers of one call, names in lower case. `own` are headers that the operation itself sends. */
export type HeaderBuilder = (call: Call, own?: Iterable<readonly [string, string]>) => Map<string, string>;

/** They belong to one connection or to the client's own message (RFC 9110 §7.6.1, §8): passing them on would corrupt the call. */
const NEVER_SENT = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'http2-settings', 'host', 'content-length', 'content-encoding', 'expect'],
]);
/** The gateway reads and writes bodies itself: what the client said about its own says nothing about these. */
const NEVER_FORWARDED = new Set([
  ...NEVER_SENT,
  ...['content-type', 'accept', 'accept-encoding', 'user-agent', 'x-request-id', 'x-request-timeout-ms'],
]);
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** Field values hold visible characters, spaces and tabs (RFC 9110 §5.5); CR and LF would begin a header of the caller's choice. */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Prepares the headers of a source. What the operator sets wins over what the operation sends, and that over what the client
 * sent. Each call also gets `x-request-id` and, as `x-request-timeout-ms`, the time that is left.
 *
 * @param defaults headers that everything else may replace
 * @throws GatewayError SOURCE_UNAVAILABLE when a header that was set cannot be sent; the builder throws BAD_REQUEST when a
 *   value that came with the request cannot
 */
export function createHeaders(options: HeaderOptions, defaults: Readonly<Record<string, string>> = {}): HeaderBuilder {
  const { source, now } = options;
  const first = Object.entries(defaults);
  const last = settled(options);
  const forwarded = [...options.forward, ...options.policy.headers.forward].map((name) => name.toLowerCase());
  const wanted = [...new Set(forwarded)].filter((name) => !NEVER_FORWARDED.has(name));

  return (call, own = []) => {
    const headers = new Map(first);
    const nominated = wanted.length === 0 ? undefined : nominatedBy(call.headers.get('connection'));
    for (const name of wanted) {
      const value = call.headers.get(name);
      if (value !== undefined && !nominated?.has(name)) headers.set(name, checked(name, value, source));
    }
    for (const [name, value] of own) {
      const key = name.toLowerCase();
      if (NEVER_SENT.has(key) || !NAME.test(key)) continue;
      const before = key === 'cookie' ? headers.get(key) : undefined;
      headers.set(key, checked(key, before === undefined ? value : `${before}; ${value}`, source));
    }
    headers.set('x-request-id', checked('x-request-id', call.requestId, source));
    headers.set('x-request-timeout-ms', String(Math.max(1, Math.floor(call.deadline - now()))));
    for (const [name, value] of last) headers.set(name, value);
    return headers;
  };
}

/** Whether a value can be the value of a header. */
export function isHeaderValue(value: string): boolean {
  return !FORBIDDEN.test(value);
}

function settled({ source, headers, policy }: HeaderOptions): [string, string][] {
  const set = Object.entries(policy.headers.set).map(([name, secret]): [string, string] => [name, secret.reveal()]);
  return [...Object.entries(headers), ...set]
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .filter(([name, value]) => {
      if (!NAME.test(name) || !isHeaderValue(value)) {
        throw new GatewayError('SOURCE_UNAVAILABLE', {
          source,
          message: `The header ${JSON.stringify(name)} that is set for this source cannot be sent: remove line breaks and control characters.`,
        });
      }
      return !NEVER_SENT.has(name);
    });
}

/** Headers that the client declared to be about its own connection (RFC 9110 §7.6.1). */
function nominatedBy(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}

function checked(name: string, value: string, source: string): string {
  if (isHeaderValue(value)) return value;
  throw new GatewayError('BAD_REQUEST', {
    source,
    message: `The value for the header ${name} holds characters that a header cannot carry: remove line breaks and control characters.`,
  });
}
