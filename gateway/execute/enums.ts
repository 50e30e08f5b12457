import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { GraphQLEnumType, type GraphQLSchema, isEnumType } from 'graphql';
import { directivesNamed } from '../lib/sdl.ts';

/** The schema with enum values that stand for what is on the wire (`in_transit` ↔ `"in-transit"`), both ways. */
export function attachEnums(schema: GraphQLSchema): GraphQLSchema {
  const mapped = Object.values(schema.getTypeMap()).some(
    (type) => isEnumType(type) && type.getValues().some(({ astNode }) => directivesNamed(astNode, 'enum').length > 0),
  );
  if (!mapped) return schema;
  return mapSchema(schema, {
    [MapperKind.ENUM_TYPE]: (type) => {
      const config = type.toConfig();
      for (const [name, value] of Object.entries(config.values)) {
        const [args] = directivesNamed(value.astNode, 'enum');
        config.values[name] = { ...value, value: args === undefined ? name : JSON.parse(String(args['value'])) };
      }
      return new GraphQLEnumType(config);
    },
  });
}
