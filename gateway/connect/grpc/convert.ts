/** Conversions of whole messages, made once per method; undefined where nothing in the message needs any. */
import { type GraphQLOutputType, getNamedType, isLeafType, isObjectType } from 'graphql';
import protobuf from 'protobufjs';
import { isRecord } from '../../lib/json.ts';
import { wireNameOf } from '../input.ts';
import { type Convert, wellKnown } from './well-known.ts';

type Part = { name: string; map: boolean; convert: Convert };

/** A reader of messages: well-known types become plain values where the schema shows a scalar. */
export function createReader(type: protobuf.Type, output: GraphQLOutputType, source: string): Convert | undefined {
  const done = new Map<string, Convert | undefined>();
  const compile = (message: protobuf.Type, shown: GraphQLOutputType): Convert | undefined => {
    const named = getNamedType(shown);
    if (isLeafType(named)) return wellKnown(message.fullName)?.read;
    if (!isObjectType(named)) return undefined;
    return compileOnce(done, `${message.fullName} ${named.name}`, (parts) => {
      for (const field of Object.values(named.getFields())) {
        const own = message.fields[wireNameOf(field, source)];
        const convert = own && messageOf(own) && compile(messageOf(own) as protobuf.Type, field.type);
        if (own && convert) parts.push({ name: own.name, map: own.map, convert });
      }
    });
  };
  return compile(type, output);
}

/** A writer of messages: plain values become well-known types, and lists of key and value become maps. */
export function createWriter(type: protobuf.Type): Convert | undefined {
  const done = new Map<string, Convert | undefined>();
  const compile = (message: protobuf.Type): Convert | undefined =>
    wellKnown(message.fullName)?.write ??
    compileOnce(done, message.fullName, (parts) => {
      for (const field of message.fieldsArray) {
        const inner = messageOf(field);
        const convert = inner && compile(inner);
        if (field.map) parts.push({ name: field.name, map: true, convert: convert ?? ((value) => value) });
        else if (convert) parts.push({ name: field.name, map: false, convert });
      }
    });
  return compile(type);
}

/** Every type once: one that holds itself finds its own converter, one that needs none is known to need none. */
function compileOnce(
  done: Map<string, Convert | undefined>,
  key: string,
  fill: (parts: Part[]) => void,
): Convert | undefined {
  if (done.has(key)) return done.get(key);
  const parts: Part[] = [];
  done.set(key, (value) => (isRecord(value) ? convertParts(value, parts) : value));
  fill(parts);
  if (parts.length === 0) done.set(key, undefined);
  return done.get(key);
}

function convertParts(value: Record<string, unknown>, parts: readonly Part[]): Record<string, unknown> {
  const converted = { ...value };
  for (const { name, map, convert } of parts) {
    const inner = value[name];
    if (inner === null || inner === undefined) continue;
    if (map) converted[name] = convertMap(inner, convert);
    else converted[name] = Array.isArray(inner) ? inner.map(convert) : convert(inner);
  }
  return converted;
}

function convertMap(value: unknown, convert: Convert): unknown {
  const entries = Array.isArray(value)
    ? value.filter(isRecord).map((entry): [string, unknown] => [String(entry['key']), entry['value']])
    : isRecord(value)
      ? Object.entries(value)
      : [];
  return Object.fromEntries(entries.map(([key, inner]) => [key, convert(inner)]));
}

function messageOf(field: protobuf.Field): protobuf.Type | undefined {
  const { resolvedType } = field.resolve();
  return resolvedType instanceof protobuf.Type ? resolvedType : undefined;
}
