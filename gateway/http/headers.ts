import type { IncomingHttpHeaders } from 'node:http';

/** Request headers under lower-case names; several values of one name are joined as RFC 9110 §5.3 says. */
export function readHeaders(headers: IncomingHttpHeaders | Iterable<[string, string]>): ReadonlyMap<string, string> {
  if (Symbol.iterator in headers) {
    return new Map([...(headers as Iterable<[string, string]>)].map(([name, value]) => [name.toLowerCase(), value]));
  }
  const map = new Map<string, string>();
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) map.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return map;
}
