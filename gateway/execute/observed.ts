/** What of a request an operation can observe, as text for keys. */
import { nominatedBy } from '../lib/header-fields.ts';

/**
 * The headers of a request that its calls send on, as text: equal where they are sent alike. One that the client declares to be about its own connection may not be sent (RFC 9110 §7.6.1), so that
 * the same value means something else then.
 */
export function headersText(names: readonly string[], headers: ReadonlyMap<string, string>): string {
  if (names.length === 0) return '[]';
  const nominated = nominatedBy(headers.get('connection'));
  return JSON.stringify(
    names.map((name) => {
      const value = headers.get(name);
      return value === undefined ? [name] : [name, value, nominated?.has(name) === true];
    }),
  );
}
