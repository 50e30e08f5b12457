/** What may stand in a header at all, and which headers are nobody's to pass on. Names are in lower case here. */

/** A header and its value. */
export type HeaderField = readonly [name: string, value: string];

/** They belong to one connection or to the message itself (RFC 9110 §7.6.1, §8): whoever passes them on corrupts the call. */
const CONNECTION = new Set([
  ...['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings'],
  ...['host', 'content-length', 'content-encoding', 'expect'],
]);
/** A token (RFC 9110 §5.6.2). */
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/;
/** Field values hold visible characters, spaces and tabs (RFC 9110 §5.5); CR and LF would begin a header of the caller's choice. */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

/** Whether a text in lower case can be the name of a header. */
export function isHeaderName(name: string): boolean {
  return NAME.test(name);
}

/** Whether a text can be the value of a header. */
export function isHeaderValue(value: string): boolean {
  return !FORBIDDEN.test(value);
}

/** Whether a header is about one connection or about how its message is framed. */
export function isConnectionHeader(name: string): boolean {
  return CONNECTION.has(name) || name.startsWith('proxy-');
}

/** Headers that a message declares to be about its own connection, by its `Connection` header (RFC 9110 §7.6.1). */
export function nominatedBy(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}
