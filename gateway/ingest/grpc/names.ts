import protobuf from 'protobufjs';
import { oneofOf } from '../../connect/grpc/shape.ts';
import { pascalCase, uniqueName } from '../../lib/names.ts';
import type { ImportReport } from '../wire.ts';

/** Names of all GraphQL types a contract makes, settled before the first is written: in which order changes nothing. */
export type TypeNames = {
  /** A message as answer, or an enum. */
  output: (type: protobuf.Type | protobuf.Enum) => string;
  input: (type: protobuf.Type) => string;
  /** The union of a oneof, and its one-field members. */
  union: (oneof: protobuf.OneOf) => string;
  member: (field: protobuf.Field) => string;
  oneofInput: (oneof: protobuf.OneOf) => string;
  /** Key and value of a map. */
  entry: (field: protobuf.Field) => string;
  entryInput: (field: protobuf.Field) => string;
  renamed: ImportReport['renamed'];
};

/** What a message cannot be called: GraphQL's own types, and the scalars that stand for protobuf's. */
const RESERVED = new Set([
  ...[
    'Query',
    'Mutation',
    'Subscription',
    'Int',
    'Float',
    'String',
    'Boolean',
    'ID',
    'Int64',
    'UInt64',
    'UInt32',
    'Bytes',
  ],
  ...['JSON', 'Void', 'DateTime', 'Duration', 'FieldMask', 'Date', 'UUID', 'Decimal'],
]);

/** What the methods answer with and what they take: names of other types reach no schema, so nothing is told of them. */
export type Uses = {
  answered: ReadonlySet<protobuf.ReflectionObject>;
  requested: ReadonlySet<protobuf.ReflectionObject>;
};

/**
 * Gives names: the path below the package for what the contract names (`Shipment.Line` → `ShipmentLine`), that and what it stands
 * for else (`ShipmentTarget`, `ShipmentTargetAddress`, `ShipmentLabelsEntry`, `ShipmentInput`). Names the contract wrote win over
 * made ones, those of the top level over those made of nested ones, the team's own packages over Google's.
 */
export function nameAll(types: ReadonlySet<protobuf.Type | protobuf.Enum>, uses: Uses): TypeNames {
  const taken = new Set(RESERVED);
  const names = new Map<string, string>();
  const renamed: ImportReport['renamed'] = [];
  const sorted = [...types].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  for (const type of sorted) {
    const readable = pathOf(type).map(pascalCase).join('');
    const wanted = RESERVED.has(readable)
      ? `${readable}${type instanceof protobuf.Enum ? 'Enum' : 'Message'}`
      : readable;
    const name = uniqueName(wanted, taken);
    names.set(`type ${type.fullName}`, name);
    if (name === readable) continue;
    const reason =
      wanted === readable
        ? `the name is used twice in the contract, so ${type.fullName.slice(1)} gives way`
        : 'GraphQL or the gateway has this name';
    renamed.push({ from: readable, to: name, reason });
  }
  const make = (form: string, object: protobuf.ReflectionObject, wanted: string, isUsed: boolean): void => {
    const name = uniqueName(wanted, taken);
    names.set(`${form} ${object.fullName}`, name);
    const reason = `another type has this name, so what is made for ${object.fullName.slice(1)} gives way`;
    if (name !== wanted && isUsed) renamed.push({ from: wanted, to: name, reason });
  };
  const messages = sorted.filter((type) => type instanceof protobuf.Type);
  const ownName = (type: protobuf.Type): string => names.get(`type ${type.fullName}`) ?? '';
  // Inputs of messages before those of oneofs, which are made of one name more.
  for (const type of messages) make('input', type, `${ownName(type)}Input`, uses.requested.has(type));
  for (const type of messages) {
    const own = ownName(type);
    const [isAnswer, isRequest] = [uses.answered.has(type), uses.requested.has(type)];
    for (const field of type.fieldsArray) {
      const oneof = oneofOf(field);
      const part = pascalCase(field.name.split('.').at(-1) ?? '');
      if (field.map) {
        make('entry', field, `${own}${part}Entry`, isAnswer);
        make('entryInput', field, `${own}${part}EntryInput`, isRequest);
      }
      if (!oneof) continue;
      const union = `${own}${pascalCase(oneof.name)}`;
      if (oneof.fieldsArray[0] === field) {
        make('union', oneof, union, isAnswer);
        make('oneofInput', oneof, `${union}Input`, isRequest);
      }
      make('member', field, `${union}${part}`, isAnswer);
    }
  }
  const get = (form: string) => (object: protobuf.ReflectionObject) => names.get(`${form} ${object.fullName}`) ?? '';
  return {
    output: get('type'),
    input: get('input'),
    union: get('union'),
    member: get('member'),
    oneofInput: get('oneofInput'),
    entry: get('entry'),
    entryInput: get('entryInput'),
    renamed,
  };
}

function rank(type: protobuf.ReflectionObject): string {
  const isGoogle = /^\.google\./.test(type.fullName);
  return `${isGoogle ? 1 : 0}${type.parent instanceof protobuf.Type ? 1 : 0}${type.fullName}`;
}

/** Names from below the package down to the type. */
function pathOf(type: protobuf.Type | protobuf.Enum): string[] {
  const path = [type.name];
  for (let parent = type.parent; parent instanceof protobuf.Type; parent = parent.parent) path.unshift(parent.name);
  return path;
}
