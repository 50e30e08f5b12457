import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql';
import protobuf from 'protobufjs';
import { conversionOf } from '../../connect/grpc/any.ts';
import {
  CASE,
  enumOf,
  isFieldless,
  mapKeyOf,
  messageOf,
  oneofOf,
  presenceOf,
  scalarOf,
} from '../../connect/grpc/shape.ts';
import { nonNull, stringNode } from '../../lib/ast.ts';
import { camelCase, uniqueName } from '../../lib/names.ts';
import { directiveNode, nameNode } from '../../lib/sdl.ts';
import { isDeprecated } from './contract.ts';
import type { TypeNames } from './names.ts';

export type TypeWriter = {
  source: string;
  names: TypeNames;
};

/** The types of one message: as answer and as input, with what its oneofs and maps need. */
export function messageTypes(type: protobuf.Type, writer: TypeWriter): TypeDefinitionNode[] {
  const { names } = writer;
  const description = describe(type.comment);
  const shared = { ...description, name: nameNode(names.output(type)), fields: outputFields(type, writer) };
  const input = { ...description, name: nameNode(names.input(type)), fields: inputFields(type, writer) };
  return [
    { kind: Kind.OBJECT_TYPE_DEFINITION, ...shared },
    { kind: Kind.INPUT_OBJECT_TYPE_DEFINITION, ...input },
    ...type.fieldsArray.filter(({ map }) => map).flatMap((field) => entryTypes(field, writer)),
    ...oneofsOf(type).flatMap((oneof) => oneofTypes(oneof, writer)),
  ];
}

/** The type a message has in answers. */
export function outputName(type: protobuf.Type, { names }: TypeWriter): string {
  return conversionOf(type)?.scalar ?? (isFieldless(type) ? 'Boolean' : names.output(type));
}

/** The type a message has in arguments. */
export function inputName(type: protobuf.Type, { names }: TypeWriter): string {
  return conversionOf(type)?.scalar ?? (isFieldless(type) ? 'Boolean' : names.input(type));
}

export function typeNode(name: string): TypeNode {
  return { kind: Kind.NAMED_TYPE, name: nameNode(name) };
}

export function listNode(type: TypeNode): TypeNode {
  return { kind: Kind.LIST_TYPE, type };
}

export function describe(comment: string | null): { description?: ReturnType<typeof stringNode> } {
  return comment === null || comment === '' || comment === undefined ? {} : { description: stringNode(comment) };
}

export function deprecation(deprecated: boolean): ConstDirectiveNode[] {
  return deprecated ? [directiveNode('deprecated', { reason: 'Deprecated by the contract.' })] : [];
}

function outputFields(type: protobuf.Type, writer: TypeWriter): FieldDefinitionNode[] {
  const taken = new Set<string>();
  return slotsOf(type).map((slot): FieldDefinitionNode => {
    const type = slot instanceof protobuf.OneOf ? typeNode(writer.names.union(slot)) : outputType(slot, writer);
    return { kind: Kind.FIELD_DEFINITION, ...head(slot, writer, taken), type };
  });
}

function inputFields(type: protobuf.Type, writer: TypeWriter): InputValueDefinitionNode[] {
  const taken = new Set<string>();
  return slotsOf(type).map((slot): InputValueDefinitionNode => {
    const type = slot instanceof protobuf.OneOf ? typeNode(writer.names.oneofInput(slot)) : inputType(slot, writer);
    return withoutNeededDeprecation({ kind: Kind.INPUT_VALUE_DEFINITION, ...head(slot, writer, taken), type });
  });
}

/** Fields in the order of the contract, a oneof in the place of its first member. */
function slotsOf(type: protobuf.Type): (protobuf.Field | protobuf.OneOf)[] {
  return [...new Set(type.fieldsArray.map((field) => oneofOf(field) ?? field))];
}

function oneofsOf(type: protobuf.Type): protobuf.OneOf[] {
  return slotsOf(type).filter((slot) => slot instanceof protobuf.OneOf);
}

/** Name, text and wire mapping of a field; extensions are known on the wire by their full name. */
function head(
  slot: protobuf.Field | protobuf.OneOf,
  { source }: TypeWriter,
  taken: Set<string>,
): Pick<FieldDefinitionNode, 'name' | 'directives' | 'description'> {
  const wire = slot.name;
  const name = uniqueName(camelCase(wire.split('.').at(-1) ?? wire), taken);
  const mapping = name === wire ? [] : [directiveNode('resolveRootField', { subgraph: source, field: wire })];
  const comment =
    slot instanceof protobuf.Field ? (slot.comment ?? slot.declaringField?.comment ?? null) : slot.comment;
  return { name: nameNode(name), directives: [...mapping, ...deprecation(isDeprecated(slot))], ...describe(comment) };
}

function outputType(field: protobuf.Field, writer: TypeWriter): TypeNode {
  const presence = presenceOf(field);
  if (presence === 'map') return nonNull(listNode(nonNull(typeNode(writer.names.entry(field)))));
  if (presence === 'list') return nonNull(listNode(presentType(field, writer)));
  return presence === 'explicit' ? typeNode(outputValue(field, writer)) : nonNull(typeNode(outputValue(field, writer)));
}

/** Nothing has to be given, but what proto2 calls required; messages that require themselves could never be written then. */
function inputType(field: protobuf.Field, writer: TypeWriter): TypeNode {
  const presence = presenceOf(field);
  if (presence === 'map') return listNode(nonNull(typeNode(writer.names.entryInput(field))));
  const type = typeNode(inputValue(field, writer));
  if (presence === 'list') return listNode(takesNull(field) ? type : nonNull(type));
  return presence === 'required' && !messageOf(field) ? nonNull(type) : type;
}

/** A value that is there: null only where null is a value, as in `google.protobuf.Value`. */
function presentType(field: protobuf.Field, writer: TypeWriter): TypeNode {
  const type = typeNode(outputValue(field, writer));
  return takesNull(field) ? type : nonNull(type);
}

function takesNull(field: protobuf.Field): boolean {
  const message = messageOf(field);
  return message !== undefined && conversionOf(message)?.takesNull === true;
}

function outputValue(field: protobuf.Field, writer: TypeWriter): string {
  const [message, choice] = [messageOf(field), enumOf(field)];
  if (message) return outputName(message, writer);
  return choice ? writer.names.output(choice) : (scalarOf(field.type) ?? 'JSON');
}

function inputValue(field: protobuf.Field, writer: TypeWriter): string {
  const message = messageOf(field);
  return message ? inputName(message, writer) : outputValue(field, writer);
}

function entryTypes(field: protobuf.Field, writer: TypeWriter): TypeDefinitionNode[] {
  const key = nonNull(typeNode(scalarOf(mapKeyOf(field)) ?? 'String'));
  const value = typeNode(inputValue(field, writer));
  return [
    {
      kind: Kind.OBJECT_TYPE_DEFINITION,
      name: nameNode(writer.names.entry(field)),
      fields: [
        { kind: Kind.FIELD_DEFINITION, name: nameNode('key'), type: key },
        { kind: Kind.FIELD_DEFINITION, name: nameNode('value'), type: presentType(field, writer) },
      ],
    },
    {
      kind: Kind.INPUT_OBJECT_TYPE_DEFINITION,
      name: nameNode(writer.names.entryInput(field)),
      fields: [
        { kind: Kind.INPUT_VALUE_DEFINITION, name: nameNode('key'), type: key },
        { kind: Kind.INPUT_VALUE_DEFINITION, name: nameNode('value'), type: takesNull(field) ? value : nonNull(value) },
      ],
    },
  ];
}

/** A union of types of one field each, and an input that takes exactly one of them. */
function oneofTypes(oneof: protobuf.OneOf, writer: TypeWriter): TypeDefinitionNode[] {
  const { source, names } = writer;
  const members = oneof.fieldsArray.map((field): TypeDefinitionNode => {
    const inner = {
      kind: Kind.FIELD_DEFINITION,
      ...head(field, writer, new Set()),
      type: presentType(field, writer),
    } as const;
    return { kind: Kind.OBJECT_TYPE_DEFINITION, name: nameNode(names.member(field)), fields: [inner] };
  });
  const mapping = oneof.fieldsArray.map((field) => [field.name, names.member(field)]);
  const taken = new Set<string>();
  return [
    {
      kind: Kind.UNION_TYPE_DEFINITION,
      ...describe(oneof.comment),
      name: nameNode(names.union(oneof)),
      directives: [directiveNode('discriminator', { subgraph: source, field: CASE, mapping })],
      types: members.map(({ name }) => ({ kind: Kind.NAMED_TYPE, name })),
    },
    ...members,
    {
      kind: Kind.INPUT_OBJECT_TYPE_DEFINITION,
      ...describe(oneof.comment),
      name: nameNode(names.oneofInput(oneof)),
      directives: [directiveNode('oneOf', {})],
      fields: oneof.fieldsArray.map((field) => ({
        kind: Kind.INPUT_VALUE_DEFINITION,
        ...head(field, writer, taken),
        type: typeNode(inputValue(field, writer)),
      })),
    },
  ];
}

/** GraphQL takes no deprecation of what must be given (spec §3.13.3). */
function withoutNeededDeprecation(node: InputValueDefinitionNode): InputValueDefinitionNode {
  if (node.type.kind !== Kind.NON_NULL_TYPE) return node;
  return { ...node, directives: (node.directives ?? []).filter(({ name }) => name.value !== 'deprecated') };
}
