import type { FieldDefinitionNode, TypeDefinitionNode, TypeNode } from 'graphql';
import { Kind } from 'graphql';
import { namedTypeOf, nullable } from '../../lib/ast.ts';
import { readKeyName } from './key-name.ts';
import { BESIDE, INSIDE, LISTS, PAGES } from './page-words.ts';
import { phraseOf, typePhrase, wordsOf } from './phrases.ts';

type Types = ReadonlyMap<string, TypeDefinitionNode>;

/** Where the rows of an answer are. */
export type Rows = {
  /** Type of a row: an object, interface or union. */
  type: string;
  /** Fields that lead to the rows; empty where the answer is the row or the list of them. */
  path: readonly string[];
  many: boolean;
  /** Types on the way, which only wrap. */
  wrappers: readonly string[];
};

const MAX_DEPTH = 3;

/**
 * Finds the rows below an answer's type: the answer itself, its items where it is a list, or what a page wraps (`{ items, total }`,
 * `{ data: {…} }`, `{ customer: {…} }`).
 * @param noun what the operation is known to answer, as a phrase
 * @returns undefined where rows have no fields
 */
export function findRows(types: Types, answer: TypeNode, noun: string): Rows | undefined {
  let type = answer;
  const path: string[] = [];
  const wrappers: string[] = [];
  let many = false;
  for (let depth = 0; depth <= MAX_DEPTH; depth += 1) {
    many ||= isList(type);
    const { value: name } = namedTypeOf(type).name;
    const node = types.get(name);
    if (!node || !isComposite(node)) return undefined;
    const next =
      many || node.kind !== Kind.OBJECT_TYPE_DEFINITION ? undefined : wrapped(node.fields ?? [], name, types, noun);
    if (!next) return many || !looksLikePage(node, name, types) ? { type: name, path, many, wrappers } : undefined;
    path.push(next.name.value);
    wrappers.push(name);
    type = next.type;
  }
  return undefined;
}

export function isList(type: TypeNode): boolean {
  return nullable(type).kind === Kind.LIST_TYPE;
}

function isComposite({ kind }: TypeDefinitionNode): boolean {
  return (
    kind === Kind.OBJECT_TYPE_DEFINITION ||
    kind === Kind.INTERFACE_TYPE_DEFINITION ||
    kind === Kind.UNION_TYPE_DEFINITION
  );
}

/** A page that says more than pages do: neither a thing nor known rows. */
function looksLikePage(node: TypeDefinitionNode, own: string, types: Types): boolean {
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || (node.fields ?? []).some(({ name }) => isOwnKey(name.value, own)))
    return false;
  return (node.fields ?? []).some(({ name, type }) => {
    const inner = types.get(namedTypeOf(type).name.value);
    return isList(type) && PAGES.has(name.value.toLowerCase()) && inner !== undefined && isComposite(inner);
  });
}

/** The one field of a wrapper that holds what was asked for; undefined where the type is no wrapper. */
function wrapped(
  fields: readonly FieldDefinitionNode[],
  own: string,
  types: Types,
  noun: string,
): FieldDefinitionNode | undefined {
  if (fields.some(({ name }) => isOwnKey(name.value, own))) return undefined;
  const holders = fields.filter((field) => holds(field, types, noun));
  const [only, second] = holders;
  if (!only || second) return undefined;
  const others = fields.filter((field) => field !== only);
  return others.every(({ name }) => wordsOf(name.value).every((word) => BESIDE.has(word))) ? only : undefined;
}

function holds({ name, type }: FieldDefinitionNode, types: Types, noun: string): boolean {
  const inner = namedTypeOf(type).name.value;
  const node = types.get(inner);
  if (!node || !isComposite(node)) return false;
  const list = wordsOf(name.value);
  const called = phraseOf(name.value);
  if (called === noun) return true;
  if (!isList(type)) return INSIDE.has(list.join(''));
  return LISTS.has(list.join('')) || !list.every((word) => BESIDE.has(word));
}

/** `id`, or the type's own name and `Id`: what has a key of its own is a thing, and no wrapper. */
function isOwnKey(name: string, own: string): boolean {
  const key = readKeyName(name);
  if (!key || key.many || key.kind === 'number' || key.kind === 'code') return false;
  return key.phrase === '' || key.phrase === typePhrase(own);
}
