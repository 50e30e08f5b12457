import { isRecord } from '../../lib/json.ts';
import { percentEncode, queryParameter, textOf } from './parameters.ts';

/** Writes a value in one media type. */
export type BodyWriter = (value: unknown) => string;

/** `application/json; charset=utf-8` → `application/json`. */
export function essenceOf(mediaType: string): string {
  return mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Whether a media type is JSON (RFC 8259, RFC 6839 §3.1). */
export function isJsonType(mediaType: string): boolean {
  const essence = essenceOf(mediaType);
  return essence === 'application/json' || essence.endsWith('+json');
}

/** The writer for a media type; undefined for those that a GraphQL value cannot become. */
export function bodyWriter(mediaType: string): BodyWriter | undefined {
  const essence = essenceOf(mediaType);
  if (isJsonType(essence)) return writeJson;
  if (essence === 'application/x-www-form-urlencoded') return writeForm;
  return essence.startsWith('text/') ? textOf : undefined;
}

/** JSON text in which a bigint stands as a number with all its digits, which `JSON.stringify` cannot write. */
export function writeJson(value: unknown): string {
  return write(value) ?? 'null';
}

function write(value: unknown): string | undefined {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (!isRecord(value) || typeof value['toJSON'] === 'function') return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, inner] of Object.entries(value)) {
    const text = write(inner);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

/** One pair per field, lists as repeated pairs (OpenAPI 3.1 §4.8.15: style form, exploded). */
function writeForm(value: unknown): string {
  if (!isRecord(value)) return percentEncode(textOf(value));
  return Object.entries(value)
    .map(([name, inner]) =>
      queryParameter({ name, style: 'form', explode: true }, isRecord(inner) ? textOf(inner) : inner),
    )
    .filter((pair) => pair !== '')
    .join('&');
}
