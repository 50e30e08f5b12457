/**
 * Google's well-known types in the form ProtoJSON gives them, where the schema shows a plain value: wrappers are their value,
 * Timestamp is RFC 3339 text, Duration is seconds with an `s` (protobuf.dev/programming-guides/json). Where the schema shows the
 * message itself, it stays a message.
 */
import { isRecord } from '../../lib/json.ts';

export type Convert = (value: unknown) => unknown;
/** `read`: message → value of the schema; `write`: value of the schema → message. */
export type WellKnown = { read: Convert; write: Convert };

const NANOS = 1_000_000_000n;
const FRACTION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;
const TIMESTAMP = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

const wrapper: WellKnown = {
  read: (message) => (isRecord(message) ? message['value'] : message),
  write: (value) => (isRecord(value) ? value : { value }),
};
const wrappers = ['Double', 'Float', 'Int64', 'UInt64', 'Int32', 'UInt32', 'Bool', 'String', 'Bytes'];

const table = new Map<string, WellKnown>([
  ...wrappers.map((name): [string, WellKnown] => [`.google.protobuf.${name}Value`, wrapper]),
  ['.google.protobuf.Timestamp', { read: readTimestamp, write: writeTimestamp }],
  ['.google.protobuf.Duration', { read: readDuration, write: writeDuration }],
]);

/**
 * The conversions of a well-known type; undefined for other messages. `write` throws RangeError for text that is no such value.
 *
 * @param fullName with its leading dot, such as `.google.protobuf.Timestamp`
 */
export function wellKnown(fullName: string): WellKnown | undefined {
  return table.get(fullName);
}

function readTimestamp(message: unknown): unknown {
  if (!isRecord(message)) return message;
  const { seconds, nanos } = secondsOf(message);
  const date = new Date(Number(seconds) * 1000);
  // Beyond what a date can be there is no text for it.
  if (Number.isNaN(date.getTime())) return null;
  return `${date.toISOString().slice(0, -'.000Z'.length)}${fractionOf(nanos)}Z`;
}

function writeTimestamp(value: unknown): unknown {
  if (value instanceof Date) return writeTimestamp(value.toISOString());
  if (typeof value !== 'string') return value;
  const match = TIMESTAMP.exec(value);
  const milliseconds = match ? Date.parse(`${match[1]}${match[3]}`.toUpperCase()) : Number.NaN;
  if (Number.isNaN(milliseconds)) throw new RangeError('not an RFC 3339 time');
  return { seconds: String(milliseconds / 1000), nanos: Number((match?.[2] ?? '').padEnd(9, '0')) };
}

function readDuration(message: unknown): unknown {
  if (!isRecord(message)) return message;
  const { seconds, nanos } = secondsOf(message);
  const total = seconds * NANOS + BigInt(nanos);
  const size = total < 0n ? -total : total;
  return `${total < 0n ? '-' : ''}${size / NANOS}${fractionOf(Number(size % NANOS))}s`;
}

function writeDuration(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const match = FRACTION.exec(value);
  if (!match) throw new RangeError('not a duration such as 1.5s');
  const [, sign = '', whole = '0', fraction = ''] = match;
  const nanos = Number(fraction.padEnd(9, '0'));
  return { seconds: `${sign}${whole}`, nanos: sign === '-' && nanos !== 0 ? -nanos : nanos };
}

function secondsOf(message: Record<string, unknown>): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(String(message['seconds'] ?? '0')), nanos: Number(message['nanos'] ?? 0) };
}

/** None, or 3, 6 or 9 digits, as ProtoJSON writes them. */
function fractionOf(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  return `.${digits.replace(/(000){1,2}$/, '')}`;
}
