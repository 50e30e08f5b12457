/** Which scalar stands for a JSON type and format (OpenAPI format registry, spec.openapis.org/registry/format). */
import type { Flat } from './flat.ts';

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);

const STRING_FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'DateTime',
  date: 'Date',
  uuid: 'UUID',
  guid: 'UUID',
  byte: 'Bytes',
  base64: 'Bytes',
  binary: 'Bytes',
  int64: 'Int64',
  uint64: 'UInt64',
  decimal: 'Decimal',
  'big-decimal': 'Decimal',
  bigdecimal: 'Decimal',
};
const NUMBER_FORMATS: Readonly<Record<string, string>> = {
  int64: 'Int64',
  decimal: 'Decimal',
  'big-decimal': 'Decimal',
  bigdecimal: 'Decimal',
};
const INTEGER_FORMATS: Readonly<Record<string, string>> = {
  int64: 'Int64',
  uint64: 'UInt64',
  long: 'Int64',
  bigint: 'Int64',
  uint32: 'UInt32',
};
/** Scalars whose values are numbers, on the wire or in what the wire writes as text. */
export const NUMERIC: ReadonlySet<string> = new Set(['Int', 'Float', 'UInt32', 'Int64', 'UInt64', 'Decimal']);
/** Scalars whose values are text on the wire. */
const TEXTUAL = new Set(['String', 'DateTime', 'Date', 'UUID', 'Bytes']);

/** The scalar of a schema of one plain type; undefined for objects and lists. */
export function scalarOf(
  type: string,
  flat: Pick<Flat, 'format' | 'minimum' | 'maximum' | 'largest'>,
): string | undefined {
  const format = flat.format?.toLowerCase() ?? '';
  if (type === 'string') return STRING_FORMATS[format] ?? 'String';
  if (type === 'boolean') return 'Boolean';
  if (type === 'number') return NUMBER_FORMATS[format] ?? 'Float';
  if (type === 'file') return 'Bytes';
  if (type !== 'integer') return undefined;
  const known = INTEGER_FORMATS[format];
  if (known !== undefined) return known;
  // Bounds and examples that GraphQL's 32 bits cannot hold are meant to be reached.
  const wide = (flat.maximum ?? 0) > INT_MAX || (flat.minimum ?? 0) < INT_MIN || flat.largest > INT_MAX;
  return wide && format !== 'int32' ? 'Int64' : 'Int';
}

/**
 * One scalar for values that may be of several: text of any format is String, integers are Floats, all numbers beside Decimal are Decimal, and what is left stands as a
 * scalar named after its parts (`IntOrString`).
 */
export function unitedScalar(scalars: readonly string[]): string {
  const parts = new Set(scalars);
  if ([...parts].filter((part) => TEXTUAL.has(part)).length > 1) {
    for (const part of TEXTUAL) parts.delete(part);
    parts.add('String');
  }
  if (parts.has('Float')) for (const part of ['Int', 'UInt32']) parts.delete(part);
  if (parts.has('Int64')) for (const part of ['Int', 'UInt32']) parts.delete(part);
  if (parts.has('Decimal')) for (const part of NUMERIC) if (part !== 'Decimal') parts.delete(part);
  return [...parts].sort().join('Or');
}
