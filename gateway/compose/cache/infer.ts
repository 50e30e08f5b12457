/** What each mutation of a source makes old of what is kept, concluded from its contract. */
import { type FieldDefinitionNode, Kind, type TypeDefinitionNode } from 'graphql';
import type { InvalidationRule } from '../../config/cache-control.ts';
import { namedTypeOf } from '../../lib/ast.ts';
import { directivesNamed } from '../../lib/sdl.ts';
import { findRows } from '../propose/rows.ts';
import { inferRest } from './infer-rest.ts';
import { inferRpc } from './infer-rpc.ts';

/** A source as it is concluded from: its root fields and types in unified names, and which field tells values of a type apart. */
export type InferSource = {
  name: string;
  queries: readonly FieldDefinitionNode[];
  mutations: readonly FieldDefinitionNode[];
  types: ReadonlyMap<string, TypeDefinitionNode>;
  idOf: (type: string) => string | undefined;
};

/** Things that a mutation touches; what is left empty it does not touch. */
export type Touched = {
  entities: { type: string; idFrom: string }[];
  types: Set<string>;
  lists: Set<string>;
  /** Whether something is touched that no type stands for: a read that answers plain JSON. */
  more: boolean;
};

export type Infer = (field: FieldDefinitionNode, source: InferSource) => Touched;

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

export function noted(): Touched {
  return { entities: [], types: new Set(), lists: new Set(), more: false };
}

/** Notes what a read answers; the rows of a list come and go with every change. */
export function noteRead(
  touched: Touched,
  read: FieldDefinitionNode,
  { types }: InferSource,
  /** The argument that holds the id, where the read answers the one value that has it. */
  keyed: (type: string) => string | undefined,
): void {
  const rows = findRows(types, read.type, '');
  if (!rows) {
    touched.more = true;
    return;
  }
  const idFrom = rows.many ? undefined : keyed(rows.type);
  if (idFrom !== undefined) touched.entities.push({ type: rows.type, idFrom });
  else if (!rows.many) touched.types.add(rows.type);
  touched.lists.add(rows.type);
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
