import { MapperKind, mapSchema } from '@graphql-tools/utils';
import type { GraphQLSchema } from 'graphql';

/**
 * The schema as the plugin is shown it. It knows one list of names of id fields for all types and takes the first of them that a
 * type has, so that `customerId` could become the id of an order: here every type has no field of these names but its own.
 *
 * @param ids field that tells values apart, by type
 */
export function shownSchema(schema: GraphQLSchema, ids: ReadonlyMap<string, string>): GraphQLSchema {
  const names = new Set(ids.values());
  return mapSchema(schema, {
    [MapperKind.COMPOSITE_FIELD]: (config, field, type) =>
      names.has(field) && ids.get(type) !== field ? null : config,
  });
}
