/** Values of protobuf's own types as the schema shows them: 64-bit integers as digits, bytes as base64. */
import protobuf from 'protobufjs';
import { scalarOf, unrecognizedName } from './shape.ts';

/** Throws RangeError for a value that cannot be converted. */
export type Convert = (value: unknown) => unknown;

/** Reads a decoded scalar; undefined where it is shown as it is. */
export function scalarReader(type: string): Convert | undefined {
  const scalar = scalarOf(type);
  if (scalar === 'Int64' || scalar === 'UInt64') return String;
  if (scalar === 'Bytes') return (value) => Buffer.from(value as Uint8Array).toString('base64');
  return type === 'float' ? (value) => shortestFloat(value as number) : undefined;
}

/** Reads the number of an enum value: its first name, or the one that stands for unknown numbers. */
export function enumReader(type: protobuf.Enum): Convert {
  const unrecognized = unrecognizedName(type);
  const names = new Map<unknown, string>();
  for (const [name, number] of Object.entries(type.values)) if (!names.has(number)) names.set(number, name);
  return (value) => names.get(value) ?? unrecognized;
}

/** Writes the name of an enum value as its number. */
export function enumWriter(type: protobuf.Enum): Convert {
  const numbers = new Map(Object.entries(type.values));
  return (value) => {
    const number = numbers.get(String(value));
    if (number === undefined) throw new RangeError(`${String(value)} is no value of ${type.name}`);
    return number;
  };
}

/** Reads the key of a map, which protobufjs keeps as a property name: 64-bit ones as eight characters that hold their bits. */
export function keyReader(type: string): (key: string) => string | number | boolean {
  const scalar = scalarOf(type);
  if (scalar === 'Int64' || scalar === 'UInt64')
    return (key) => String(protobuf.util.longFromHash(key, scalar === 'UInt64'));
  if (scalar === 'Boolean') return (key) => key === 'true';
  return scalar === 'String' ? (key) => key : Number;
}

/** Writes the key of a map as the property name that protobufjs encodes: `false` is what counts as false, so no text. */
export function keyWriter(type: string): (key: unknown) => string {
  return scalarOf(type) === 'Boolean' ? (key) => (key === true ? 'true' : '') : String;
}

/** The shortest decimal that reads as the same 32-bit float: 0.1, not 0.10000000149011612. */
function shortestFloat(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
