import { type GraphQLField, type GraphQLObjectType, type GraphQLResolveInfo, type GraphQLSchema, isAbstractType, isInterfaceType, isListType, isNonNullType, isObjectType, isUnionType } from 'graphql';
import type { RequestContext } from '../context.ts';
import { createTypeResolver } from './abstract.ts';
import { createCall } from './call.ts';
import { createEntityField } from './entity.ts';
import { createJoin } from './join.ts';
import { fieldSources, type Model, readJoin } from './model.ts';
import { createOrigins, type Origins } from './origins.ts';
import type { Perform } from './perform.ts';
import { createProperty } from './property.ts';

export type Resolver = (parent: unknown, args: Record<string, unknown>, context: RequestContext, info: GraphQLResolveInfo) => unknown;

/** The kinds a field of the unified schema can be of; decided once, when the generation is built. */
export type FieldKind = 'call' | 'join' | 'entity' | 'property';

export type FieldSite = { model: Model; origins: Origins; perform: Perform; type: GraphQLObjectType; field: GraphQLField<unknown, unknown> };

/** Gives every field of the schema its resolver and every abstract type its way to tell members apart. In place. */
export function attachResolvers(schema: GraphQLSchema, model: Model, perform: Perform): void {
  const origins = createOrigins(model);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isAbstractType(type)) {
      const resolveType = createTypeResolver(model, type);
      if (isUnionType(type) || isInterfaceType(type)) type.resolveType = resolveType;
    }
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const site: FieldSite = { model, origins, perform, type, field };
      field.resolve = RESOLVERS[kindOf(site)](site) as NonNullable<typeof field.resolve>;
    }
  }
}

const RESOLVERS: Readonly<Record<FieldKind, (site: FieldSite) => Resolver>> = {
  call: createCall,
  join: createJoin,
  entity: createEntityField,
  property: createProperty,
};

export function kindOf({ model, type, field }: Pick<FieldSite, 'model' | 'type' | 'field'>): FieldKind {
  if (type === model.schema.getQueryType() || type === model.schema.getMutationType()) return 'call';
  if (readJoin(field)) return 'join';
  const sources = fieldSources(field);
  return sources.length > 0 && sources.length < model.ownersOf(type.name).length ? 'entity' : 'property';
}

/** Whether the field answers a list, below a non-null or not. */
export function isList(field: GraphQLField<unknown, unknown>): boolean {
  return isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
}

