/** Decoded messages → values of the schema, under the names of the .proto. Compiled once per method. */
import type protobuf from 'protobufjs';
import { conversionOf } from './any.ts';
import { type Convert, enumReader, keyReader, scalarReader } from './scalars.ts';
import { CASE, enumOf, isFieldless, mapKeyOf, messageOf, oneofOf, presenceOf } from './shape.ts';

type Values = Readonly<Record<string, unknown>>;
/** Reads one property of the answer; null where it is absent. */
type Part = { name: string; read: (message: Values) => unknown };

/**
 * A reader of messages of one type. What has no presence has its default, what is absent is null, a oneof is
 * `{ '@case': member, [member]: value }`, a map is a list of `{ key, value }`, a message without fields is true.
 */
export function createReader(type: protobuf.Type): Convert {
  return compile(type, new Map());
}

function compile(type: protobuf.Type, done: Map<protobuf.Type, Convert>): Convert {
  const known = done.get(type);
  if (known) return known;
  const conversion = conversionOf(type);
  if (conversion || isFieldless(type)) {
    const read = conversion?.read ?? (() => true);
    done.set(type, read);
    return read;
  }
  const parts: Part[] = [];
  const read: Convert = (message) => {
    const values: Record<string, unknown> = {};
    for (const part of parts) values[part.name] = part.read(message as Values);
    return values;
  };
  // Known before its fields are looked at, so that a type may hold itself.
  done.set(type, read);
  for (const field of type.fieldsArray) {
    if (!oneofOf(field)) parts.push({ name: field.name, read: compileField(field, done) });
  }
  for (const oneof of new Set(type.fieldsArray.map(oneofOf))) if (oneof) parts.push(compileOneof(oneof, done));
  return read;
}

function compileField(field: protobuf.Field, done: Map<protobuf.Type, Convert>): Part['read'] {
  const { name } = field;
  const read = valueReader(field, done);
  switch (presenceOf(field)) {
    case 'map':
      return createMapReader(field, read);
    case 'list':
      return read ? (message) => (message[name] as unknown[]).map(read) : (message) => message[name];
    case 'explicit':
      return (message) => {
        const value = Object.hasOwn(message, name) ? message[name] : null;
        return value === null || value === undefined ? null : read ? read(value) : value;
      };
    default:
      return read ? (message) => read(message[name]) : (message) => message[name];
  }
}

function compileOneof(oneof: protobuf.OneOf, done: Map<protobuf.Type, Convert>): Part {
  const readers = new Map(oneof.fieldsArray.map((field) => [field.name, valueReader(field, done)]));
  return {
    name: oneof.name,
    read: (message) => {
      // A getter of protobufjs: the member that came last.
      const member = message[oneof.name];
      if (typeof member !== 'string') return null;
      const read = readers.get(member);
      return { [CASE]: member, [member]: read ? read(message[member]) : message[member] };
    },
  };
}

/** Reads a single value, an item of a list or the value of a map. */
function valueReader(field: protobuf.Field, done: Map<protobuf.Type, Convert>): Convert | undefined {
  const message = messageOf(field);
  if (message) return compile(message, done);
  const choice = enumOf(field);
  return choice ? enumReader(choice) : scalarReader(field.type);
}

function createMapReader(field: protobuf.Field, read: Convert | undefined): Part['read'] {
  const { name } = field;
  const key = keyReader(mapKeyOf(field));
  const message = messageOf(field);
  return (values) =>
    Object.entries(values[name] as Values).map(([each, inner]) => {
      // An entry may come without its value: then it has the default.
      const present = inner === null && message ? message.create() : inner;
      return { key: key(each), value: read ? read(present) : present };
    });
}
