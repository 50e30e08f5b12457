import {
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { directivesNamed } from '../lib/sdl.ts';

/**
 * The field that tells values of a type apart, by type: what `@entityId` says of objects, and for interfaces the one that all their
 * objects agree on.
 */
export function ownIdsOf(schema: GraphQLSchema): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const types = Object.values(schema.getTypeMap());
  for (const type of types.filter(isObjectType)) {
    const field = Object.values(type.getFields()).find(
      ({ astNode }) => directivesNamed(astNode, 'entityId').length > 0,
    );
    if (field) ids.set(type.name, field.name);
  }
  for (const type of types.filter(isInterfaceType)) {
    const found = new Set(schema.getPossibleTypes(type).flatMap(({ name }) => ids.get(name) ?? []));
    const [only, second] = found;
    if (only !== undefined && second === undefined && type.getFields()[only]) ids.set(type.name, only);
  }
  return ids;
}

/** Whether a value of the type may be selected through an interface that does not tell which one it is. */
export function mayHideId(type: GraphQLObjectType, ids: ReadonlyMap<string, string>): boolean {
  return ids.has(type.name) && type.getInterfaces().some(({ name }: GraphQLInterfaceType) => !ids.has(name));
}
