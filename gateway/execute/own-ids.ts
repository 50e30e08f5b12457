import { type GraphQLObjectType, isInterfaceType, isObjectType } from 'graphql';
import { directivesNamed } from '../lib/sdl.ts';
import type { Model } from './model.ts';

/** By which field values of a type are told apart. */
export type OwnIds = {
  /** By type, objects and interfaces: those that may be asked for beside what a client asks for. */
  readonly fields: ReadonlyMap<string, string>;
  /** Whether a value of the type may be in an answer without anybody being able to tell which one it is. */
  mayHide(type: GraphQLObjectType, isNamed: boolean): boolean;
};

/**
 * What `@entityId` says of objects, and for interfaces the field that all their objects agree on. An id that not everybody may ask for
 * is asked for by nobody in the client's place.
 */
export function ownIdsOf({ schema, requirements }: Pick<Model, 'schema' | 'requirements'>): OwnIds {
  const fields = new Map<string, string>();
  const declared = new Set<string>();
  const types = Object.values(schema.getTypeMap());
  for (const type of types.filter(isObjectType)) {
    const id = Object.values(type.getFields()).find(({ astNode }) => directivesNamed(astNode, 'entityId').length > 0);
    if (!id) continue;
    declared.add(type.name);
    if (!requirements.isGuarded(type, id)) fields.set(type.name, id.name);
  }
  for (const type of types.filter(isInterfaceType)) {
    const members = schema.getPossibleTypes(type).filter(({ name }) => declared.has(name));
    const [only, second] = new Set(members.map(({ name }) => fields.get(name)));
    if (
      only !== undefined &&
      second === undefined &&
      members.every(({ name }) => fields.has(name)) &&
      type.getFields()[only]
    )
      fields.set(type.name, only);
  }
  return {
    fields,
    mayHide: (type, isNamed) =>
      declared.has(type.name) &&
      (!fields.has(type.name) || (!isNamed && type.getInterfaces().some(({ name }) => !fields.has(name)))),
  };
}
