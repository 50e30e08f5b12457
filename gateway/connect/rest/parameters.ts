/**
 * Values as parameters of an HTTP request: the styles of OpenAPI 3.1 §4.8.12.3, which are those of RFC 6570 §3.2 and three of
 * OpenAPI's own. Null and undefined are left out everywhere; so are empty lists and objects (RFC 6570 §2.3).
 */
import { isRecord } from '../../lib/json.ts';
import { isJsonType } from '../../lib/media-types.ts';
import { writeAsciiJson, writeJson } from './json.ts';

export type ParameterStyle = {
  /** Name on the wire. */
  name: string;
  style: string;
  explode: boolean;
  /** Media type that the value is written in, in place of a style (OpenAPI 3.1 §4.8.12.2.3). */
  content?: string;
  /** Whether characters that RFC 3986 reserves stay as they are in a query; those that would end the value do not. */
  allowReserved?: boolean;
  /** Whether `deepObject` numbers lists (`a[0]=1`) everywhere: nothing but habit says how it writes them. */
  numbered?: boolean;
  /** What separates the items of lists inside of a list, level by level (`collectionFormat` of Swagger 2.0's items). */
  inner?: readonly string[];
};

type Encode = (text: string) => string;
/** A value that has a place of its own, as text. */
type Write = (value: unknown) => string;

type Operator = {
  first: string;
  separator: string;
  named: boolean /** Between name and an empty value. */;
  ifEmpty: string;
};

/** Styles that join the parts of a value; `tabDelimited` is ours, for Swagger 2.0's `tsv`. */
const SEPARATORS = new Map([
  ['spaceDelimited', ' '],
  ['pipeDelimited', '|'],
  ['tabDelimited', '\t'],
]);

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

/** RFC 6570 §3.2.3, but for what a query would be cut by: `&` and `#`, `+`, which many read as a space, and brackets. */
function encodeReserved(text: string): string {
  return text.replace(/%[0-9a-f]{2}|[\w.~:/?@!$'()*,;=-]|[\s\S]/giu, (part) =>
    /^(%..|[\w.~:/?@!$'()*,;=-])$/.test(part) ? part : percentEncode(part),
  );
}

/** A path parameter as it stands in the path, with the `;` or `.` its style begins with. */
export function pathParameter({ name, style, explode, content, inner }: ParameterStyle, value: unknown): string {
  if (content !== undefined) return percentEncode(contentText(content, value));
  const separator = explode ? undefined : SEPARATORS.get(style);
  if (separator !== undefined) return delimited(value, percentEncode(separator), itemWriter(percentEncode, inner));
  const operator = style === 'label' ? label : style === 'matrix' ? matrix : simple;
  return expand(percentEncode(name), value, explode, operator, itemWriter(percentEncode, inner));
}

/** A query parameter as `name=value` pairs joined by `&`; empty when there is nothing to send. */
export function queryParameter(parameter: ParameterStyle, value: unknown): string {
  const { name, style, explode, content, allowReserved, numbered = false, inner } = parameter;
  const key = percentEncode(name);
  const encode = allowReserved ? encodeReserved : percentEncode;
  const write = itemWriter(encode, inner);
  if (value === null || value === undefined) return '';
  if (content !== undefined) return `${key}=${encode(contentText(content, value))}`;
  if (style === 'deepObject' && typeof value === 'object')
    return deepObject(key, value, { encode, numbered, top: true }).join('&');
  const separator = explode ? undefined : SEPARATORS.get(style);
  if (separator === undefined || typeof value !== 'object') return expand(key, value, explode, form, write);
  const text = delimited(value, percentEncode(separator), write);
  return text === '' ? '' : `${key}=${text}`;
}

/** A header parameter's value (style `simple`). Nothing is encoded: a header has no escapes, but JSON in it has. */
export function headerParameter({ name, style, explode, content, inner }: ParameterStyle, value: unknown): string {
  if (content !== undefined) return isJsonType(content) ? writeAsciiJson(value) : textOf(value);
  const separator = explode ? undefined : SEPARATORS.get(style);
  const write = itemWriter(String, inner);
  return separator === undefined ? expand(name, value, explode, simple, write) : delimited(value, separator, write);
}

/** A cookie parameter as `name=value`; exploded lists and objects become several cookies. */
export function cookieParameter({ name, explode, content }: ParameterStyle, value: unknown): string {
  if (content !== undefined) return `${percentEncode(name)}=${percentEncode(contentText(content, value))}`;
  return expand(percentEncode(name), value, explode, cookie, itemWriter(percentEncode));
}

/** A single value as text. What has no place inside another value (lists in lists) is JSON. */
export function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? writeJson(value) : String(value);
}

function contentText(content: string, value: unknown): string {
  return isJsonType(content) ? writeJson(value) : textOf(value);
}

function expand(name: string, value: unknown, explode: boolean, operator: Operator, write: Write): string {
  if (value === null || value === undefined) return '';
  const { first, separator, named, ifEmpty } = operator;
  const pair = (key: string, text: string): string => (text === '' ? `${key}${ifEmpty}` : `${key}=${text}`);
  const own = (text: string): string => (named ? pair(name, text) : text);
  if (Array.isArray(value)) {
    const items = present(value).map(write);
    if (items.length === 0) return '';
    return first + (explode ? items.map(own).join(separator) : own(items.join(',')));
  }
  if (isRecord(value) && !(value instanceof Date)) {
    const entries = entriesOf(value).map(([key, inner]) => [write(key), write(inner)] as const);
    if (entries.length === 0) return '';
    if (!explode) return first + own(entries.flat().join(','));
    // What has no name of its own has `=` even before nothing (RFC 6570, appendix A).
    return first + entries.map(([key, text]) => (named ? pair(key, text) : `${key}=${text}`)).join(separator);
  }
  return first + own(write(value));
}

function delimited(value: unknown, separator: string, write: Write): string {
  if (typeof value !== 'object' || value === null || value instanceof Date) return write(value);
  const parts = Array.isArray(value) ? present(value) : entriesOf(value as Record<string, unknown>).flat();
  return parts.map(write).join(separator);
}

/** Lists inside of a list with the separators that are said, which are encoded as what they stand between is. */
export function itemWriter(encode: Encode, [separator, ...deeper]: readonly string[] = []): Write {
  const plain: Write = (value) => encode(textOf(value));
  if (separator === undefined) return plain;
  const between = separator === ',' ? separator : encode(separator);
  const write = itemWriter(encode, deeper);
  return (value) => (Array.isArray(value) ? present(value).map(write).join(between) : plain(value));
}

type Deep = { encode: Encode; numbered: boolean; top?: boolean };

/**
 * `color[R]=100&color[G]=200`. Of anything deeper the standard says nothing: objects go on the way they began, a list is
 * repeated where its items are plain and below an object, else numbered.
 */
function deepObject(name: string, value: unknown, { encode, numbered, top = false }: Deep): string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) {
    const items = present(value);
    const withIndex = numbered || top || items.some((item) => typeof item === 'object');
    return items.flatMap((item, index) =>
      deepObject(withIndex ? `${name}%5B${index}%5D` : name, item, { encode, numbered }),
    );
  }
  if (isRecord(value) && !(value instanceof Date)) {
    return entriesOf(value).flatMap(([key, inner]) =>
      deepObject(`${name}%5B${percentEncode(key)}%5D`, inner, { encode, numbered }),
    );
  }
  return [`${name}=${encode(textOf(value))}`];
}

function present(values: readonly unknown[]): unknown[] {
  return values.filter((value) => value !== null && value !== undefined);
}

function entriesOf(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
}
