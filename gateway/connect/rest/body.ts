import { isRecord } from '../../lib/json.ts';
import { essenceOf, isJsonType, isLinesType, isSequenceType, isXmlType } from '../../lib/media-types.ts';
import { Upload } from '../upload.ts';
import type { Encodings, PropertyEncoding, WrittenBody } from './encoding.ts';
import { writeJson } from './json.ts';
import { writeMultipart } from './multipart.ts';
import { percentEncode, queryParameter, textOf } from './parameters.ts';

/** Writes a value in one media type; undefined for values that have no form in it. Buffers are bytes. */
export type BodyWriter = (value: unknown) => WrittenBody | undefined;

/**
 * The writer for a media type; undefined for those that a GraphQL value cannot become.
 *
 * @param writeXml writes values that the contract says how to write in XML
 */
export function bodyWriter(
  contentType: string,
  encodings: Encodings = new Map(),
  writeXml?: (value: unknown) => string,
): BodyWriter | undefined {
  const essence = essenceOf(contentType);
  const written = (body: WrittenBody['body'] | undefined) => (body === undefined ? undefined : { body, contentType });
  if (isJsonType(essence)) return (value) => written(writeJson(value));
  if (isLinesType(essence)) return (value) => written(writeLines(value, essence));
  if (essence === 'application/x-www-form-urlencoded') return (value) => written(writeForm(value, encodings));
  if (essence === 'multipart/form-data') return (value) => writeMultipart(value, encodings);
  if (essence.startsWith('multipart/')) return undefined;
  if (writeXml && isXmlType(essence)) return (value) => written(writeXml(value));
  // XML that the contract does not describe is text.
  const takesAll = essence.startsWith('text/') && !isXmlType(essence);
  return (value) => {
    if (value instanceof Upload) return written([() => contentOf(value)]);
    return written(Buffer.isBuffer(value) ? value : takesAll || isPlain(value) ? textOf(value) : undefined);
  };
}

async function* contentOf(upload: Upload): AsyncGenerator<Uint8Array, void> {
  const { content } = await upload.open();
  yield* content;
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value instanceof Date;
}

/** One JSON text per line; in a sequence of RFC 7464 each begins with a record separator. */
function writeLines(value: unknown, essence: string): string {
  const start = isSequenceType(essence) ? '\x1e' : '';
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) => `${start}${writeJson(item)}\n`).join('');
}

/**
 * One pair per property, lists as repeated pairs and objects as JSON; where the contract names a style, as a query would be
 * (OpenAPI 3.1 §4.8.15).
 */
function writeForm(value: unknown, encodings: Encodings): string {
  if (!isRecord(value)) return percentEncode(textOf(value));
  return Object.entries(value)
    .map(([name, inner]) => formPair(name, inner, encodings.get(name) ?? {}))
    .filter((pair) => pair !== '')
    .join('&');
}

function formPair(name: string, value: unknown, encoding: PropertyEncoding): string {
  const { contentType, style = 'form', explode = style === 'form', allowReserved = false, inner } = encoding;
  const hasStyle = [encoding.style, encoding.explode, encoding.allowReserved].some((said) => said !== undefined);
  // What reads forms of nested names (PHP, Rack, qs) wants lists numbered.
  if (hasStyle)
    return queryParameter({ name, style, explode, allowReserved, numbered: true, ...(inner ? { inner } : {}) }, value);
  const isJson = isRecord(value) || (value !== null && contentType !== undefined && isJsonType(contentType));
  return queryParameter({ name, style, explode, ...(isJson ? { content: 'application/json' } : {}) }, value);
}
