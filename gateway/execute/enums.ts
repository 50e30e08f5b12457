import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  type GraphQLArgument,
  GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  valueFromAST,
} from 'graphql';
import { directivesNamed } from '../lib/sdl.ts';

/** The schema with enum values that stand for what is on the wire (`in_transit` ↔ `"in-transit"`), both ways. */
export function attachEnums(schema: GraphQLSchema): GraphQLSchema {
  const mapped = Object.values(schema.getTypeMap()).some(
    (type) => isEnumType(type) && type.getValues().some(({ astNode }) => directivesNamed(astNode, 'enum').length > 0),
  );
  if (!mapped) return schema;
  const attached = mapSchema(schema, {
    [MapperKind.ENUM_TYPE]: (type) => {
      const config = type.toConfig();
      for (const [name, value] of Object.entries(config.values)) {
        const [args] = directivesNamed(value.astNode, 'enum');
        config.values[name] = { ...value, value: args === undefined ? name : JSON.parse(String(args['value'])) };
      }
      return new GraphQLEnumType(config);
    },
  });
  readDefaultsAgain(attached);
  return attached;
}

/** Default values were read while enums still stood for their names; those inside of objects keep that meaning otherwise. In place. */
function readDefaultsAgain(schema: GraphQLSchema): void {
  const done = new Set<GraphQLInputObjectType>();
  for (const type of Object.values(schema.getTypeMap())) if (isInputObjectType(type)) settle(type, done);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) for (const arg of field.args) readDefault(arg);
  }
}

/** Inner types first: the default of a field is filled up with the defaults of its type's fields. */
function settle(type: GraphQLInputObjectType, done: Set<GraphQLInputObjectType>): void {
  if (done.has(type)) return;
  done.add(type);
  for (const field of Object.values(type.getFields())) {
    const inner = getNamedType(field.type);
    if (isInputObjectType(inner)) settle(inner, done);
    readDefault(field);
  }
}

function readDefault(input: GraphQLArgument | GraphQLInputField): void {
  const written = input.astNode?.defaultValue;
  if (written) input.defaultValue = valueFromAST(written, input.type);
}
