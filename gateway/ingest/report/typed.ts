import { type DocumentNode, Kind, type TypeNode } from 'graphql';
import { isRootType, namedTypeOf } from '../../lib/ast.ts';
import type { Typing } from '../wire.ts';

export type TypedOptions = {
  /** Whether a scalar stands for what has no type of its own. */
  isJson: (scalar: string) => boolean;
  /** Root fields whose contract does not say what they answer. */
  untold: ReadonlySet<string>;
};

/** Counts what of a source schema has a type: answers of root fields, their arguments, and the fields of all types and inputs. */
export function countTyped(document: DocumentNode, { isJson, untold }: TypedOptions): Typing {
  const typing: Typing = {
    answers: { all: 0, typed: 0 },
    arguments: { all: 0, typed: 0 },
    fields: { all: 0, typed: 0 },
  };
  const count = (part: keyof Typing, type: TypeNode, isTold = true): void => {
    typing[part].all += 1;
    if (isTold && !isJson(namedTypeOf(type).name.value)) typing[part].typed += 1;
  };
  for (const node of document.definitions) {
    if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      for (const { type } of node.fields ?? []) count('fields', type);
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const isRoot = isRootType(node);
    for (const field of node.fields ?? []) {
      count(isRoot ? 'answers' : 'fields', field.type, !isRoot || !untold.has(field.name.value));
      for (const { type } of field.arguments ?? []) count(isRoot ? 'arguments' : 'fields', type);
    }
  }
  return typing;
}
