import { type GraphQLField, type GraphQLObjectType, type GraphQLResolveInfo, isListType, isNonNullType } from 'graphql';
import type { RequestContext } from '../context.ts';
import type { Model } from './model.ts';
import type { Origins } from './origins.ts';
import type { Perform } from './perform.ts';
import type { OpenUpstream } from './stream.ts';

export type Resolver = (
  parent: unknown,
  args: Record<string, unknown>,
  context: RequestContext,
  info: GraphQLResolveInfo,
) => unknown;

/** A field and what its resolver is made of; one file per kind of field turns it into a resolver. */
export type FieldSite = {
  model: Model;
  origins: Origins;
  perform: Perform;
  openUpstream: OpenUpstream;
  type: GraphQLObjectType;
  field: GraphQLField<unknown, unknown>;
};

/** Whether the field answers a list, below a non-null or not. */
export function isList(field: GraphQLField<unknown, unknown>): boolean {
  return isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
}

type Path = { prev: Path | undefined; key: string | number } | undefined;

/**
 * Where in the operation a value of `type` stands, list positions left out: what may share a call to a GraphQL source. Below one
 * place equal response keys ask for the same, so that selections can be put together.
 */
export function placeOf(path: Path, type: GraphQLObjectType): string {
  const names: string[] = [];
  for (let at = path; at; at = at.prev) if (typeof at.key === 'string') names.push(at.key);
  return `${names.reverse().join('.')} ${type.name}`;
}
