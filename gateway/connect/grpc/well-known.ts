/**
 * Google's well-known types in the form ProtoJSON gives them (protobuf.dev/programming-guides/json): wrappers are their value,
 * Timestamp is RFC 3339 text, Duration is seconds with an `s`, FieldMask is paths with commas between them, Struct is any JSON.
 */
import { DecimalText } from '../../lib/decimal.ts';
import { isRecord } from '../../lib/json.ts';
import { type Convert, scalarReader } from './scalars.ts';
import { scalarOf } from './shape.ts';

/** `read`: decoded message → value of the schema; `write`: value of the schema → what `fromObject` of protobufjs takes. */
export type WellKnown = {
  /** The scalar that the schema shows in place of the message. */
  scalar: string;
  read: Convert;
  write: Convert;
  /** Whether null is a value of the type and not its absence. */
  takesNull?: true;
};

const NANOS = 1_000_000_000n;
const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;
const TIMESTAMP = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;
const PATH = /^\w+(\.\w+)*$/;
/** Deeper JSON than protobufjs reads messages. */
const MAX_DEPTH = 50;

const WRAPPED = ['double', 'float', 'int64', 'uint64', 'int32', 'uint32', 'bool', 'string', 'bytes'];

const table = new Map<string, WellKnown>([
  ...WRAPPED.map((type): [string, WellKnown] => [`.google.protobuf.${wrapperName(type)}`, wrapper(type)]),
  ['.google.protobuf.Timestamp', { scalar: 'DateTime', read: readTimestamp, write: writeTimestamp }],
  ['.google.protobuf.Duration', { scalar: 'Duration', read: readDuration, write: writeDuration }],
  ['.google.protobuf.FieldMask', { scalar: 'FieldMask', read: readMask, write: writeMask }],
  ['.google.protobuf.Struct', { scalar: 'JSON', read: readStruct, write: (value) => writeStruct(value, 0) }],
  ['.google.protobuf.ListValue', { scalar: 'JSON', read: readList, write: (value) => writeList(value, 0) }],
  [
    '.google.protobuf.Value',
    { scalar: 'JSON', read: readValue, write: (value) => writeValue(value, 0), takesNull: true },
  ],
]);

/**
 * The conversions of a well-known type; undefined for other messages. `write` throws RangeError for what is no such value.
 *
 * @param fullName with its leading dot, such as `.google.protobuf.Timestamp`
 */
export function wellKnown(fullName: string): WellKnown | undefined {
  return table.get(fullName);
}

function wrapperName(type: string): string {
  return `${type.replace(/^u?[a-z]/, (start) => start.toUpperCase())}Value`;
}

function wrapper(type: string): WellKnown {
  const read = scalarReader(type);
  return {
    scalar: scalarOf(type) ?? 'String',
    read: (message) => {
      const { value } = message as { value: unknown };
      return read ? read(value) : value;
    },
    write: (value) => ({ value }),
  };
}

function readTimestamp(message: unknown): unknown {
  const { seconds, nanos } = secondsOf(message);
  const date = new Date(Number(seconds) * 1000);
  // Beyond what a date can be there is no text for it.
  if (Number.isNaN(date.getTime())) return null;
  return `${date.toISOString().slice(0, -'.000Z'.length)}${fractionOf(nanos)}Z`;
}

function writeTimestamp(value: unknown): unknown {
  const match = typeof value === 'string' ? TIMESTAMP.exec(value) : undefined;
  const milliseconds = match ? Date.parse(`${match[1]}${match[3]}`.toUpperCase()) : Number.NaN;
  if (Number.isNaN(milliseconds)) throw new RangeError('not an RFC 3339 time');
  return { seconds: String(milliseconds / 1000), nanos: Number((match?.[2] ?? '').padEnd(9, '0')) };
}

function readDuration(message: unknown): unknown {
  const { seconds, nanos } = secondsOf(message);
  const total = seconds * NANOS + BigInt(nanos);
  const size = total < 0n ? -total : total;
  return `${total < 0n ? '-' : ''}${size / NANOS}${fractionOf(Number(size % NANOS))}s`;
}

function writeDuration(value: unknown): unknown {
  const match = typeof value === 'string' ? DURATION.exec(value) : undefined;
  if (!match) throw new RangeError('not a duration such as 1.5s');
  const [, sign = '', whole = '0', fraction = ''] = match;
  const nanos = Number(fraction.padEnd(9, '0'));
  return { seconds: `${sign}${whole}`, nanos: sign === '-' && nanos !== 0 ? -nanos : nanos };
}

function secondsOf(message: unknown): { seconds: bigint; nanos: number } {
  const { seconds, nanos } = message as { seconds: unknown; nanos: number };
  return { seconds: BigInt(String(seconds)), nanos };
}

/** None, or 3, 6 or 9 digits, as ProtoJSON writes them. */
function fractionOf(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  return `.${digits.replace(/(000){1,2}$/, '')}`;
}

function readMask(message: unknown): unknown {
  const { paths } = message as { paths: string[] };
  return paths.map((path) => path.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase())).join(',');
}

/** Names as the .proto writes them are taken too. */
function writeMask(value: unknown): unknown {
  if (typeof value !== 'string') throw new RangeError('not a field mask such as name,placedAt');
  const paths = value === '' ? [] : value.split(',').map((path) => path.trim());
  if (!paths.every((path) => PATH.test(path))) throw new RangeError('not a field mask such as name,placedAt');
  return { paths: paths.map((path) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)) };
}

function readStruct(message: unknown): unknown {
  const { fields } = message as { fields: Record<string, unknown> };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, readValue(value)]));
}

function readList(message: unknown): unknown {
  return (message as { values: unknown[] }).values.map(readValue);
}

function readValue(message: unknown): unknown {
  const value = message as Record<string, unknown> & { kind?: string };
  if (value.kind === 'structValue') return readStruct(value['structValue']);
  if (value.kind === 'listValue') return readList(value['listValue']);
  // Not set at all is no valid Value; null is the nearest to it.
  return value.kind === undefined || value.kind === 'nullValue' ? null : value[value.kind];
}

function writeStruct(value: unknown, depth: number): unknown {
  if (!isRecord(value)) throw new RangeError('not a JSON object');
  return { fields: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, writeValue(inner, depth)])) };
}

function writeList(value: unknown, depth: number): unknown {
  if (!Array.isArray(value)) throw new RangeError('not a JSON list');
  return { values: value.map((item) => writeValue(item, depth)) };
}

function writeValue(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new RangeError('JSON that is nested too deeply');
  if (value === null || value === undefined) return { nullValue: 0 };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  // The message has doubles and nothing else for numbers.
  if (typeof value === 'number' || value instanceof DecimalText) return { numberValue: Number(value) };
  if (Array.isArray(value)) return { listValue: writeList(value, depth + 1) };
  return { structValue: writeStruct(value, depth + 1) };
}
