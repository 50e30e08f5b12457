/** What a message looks like from outside: the one place where ingest and connector agree on presence, oneofs and enums. */
import protobuf from 'protobufjs';

/**
 * How a field may be absent: `implicit` never is (its default stands for absence), `explicit` is null then, `required` must be
 * there (proto2); lists and maps are empty.
 */
export type Presence = 'implicit' | 'explicit' | 'required' | 'list' | 'map';

/** The property of a oneof's value that says which member is set: no proto can have a field of this name. */
export const CASE = '@case';

/**
 * Presence as the language guides give it (protobuf.dev/programming-guides/field_presence). A field with a declared default is never
 * absent for a reader: it reads as the default.
 */
export function presenceOf(field: protobuf.Field): Presence {
  if (field.map) return 'map';
  if (field.repeated) return 'list';
  if (field.required) return 'required';
  if (messageOf(field)) return 'explicit';
  return field.hasPresence && field.options?.['default'] === undefined ? 'explicit' : 'implicit';
}

/** The oneof a field is a member of; the one that only stands for proto3's `optional` is none. */
export function oneofOf(field: protobuf.Field): protobuf.OneOf | undefined {
  return field.partOf && field.options?.['proto3_optional'] !== true ? field.partOf : undefined;
}

/** The message a field holds, as item or map value too. */
export function messageOf(field: protobuf.Field): protobuf.Type | undefined {
  return field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
}

/** The enum a field holds. */
export function enumOf(field: protobuf.Field): protobuf.Enum | undefined {
  return field.resolvedType instanceof protobuf.Enum ? field.resolvedType : undefined;
}

/** The type of a map's keys. */
export function mapKeyOf(field: protobuf.Field): string {
  return field instanceof protobuf.MapField ? field.keyType : '';
}

/** Whether a message has no fields: all it can say is that it is there. */
export function isFieldless(type: protobuf.Type): boolean {
  return type.fieldsArray.length === 0;
}

/** The name that stands for numbers an enum has no value for; underscores are added where the enum uses it itself. */
export function unrecognizedName(type: protobuf.Enum): string {
  let name = 'UNRECOGNIZED';
  while (Object.hasOwn(type.values, name)) name += '_';
  return name;
}

const SCALARS: Readonly<Record<string, string>> = {
  double: 'Float',
  float: 'Float',
  int32: 'Int',
  sint32: 'Int',
  sfixed32: 'Int',
  uint32: 'UInt32',
  fixed32: 'UInt32',
  int64: 'Int64',
  sint64: 'Int64',
  sfixed64: 'Int64',
  uint64: 'UInt64',
  fixed64: 'UInt64',
  bool: 'Boolean',
  string: 'String',
  bytes: 'Bytes',
};

/** The GraphQL scalar of a protobuf scalar; undefined for names of messages and enums. */
export function scalarOf(type: string): string | undefined {
  return Object.hasOwn(SCALARS, type) ? SCALARS[type] : undefined;
}
