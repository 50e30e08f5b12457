import { type FieldDefinitionNode, Kind, type TypeDefinitionNode } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import { readKeyName } from './key-name.ts';
import { phraseOf, wordsOf } from './phrases.ts';
import { isList } from './rows.ts';
import { type Sort, sortOf } from './sorts.ts';

type Types = ReadonlyMap<string, TypeDefinitionNode>;

/** The field of a row that holds a key. */
export type RowKey = {
  /** Dots reach into objects: `customer.id`. */
  path: string;
  sort: Sort;
  node: FieldDefinitionNode;
  /** Whether the row's type says it has the field; a union cannot, though all its members may. */
  declared: boolean;
};

/** Fields of an object or interface; of a union those that all members have. */
export function fieldsOfRow(types: Types, type: string): readonly FieldDefinitionNode[] {
  const node = types.get(type);
  if (node?.kind === Kind.OBJECT_TYPE_DEFINITION || node?.kind === Kind.INTERFACE_TYPE_DEFINITION)
    return node.fields ?? [];
  if (node?.kind !== Kind.UNION_TYPE_DEFINITION) return [];
  const [first, ...others] = (node.types ?? []).map(({ name }) => fieldsOfRow(types, name.value));
  return (first ?? []).filter((field) =>
    others.every((fields) => fields.some(({ name }) => name.value === field.name.value)),
  );
}

/** A plain value of the row under one of these names, the first that is there; case and convention aside. */
export function findRowKey(types: Types, type: string, names: readonly string[]): RowKey | undefined {
  const fields = fieldsOfRow(types, type);
  const declared = types.get(type)?.kind !== Kind.UNION_TYPE_DEFINITION;
  for (const name of names) {
    const wanted = wordsOf(name).join(' ');
    const node = fields.find((field) => wordsOf(field.name.value).join(' ') === wanted);
    const sort =
      node && !isList(node.type) && takesNothing(node) ? sortOf(namedTypeOf(node.type).name.value) : undefined;
    if (node && sort) return { path: node.name.value, sort, node, declared };
  }
  return undefined;
}

/**
 * Where a row says whose it is: a field that is a key of `phrase` (`customerId`), or the key of an object that is called so
 * (`customer { id }`).
 */
export function findOwnerKey(types: Types, type: string, phrase: string, kind: string): RowKey | undefined {
  const declared = types.get(type)?.kind !== Kind.UNION_TYPE_DEFINITION;
  for (const node of fieldsOfRow(types, type)) {
    const key = readKeyName(node.name.value);
    if (!key || key.phrase !== phrase || key.kind !== kind || !takesNothing(node)) continue;
    const sort = sortOf(namedTypeOf(node.type).name.value);
    if (sort && isList(node.type) === key.many) return { path: node.name.value, sort, node, declared };
  }
  for (const node of fieldsOfRow(types, type)) {
    if (phraseOf(node.name.value) !== phrase || isList(node.type) || !takesNothing(node)) continue;
    const inner = findRowKey(types, namedTypeOf(node.type).name.value, [kind]);
    if (inner?.declared) return { ...inner, path: `${node.name.value}.${inner.path}`, declared };
  }
  return undefined;
}

/** Whether the field can be read without saying more. */
export function takesNothing({ arguments: args }: FieldDefinitionNode): boolean {
  return (args ?? []).every(({ type, defaultValue }) => type.kind !== Kind.NON_NULL_TYPE || defaultValue !== undefined);
}
