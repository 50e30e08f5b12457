/** `google.protobuf.Any` in ProtoJSON form, for messages whose type the descriptors have (protobuf.dev/programming-guides/json). */
import protobuf from 'protobufjs';
import { isRecord } from '../../lib/json.ts';
import { type Convert, enumReader, enumWriter, keyReader, keyWriter, scalarReader } from './scalars.ts';
import { enumOf, mapKeyOf, messageOf } from './shape.ts';
import { StrictReader } from './strict-reader.ts';
import { type WellKnown, wellKnown } from './well-known.ts';

const ANY = '.google.protobuf.Any';
const TYPE = '@type';
const MAX_DEPTH = 50;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** What the schema shows in place of a message: the well-known types, and Any, which needs the other types of its root. */
export function conversionOf(type: protobuf.Type): WellKnown | undefined {
  if (type.fullName !== ANY) return wellKnown(type.fullName);
  const { root } = type;
  return { scalar: 'JSON', read: (message) => readAny(root, message, 0), write: (value) => writeAny(root, value, 0) };
}

/** `{ "@type": …, …fields }`; for a well-known type, or one that is not known, `{ "@type": …, value }`. */
function readAny(root: protobuf.Root, message: unknown, depth: number): unknown {
  const { type_url: url, value } = message as { type_url: string; value: Uint8Array };
  if (url === '') return {};
  const unknown = { [TYPE]: url, value: Buffer.from(value).toString('base64') };
  const type = typeAt(root, url);
  if (!type || depth > MAX_DEPTH) return unknown;
  let inner: protobuf.Message;
  try {
    inner = type.decode(new StrictReader(Buffer.from(value.buffer, value.byteOffset, value.byteLength)));
  } catch {
    return unknown;
  }
  if (conversionOf(type)) return { [TYPE]: url, value: readJson(type, inner, depth + 1) };
  return { [TYPE]: url, ...(readJson(type, inner, depth + 1) as object) };
}

function writeAny(root: protobuf.Root, json: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH || !isRecord(json)) throw new RangeError('not an object with @type');
  const { [TYPE]: url, ...rest } = json;
  if (url === undefined && Object.keys(rest).length === 0) return {};
  if (typeof url !== 'string') throw new RangeError('not an object with @type');
  const type = typeAt(root, url);
  if (type) {
    const plain = writeJson(type, conversionOf(type) ? rest['value'] : rest, depth + 1);
    return { type_url: url, value: type.encode(type.fromObject(plain as Record<string, unknown>)).finish() };
  }
  const { value = '' } = rest;
  if (typeof value !== 'string' || !BASE64.test(value))
    throw new RangeError(`${url} is not known: give its bytes as base64 in value`);
  return { type_url: url, value };
}

/** The name stands after the last slash; what stands before says nothing here. */
function typeAt(root: protobuf.Root, url: string): protobuf.Type | undefined {
  const found = root.lookup(`.${url.slice(url.lastIndexOf('/') + 1)}`, [protobuf.Type]);
  return found instanceof protobuf.Type ? found : undefined;
}

function readJson(type: protobuf.Type, message: unknown, depth: number): unknown {
  if (type.fullName === ANY) return readAny(type.root as protobuf.Root, message, depth);
  const known = wellKnown(type.fullName);
  if (known) return known.read(message);
  const values = message as Record<string, unknown>;
  const entries = type.fieldsArray.flatMap((field): [string, unknown][] => {
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined;
    if (value === null || value === undefined) return [];
    const read = jsonReader(field, depth);
    if (field.map) {
      const key = keyReader(mapKeyOf(field));
      const pairs = Object.entries(value).map(([name, inner]) => [String(key(name)), read(inner)]);
      return [[jsonName(field), Object.fromEntries(pairs)]];
    }
    return [[jsonName(field), Array.isArray(value) ? value.map(read) : read(value)]];
  });
  return Object.fromEntries(entries);
}

function jsonReader(field: protobuf.Field, depth: number): Convert {
  const [message, choice] = [messageOf(field), enumOf(field)];
  if (message) return (value) => readJson(message, value ?? message.create(), depth + 1);
  // Without a name the number stands for itself.
  if (choice) return (value) => (choice.valuesById[value as number] === undefined ? value : enumReader(choice)(value));
  return scalarReader(field.type) ?? ((value) => value);
}

function writeJson(type: protobuf.Type, json: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new RangeError('JSON that is nested too deeply');
  if (type.fullName === ANY) return writeAny(type.root as protobuf.Root, json, depth);
  const known = wellKnown(type.fullName);
  if (known) return known.write(json);
  if (!isRecord(json)) throw new RangeError(`${type.name} is an object`);
  const byName = new Map(
    type.fieldsArray.flatMap(
      (field) =>
        [
          [field.name, field],
          [jsonName(field), field],
        ] as const,
    ),
  );
  const entries = Object.entries(json).flatMap(([name, value]): [string, unknown][] => {
    const field = byName.get(name);
    if (!field) throw new RangeError(`${type.name} has no field ${name}`);
    if (value === null || value === undefined) return [];
    const write = jsonWriter(field, depth);
    if (field.map) {
      if (!isRecord(value)) throw new RangeError(`${name} is an object`);
      const key = keyWriter(mapKeyOf(field));
      const pairs = Object.entries(value).map(([each, inner]) => [key(each === 'true' || each), write(inner)]);
      return [[field.name, Object.fromEntries(pairs)]];
    }
    if (field.repeated && !Array.isArray(value)) throw new RangeError(`${name} is a list`);
    return [[field.name, Array.isArray(value) ? value.map(write) : write(value)]];
  });
  // Without a prototype: protobufjs would read `constructor` off it.
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

function jsonWriter(field: protobuf.Field, depth: number): Convert {
  const [message, choice] = [messageOf(field), enumOf(field)];
  if (message) return (value) => writeJson(message, value, depth + 1);
  if (choice) return (value) => (typeof value === 'number' ? value : enumWriter(choice)(value));
  return (value) => {
    if (typeof value === 'object') throw new RangeError(`${field.name} is a single value`);
    return value;
  };
}

/** lowerCamelCase as protoc derives it; extensions stand in brackets. */
function jsonName(field: protobuf.Field): string {
  if (field.declaringField) return `[${field.name.slice(1)}]`;
  return field.name.replace(/_+(.?)/g, (_all, letter: string) => letter.toUpperCase());
}
