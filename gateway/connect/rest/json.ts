import { DecimalText } from '../../lib/decimal.ts';
import { isRecord } from '../../lib/json.ts';

/**
 * JSON text in which a bigint and a DecimalText stand as numbers with all their digits, which `JSON.stringify` cannot write, and
 * bytes as base64 text (RFC 4648 §4).
 */
export function writeJson(value: unknown): string {
  return write(value) ?? 'null';
}

/** The same without a character outside of ASCII: for what has no other way to write it. */
export function writeAsciiJson(value: unknown): string {
  return writeJson(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function write(value: unknown): string | undefined {
  if (typeof value === 'bigint' || value instanceof DecimalText) return String(value);
  if (Buffer.isBuffer(value)) return JSON.stringify(value.toString('base64'));
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (!isRecord(value) || typeof value['toJSON'] === 'function') return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, inner] of Object.entries(value)) {
    const text = write(inner);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}
