/** What each mutation of a source makes old of what is kept, concluded from its contract. */
import { type FieldDefinitionNode, Kind } from 'graphql';
import type { InvalidationRule } from '../../config/cache-control.ts';
import { namedTypeOf } from '../../lib/ast.ts';
import { directivesNamed } from '../../lib/sdl.ts';
import { findRows } from '../propose/rows.ts';
import { inferRest } from './infer-rest.ts';
import { inferRpc } from './infer-rpc.ts';
import { type InferSource, noted, type Touched } from './touched.ts';

/**
 * By root field of `Mutation`. REST paths are resources: `PUT /users/{id}` changes what `GET /users/{id}` and `GET /users` answer. A
 * gRPC method changes what the service's `Get` and `List` of the same noun answer, a mutation of GraphQL what it answers with. Where nothing
 * can be told, everything that was taken from the source is old: too much rather than too little.
 */
export function inferInvalidations(source: InferSource): ReadonlyMap<string, InvalidationRule> {
  return new Map(source.mutations.map((field) => [field.name.value, inferOne(field, source)]));
}

function inferOne(field: FieldDefinitionNode, source: InferSource): InvalidationRule {
  const infer = directivesNamed(field, 'httpOperation').length > 0 ? inferRest : inferRpc;
  const touched = directivesNamed(field, 'graphqlField').length > 0 ? noted() : infer(field, source);
  const isKnown = !touched.more && touched.entities.length + touched.types.size + touched.lists.size > 0;
  const answered = answeredTypes(field, source);
  const isGraphql = directivesNamed(field, 'graphqlField').length > 0;
  if (!isKnown && !(isGraphql && answered.length > 0)) return { sources: [source.name] };
  // The values themselves are known by the answer; that there are others, or another order of them, is not.
  for (const type of answered) touched.lists.add(type);
  return ruleOf(touched);
}

/** Types of values with an id that the mutation answers with, at the top or one level below (`{ user { … } }`). */
function answeredTypes(field: FieldDefinitionNode, { types, idOf }: InferSource): string[] {
  const rows = findRows(types, field.type, '');
  if (rows && idOf(rows.type) !== undefined) return [rows.type];
  const node = types.get(namedTypeOf(field.type).name.value);
  const below = node?.kind === Kind.OBJECT_TYPE_DEFINITION ? (node.fields ?? []) : [];
  return below.map(({ type }) => namedTypeOf(type).name.value).filter((name) => idOf(name) !== undefined);
}

function ruleOf({ entities, types, lists }: Touched): InvalidationRule {
  const once = new Map(entities.map((entity) => [`${entity.type} ${entity.idFrom}`, entity]));
  // Lists of a type are answers with the type.
  const others = [...lists].filter((type) => !types.has(type));
  return {
    ...(once.size > 0 && { entities: [...once.values()].filter(({ type }) => !types.has(type)) }),
    ...(types.size > 0 && { types: [...types] }),
    ...(others.length > 0 && { lists: others }),
  };
}
