/**
 * Values as parameters of an HTTP request: the styles of OpenAPI 3.1 §4.8.12.3, which are those of RFC 6570 §3.2 and three of
 * OpenAPI's own. Null and undefined are left out everywhere; so are empty lists and objects (RFC 6570 §2.3).
 */
import { isRecord } from '../../lib/json.ts';

export type ParameterStyle = {
  /** Name on the wire. */
  name: string;
  style: string;
  explode: boolean;
};

type Operator = {
  first: string;
  separator: string;
  named: boolean /** Between name and an empty value. */;
  ifEmpty: string;
};

const simple: Operator = { first: '', separator: ',', named: false, ifEmpty: '' };
const label: Operator = { first: '.', separator: '.', named: false, ifEmpty: '' };
const matrix: Operator = { first: ';', separator: ';', named: true, ifEmpty: '' };
const form: Operator = { first: '', separator: '&', named: true, ifEmpty: '=' };
const cookie: Operator = { first: '', separator: '; ', named: true, ifEmpty: '=' };

/** Percent-encodes everything but the unreserved characters of RFC 3986 §2.3. Throws URIError on half a surrogate pair. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A path parameter as it stands in the path, with the `;` or `.` its style begins with. */
export function pathParameter({ name, style, explode }: ParameterStyle, value: unknown): string {
  const operator = style === 'label' ? label : style === 'matrix' ? matrix : simple;
  return expand(percentEncode(name), value, explode, operator, percentEncode);
}

/** A query parameter as `name=value` pairs joined by `&`; empty when there is nothing to send. */
export function queryParameter({ name, style, explode }: ParameterStyle, value: unknown): string {
  const key = percentEncode(name);
  if (style === 'deepObject' && typeof value === 'object') return deepObject(key, value).join('&');
  if (style === 'spaceDelimited' && !explode) return delimited(key, value, '%20');
  if (style === 'pipeDelimited' && !explode) return delimited(key, value, '%7C');
  return expand(key, value, explode, form, percentEncode);
}

/** A header parameter's value (style `simple`). Nothing is encoded: a header has no escapes. */
export function headerParameter({ name, explode }: ParameterStyle, value: unknown): string {
  return expand(name, value, explode, simple, String);
}

/** A cookie parameter as `name=value`; exploded lists and objects become several cookies. */
export function cookieParameter({ name, explode }: ParameterStyle, value: unknown): string {
  return expand(percentEncode(name), value, explode, cookie, percentEncode);
}

/** A single value as text. What has no place inside another value (lists in lists) is JSON. */
export function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function expand(
  name: string,
  value: unknown,
  explode: boolean,
  operator: Operator,
  encode: (text: string) => string,
): string {
  if (value === null || value === undefined) return '';
  const { first, separator, named, ifEmpty } = operator;
  const pair = (key: string, text: string): string => (text === '' ? `${key}${ifEmpty}` : `${key}=${text}`);
  const own = (text: string): string => (named ? pair(name, text) : text);
  if (Array.isArray(value)) {
    const items = present(value).map((item) => encode(textOf(item)));
    if (items.length === 0) return '';
    return first + (explode ? items.map(own).join(separator) : own(items.join(',')));
  }
  if (isRecord(value) && !(value instanceof Date)) {
    const entries = entriesOf(value).map(([key, inner]) => [encode(key), encode(textOf(inner))] as const);
    if (entries.length === 0) return '';
    return (
      first + (explode ? entries.map(([key, text]) => `${key}=${text}`).join(separator) : own(entries.flat().join(',')))
    );
  }
  return first + own(encode(textOf(value)));
}

function delimited(name: string, value: unknown, separator: string): string {
  if (typeof value !== 'object' || value === null || value instanceof Date) {
    return expand(name, value, false, form, percentEncode);
  }
  const parts = Array.isArray(value) ? present(value) : entriesOf(value as Record<string, unknown>).flat();
  return parts.length === 0 ? '' : `${name}=${parts.map((part) => percentEncode(textOf(part))).join(separator)}`;
}

/** `color[R]=100&color[G]=200`; deeper objects and lists, of which the standard says nothing, go on the way they began. */
function deepObject(name: string, value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return present(value).flatMap((item) => deepObject(name, item));
  if (isRecord(value) && !(value instanceof Date)) {
    return entriesOf(value).flatMap(([key, inner]) => deepObject(`${name}%5B${percentEncode(key)}%5D`, inner));
  }
  return [`${name}=${percentEncode(textOf(value))}`];
}

function present(values: readonly unknown[]): unknown[] {
  return values.filter((value) => value !== null && value !== undefined);
}

function entriesOf(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
}
