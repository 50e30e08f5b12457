/** What a mutation touches, and how reading operations tell. */
import type { FieldDefinitionNode, TypeDefinitionNode } from 'graphql';
import { findRows } from '../propose/rows.ts';

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
