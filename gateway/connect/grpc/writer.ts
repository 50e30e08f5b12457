/** Values of the schema, under the names of the .proto → what `fromObject` of protobufjs takes. Compiled once per method. */
import type protobuf from 'protobufjs';
import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';
import { camelCase } from '../../lib/names.ts';
import { conversionOf } from './any.ts';
import { type Convert, enumWriter, keyWriter } from './scalars.ts';
import { enumOf, isFieldless, mapKeyOf, messageOf, oneofOf } from './shape.ts';

/** Writes one property of the input into the object for protobufjs. */
type Part = (input: Readonly<Record<string, unknown>>, plain: Record<string, unknown>) => void;

/**
 * A writer of messages of one type: the inverse of the reader, but that a oneof is an object of one member. What is null is not
 * sent. Throws RangeError for what makes no message (text that is no time, a name that is no value of its enum), GatewayError
 * BAD_REQUEST where a sentence says what to write instead.
 */
export function createWriter(type: protobuf.Type): Convert {
  return compile(type, new Map());
}

function compile(type: protobuf.Type, done: Map<protobuf.Type, Convert>): Convert {
  const known = done.get(type);
  if (known) return known;
  const conversion = conversionOf(type);
  if (conversion || isFieldless(type)) {
    const write = conversion?.write ?? (() => Object.create(null));
    done.set(type, write);
    return write;
  }
  const parts: Part[] = [];
  const write: Convert = (input) => {
    if (!isRecord(input)) throw new RangeError(`${type.name} is an object`);
    // Without a prototype: protobufjs would read `constructor` off it.
    const plain: Record<string, unknown> = Object.create(null);
    for (const part of parts) part(input, plain);
    return plain;
  };
  // Known before its fields are looked at, so that a type may hold itself.
  done.set(type, write);
  for (const field of type.fieldsArray) if (!oneofOf(field)) parts.push(compileField(field, done));
  for (const oneof of new Set(type.fieldsArray.map(oneofOf))) if (oneof) parts.push(compileOneof(oneof, done));
  return write;
}

function compileField(field: protobuf.Field, done: Map<protobuf.Type, Convert>, oneof?: protobuf.OneOf): Part {
  const { name } = field;
  const message = messageOf(field);
  const write = valueWriter(field, done);
  const key = field.map ? keyWriter(mapKeyOf(field)) : undefined;
  const takesNull = !field.repeated && !field.map && message !== undefined && conversionOf(message)?.takesNull === true;
  const isFlag = message !== undefined && !conversionOf(message) && isFieldless(message);
  return (input, plain) => {
    const value = Object.hasOwn(input, name) ? input[name] : undefined;
    if (value === undefined || (value === null && !takesNull) || (value === false && isFlag && !oneof)) return;
    if (isFlag) refuseFalse(field, value, oneof);
    if (key) plain[name] = writeMap(value, key, write);
    else if (field.repeated) plain[name] = write ? (value as unknown[]).map(write) : value;
    else plain[name] = write ? write(value) : value;
  };
}

/**
 * A message without fields is a flag, and false is the same as nothing. Where nothing cannot be said it is refused, since true would
 * be sent for it.
 */
function refuseFalse(field: protobuf.Field, value: unknown, oneof: protobuf.OneOf | undefined): void {
  const name = camelCase(field.name.split('.').at(-1) ?? '');
  if (field.map && (value as { value: unknown }[]).some((entry) => entry.value === false))
    throw falseRefused(`a value of ${name}`, 'leave the entry out');
  if (field.repeated && (value as unknown[]).includes(false))
    throw falseRefused(`an item of ${name}`, 'leave the item out');
  if (oneof && value === false)
    throw falseRefused(name, `choose another member, or leave ${camelCase(oneof.name)} out`);
}

/** The error for a flag that cannot be false: what it is, and what to do when it is not to be sent. */
export function falseRefused(what: string, remedy: string): GatewayError {
  const message = `The message of ${what} has no fields, so it cannot be false: write true to send it, else ${remedy}.`;
  return new GatewayError('BAD_REQUEST', { message });
}

function compileOneof(oneof: protobuf.OneOf, done: Map<protobuf.Type, Convert>): Part {
  const parts = oneof.fieldsArray.map((field) => compileField(field, done, oneof));
  return (input, plain) => {
    const members = Object.hasOwn(input, oneof.name) ? input[oneof.name] : undefined;
    if (isRecord(members)) for (const part of parts) part(members, plain);
  };
}

function valueWriter(field: protobuf.Field, done: Map<protobuf.Type, Convert>): Convert | undefined {
  const message = messageOf(field);
  if (message) return compile(message, done);
  const choice = enumOf(field);
  return choice && enumWriter(choice);
}

function writeMap(value: unknown, key: (key: unknown) => string, write: Convert | undefined): unknown {
  const entries = (value as { key: unknown; value: unknown }[]).map((entry): [string, unknown] => {
    return [key(entry.key), write ? write(entry.value) : entry.value];
  });
  return Object.fromEntries(entries);
}
