import { type GraphQLField, type GraphQLObjectType, type GraphQLResolveInfo, isListType, isNonNullType } from 'graphql';
import type { RequestContext } from '../context.ts';
import type { CreateLoader } from './loader.ts';
import type { Masks } from './mask.ts';
import type { Model } from './model.ts';
import type { Perform } from './perform.ts';
import type { Planner } from './planner.ts';
import type { Selections } from './selection.ts';
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
  planner: Planner;
  selections: Selections;
  masks: Masks;
  perform: Perform;
  openUpstream: OpenUpstream;
  createLoader: CreateLoader;
  type: GraphQLObjectType;
  field: GraphQLField<unknown, unknown>;
};

/** Whether the field answers a list, below a non-null or not. */
export function isList(field: GraphQLField<unknown, unknown>): boolean {
  return isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
}
