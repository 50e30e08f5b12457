import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLInt,
  type GraphQLScalarType,
  type GraphQLSchema,
  GraphQLString,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import { Upload } from '../connect/upload.ts';
import { GatewayError } from '../errors.ts';
import { DecimalText, fitsDouble, isDecimal, isSafeNumber } from '../lib/decimal.ts';

type Behaviour = {
  serialize: (value: unknown) => unknown;
  parse: (value: unknown) => unknown;
  /** The value of a number in a query, where it is not that of a double. Nobody rounded it: `parse` is not asked. */
  literal?: (text: string) => unknown;
  /** The value of a whole literal, where numbers anywhere in it keep their digits. */
  tree?: (node: ValueNode, variables: Variables) => unknown;
};

type Variables = Readonly<Record<string, unknown>> | null | undefined;

const DIGITS = /^-?\d+$/;

/** 64-bit integers: exact on the wire, always strings in answers (ProtoJSON mapping), literal, string or safe number in requests. */
function integer(name: string, least: bigint, most: bigint): Behaviour {
  const check = (value: unknown): string | undefined => {
    const text =
      typeof value === 'number' && Number.isSafeInteger(value)
        ? String(value)
        : typeof value === 'bigint'
          ? String(value)
          : value;
    if (typeof text !== 'string' || text.length > 20 || !DIGITS.test(text)) return undefined;
    const number = BigInt(text);
    return number >= least && number <= most ? String(number) : undefined;
  };
  return {
    serialize: (value) => check(value) ?? badPayload(name),
    parse: (value) =>
      check(value) ?? refuse(`${name} takes an integer from ${least} to ${most}, as a string or a safe number.`),
  };
}

const DECIMAL = 'Decimal takes a decimal number: a literal, a string, or a variable of at most 15 digits.';

/** Decimal numbers: strings in answers, their digits as the source wrote them; a number of a query keeps its digits, too. */
const decimal: Behaviour = {
  serialize: (value) => {
    const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
    return typeof text === 'string' && isDecimal(text) ? text : badPayload('Decimal');
  },
  parse: (value) => {
    // A longer number of the variables was rounded before anybody here could see it.
    if (typeof value === 'number') return isSafeNumber(value) ? value : refuse(DECIMAL);
    return typeof value === 'string' && isDecimal(value) ? value : refuse(DECIMAL);
  },
  literal: (text) => (String(Number(text)) === text ? Number(text) : isDecimal(text) ? text : refuse(DECIMAL)),
};

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  Int64: integer('Int64', -(2n ** 63n), 2n ** 63n - 1n),
  UInt64: integer('UInt64', 0n, 2n ** 64n - 1n),
  UInt32: {
    serialize: (value) => (isUnsigned32(Number(value)) ? Number(value) : badPayload('UInt32')),
    parse: (value) => (isUnsigned32(value) ? value : refuse('UInt32 takes an integer from 0 to 4294967295.')),
  },
  Decimal: decimal,
  Void: { serialize: () => null, parse: () => null },
  JSON: { serialize: (value) => value, parse: (value) => value, tree: jsonOf },
  Bytes: bytes(textual('Bytes', (text) => /^[A-Za-z0-9+/_-]*={0,2}$/.test(text), 'base64 text, or a file')),
  DateTime: textual(
    'DateTime',
    (text) => /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
    'a date and time as RFC 3339 writes it',
  ),
  Date: textual('Date', (text) => /^\d{4}-\d\d-\d\d$/.test(text), 'a date such as 2026-01-31'),
  Duration: textual('Duration', (text) => /^-?\d{1,12}(\.\d{1,9})?s$/.test(text), 'seconds such as 1.5s'),
  FieldMask: textual('FieldMask', (text) => /^[\w.,]*$/.test(text), 'names of fields with commas between them'),
  UUID: textual('UUID', (text) => /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(text), 'a UUID'),
};

/** Text on both sides. What comes from upstream is passed on; what comes from a client is checked. */
function textual(name: string, valid: (text: string) => boolean, what: string): Behaviour {
  return {
    serialize: (value) => (typeof value === 'object' ? badPayload(name) : value),
    parse: (value) => (typeof value === 'string' && valid(value) ? value : refuse(`${name} takes ${what}.`)),
  };
}

/** A file of the request stands for its bytes. */
function bytes({ serialize, parse }: Behaviour): Behaviour {
  return { serialize, parse: (value) => (value instanceof Upload ? value : parse(value)) };
}

/** Scalars of contracts that have no rule of their own: passed on as they are. */
const PASSED_ON: Behaviour = { serialize: (value) => value, parse: (value) => value };

/**
 * A scalar of several (`IntOrString`): what any of its parts takes. Objects and lists are none. A number stays a number, and text that
 * may be text stays as it is written: where both may stand, only that tells which one is meant.
 */
function united(name: string): Behaviour | undefined {
  const parts = name.split('Or');
  // What takes digits as text and writes them anew is asked last.
  const ordered = [...parts.filter((part) => !WIDE.has(part)), ...parts.filter((part) => WIDE.has(part))];
  const plain = ordered.map((part) => PLAIN[part] ?? BEHAVIOURS[part]?.parse);
  if (parts.length < 2 || plain.some((part) => part === undefined)) return undefined;
  const what = parts.join(' or ');
  return {
    serialize: (value) => (typeof value === 'object' ? badPayload(name) : value),
    ...(parts.includes('Decimal')
      ? { literal: (text: string) => (fitsDouble(text) ? Number(text) : decimal.parse(text)) }
      : {}),
    parse: (value) => {
      for (const parse of plain) {
        try {
          const taken = parse?.(value);
          return typeof value === 'number' ? value : taken;
        } catch {
          // The next part may take it.
        }
      }
      return refuse(`${name} takes a value of ${what}.`);
    },
  };
}

const WIDE: ReadonlySet<string> = new Set(['Int64', 'UInt64']);
const PLAIN: Readonly<Record<string, (value: unknown) => unknown>> = {
  Boolean: (value) => GraphQLBoolean.parseValue(value),
  Float: (value) => GraphQLFloat.parseValue(value),
  Int: (value) => GraphQLInt.parseValue(value),
  String: (value) => GraphQLString.parseValue(value),
};

/** Gives every scalar of the schema its behaviour. In place. */
export function attachScalars(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type)) continue;
    if (isSpecifiedScalarType(type)) continue;
    const { serialize, parse, literal, tree } = BEHAVIOURS[type.name] ?? united(type.name) ?? PASSED_ON;
    const scalar: GraphQLScalarType = type;
    scalar.serialize = serialize;
    scalar.parseValue = parse;
    scalar.parseLiteral = (node, variables) => {
      if (tree) return parse(tree(node, variables));
      if (literal && (node.kind === Kind.INT || node.kind === Kind.FLOAT)) return literal(node.value);
      // A long integer literal keeps its digits.
      if (node.kind === Kind.INT)
        return parse(Number.isSafeInteger(Number(node.value)) ? Number(node.value) : node.value);
      return parse(valueFromASTUntyped(node, variables));
    };
  }
}

/** A literal of any form. What a double cannot hold goes on with the digits that were written. */
function jsonOf(node: ValueNode, variables: Variables): unknown {
  if (node.kind === Kind.INT || node.kind === Kind.FLOAT)
    return fitsDouble(node.value) ? Number(node.value) : new DecimalText(node.value);
  if (node.kind === Kind.LIST) return node.values.map((item) => jsonOf(item, variables));
  if (node.kind === Kind.OBJECT)
    return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, jsonOf(value, variables)]));
  return valueFromASTUntyped(node, variables as Record<string, unknown>);
}

function isUnsigned32(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}

function badPayload(name: string): never {
  throw new GatewayError('UPSTREAM_BAD_PAYLOAD', { message: `The source gave a value that is no ${name}.` });
}

function refuse(message: string): never {
  throw new TypeError(message);
}
