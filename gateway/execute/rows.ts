import {
  type GraphQLOutputType,
  getArgumentValues,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { isRecord } from '../lib/json.ts';
import { isKeyOf, keyPathsOf } from './key-arguments.ts';
import type { Model } from './model.ts';
import type { PlanNode } from './plan.ts';
import { type ListSize, listSizeOf } from './weights.ts';

/** Rows of a list of which nothing is known. */
export const ASSUMED_ROWS = 10;
/** Arguments that bound a list, in the spellings that contracts use. */
const SLICING = /^(first|last|limit|top|take|size|count|page_?size|per_?page|max_?results|maxItems)$/i;
/** Arguments that hold keys, of the rows themselves or of what they belong to. */
const KEYS = /(^|[a-z_])(ids|keys)$/i;

type Variables = Readonly<Record<string, unknown>>;
/** Lengths of lists below a field, by name of the field there, where `@listSize(sizedFields)` says them. */
export type Sizes = ReadonlyMap<string, number>;

/**
 * How many values a field gives for one parent: what `@listSize` says, else what its arguments say, else a guess; lists in lists
 * multiply. Of arguments that tell different lengths the largest counts: which of them the source goes by nobody knows.
 *
 * @param above what `@listSize` of the parent's field says
 */
export function rowsOf(model: Model, node: PlanNode, variables: Variables, above?: Sizes): number {
  const depth = listDepth(node.field.type);
  if (depth === 0) return 1;
  const size = listSizeOf(node.field);
  const own = size && size.sizedFields.length === 0 ? sizeBy(size, argumentsOf(node, variables)) : undefined;
  const rows = above?.get(node.field.name) ?? own ?? askedFor(model, node, variables);
  return rows * ASSUMED_ROWS ** (depth - 1);
}

/**
 * What a field says of the lists below it: by `@listSize(sizedFields)`; else what its arguments ask for is as long as the one list of an
 * object that is a page of it.
 */
export function sizesBelow(node: PlanNode, variables: Variables): Sizes | undefined {
  const size = listSizeOf(node.field);
  if (!size) {
    const list = listDepth(node.field.type) === 0 ? onlyListOf(node.field.type) : undefined;
    const rows = list === undefined ? undefined : pageOf(node, variables);
    return list === undefined || rows === undefined ? undefined : new Map([[list, rows]]);
  }
  if (size.sizedFields.length === 0) return undefined;
  const rows = sizeBy(size, argumentsOf(node, variables));
  return new Map(size.sizedFields.map((name) => [name, rows]));
}

/** An argument that says how long a list gets, or holds keys: its path, and how many. */
export type PageSize = { readonly argument: string; readonly size: number };

/** All of a field, in inputs too. */
export function pageSizesOf(model: Model, node: PlanNode, variables: Variables): PageSize[] {
  const found: PageSize[] = [];
  const values = argumentsOf(node, variables);
  const look = (name: string, value: unknown, path: string): void => {
    if (isRecord(value)) for (const [key, inner] of Object.entries(value)) look(key, inner, `${path}.${key}`);
    const size = countOf(name, value);
    if (size !== undefined) found.push({ argument: path, size });
  };
  for (const [name, value] of Object.entries(values)) look(name, value, name);
  const isFound = (path: readonly string[]): boolean => found.some(({ argument }) => argument === path.join('.'));
  const keys = keyPathsOf(model, node).filter((path) => !isFound(path));
  for (const path of [...(listSizeOf(node.field)?.slicingArguments ?? []), ...keys]) {
    const size = asSize(at(values, path));
    if (size !== undefined) found.push({ argument: path.join('.'), size });
  }
  return found;
}

/** Names of slicing arguments of which exactly one had to be given, and was not (§8.4); undefined when all is well. */
export function unslicedBy(node: PlanNode, variables: Variables): readonly string[] | undefined {
  const size = listSizeOf(node.field);
  if (!size || size.slicingArguments.length === 0 || !size.requireOneSlicingArgument) return undefined;
  const values = argumentsOf(node, variables);
  const written = writtenIn(node);
  const present = size.slicingArguments.filter((path) => at(values, path) != null);
  const given = present.filter(([name = '']) => written.has(name));
  // A default counts when nothing else was given.
  const isOne = given.length === 1 || (given.length === 0 && present.length > 0);
  return isOne ? undefined : size.slicingArguments.map((path) => path.join('.'));
}

/** Arguments as far as they are known: what cannot be read is left to execution to refuse. */
export function argumentsOf({ field, nodes }: PlanNode, variables: Variables): Record<string, unknown> {
  const [node] = nodes;
  if (!node || field.args.length === 0) return {};
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    return {};
  }
}

function listDepth(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return listDepth(type.ofType);
  return isListType(type) ? 1 + listDepth(type.ofType) : 0;
}

/** The largest of the slicing arguments (§8.2), else the assumed size. */
function sizeBy({ slicingArguments, assumedSize }: ListSize, values: Readonly<Record<string, unknown>>): number {
  const sizes = slicingArguments.flatMap((path) => asSize(at(values, path)) ?? []);
  return sizes.length > 0 ? Math.max(...sizes) : (assumedSize ?? ASSUMED_ROWS);
}

/**
 * What arguments say: those that ask for a page, and keys of the rows themselves, which count in place of a page that the contract sets
 * by default. Other keys are of what rows belong to: how many rows each has nobody knows. Nor does a page of 0 say anything.
 */
function askedFor(model: Model, node: PlanNode, variables: Variables): number {
  const values = argumentsOf(node, variables);
  const written = writtenIn(node);
  const counts = countsIn(values);
  const pages = counts.filter(({ isPage }) => isPage);
  const lists = counts.filter(({ isPage }) => !isPage);
  const named = lists.flatMap(({ key, size }) => (isKeyOf(model, node, key) ? [size] : []));
  const own = [...named, ...keyPathsOf(model, node).map((path) => asSize(at(values, path)) ?? 0)].filter(
    (size) => size > 0,
  );
  const isPaged = own.length === 0 || pages.some(({ name }) => written.has(name));
  const said = [...own, ...(isPaged ? pages.map(({ size }) => size) : [])];
  if (said.length > 0) return Math.max(...said);
  return Math.max(ASSUMED_ROWS, ...lists.map(({ size }) => size));
}

/** An argument that counts something, or a key of an input object that is one. */
type Count = { name: string; key: string; size: number; isPage: boolean };

/** Arguments that count something, those in an input object among them. */
function countsIn(values: Readonly<Record<string, unknown>>): Count[] {
  const all = Object.entries(values).flatMap(([name, value]) =>
    isRecord(value)
      ? Object.entries(value).map(([inner, held]) => ({ name, key: inner, value: held }))
      : { name, key: name, value },
  );
  return all.flatMap(({ name, key, value }) => {
    const size = countOf(key, value) ?? 0;
    return size > 0 ? [{ name, key, size, isPage: !Array.isArray(value) }] : [];
  });
}

/** The longest page that arguments ask for. */
function pageOf(node: PlanNode, variables: Variables): number | undefined {
  const pages = countsIn(argumentsOf(node, variables)).filter(({ isPage }) => isPage);
  return pages.length === 0 ? undefined : Math.max(...pages.map(({ size }) => size));
}

/** The one list of objects that an object has; undefined where it has none or several. */
function onlyListOf(type: GraphQLOutputType): string | undefined {
  const named = getNamedType(type);
  if (!isObjectType(named)) return undefined;
  const lists = Object.values(named.getFields()).filter(
    (field) => listDepth(field.type) === 1 && isCompositeType(getNamedType(field.type)),
  );
  const [only, second] = lists;
  return second ? undefined : only?.name;
}

/** Names of the arguments that stand in the document, and not by default. */
function writtenIn({ nodes }: PlanNode): ReadonlySet<string> {
  return new Set(nodes[0]?.arguments?.map(({ name }) => name.value));
}

/** How many an argument asks for, by its name. */
function countOf(name: string, value: unknown): number | undefined {
  const counts = Array.isArray(value) ? KEYS.test(name) : SLICING.test(name);
  return counts ? asSize(value) : undefined;
}

/** Numbers that are too long to be exact are as large as an exact one can be: a size all the same. */
function asSize(value: unknown): number | undefined {
  const size = Array.isArray(value)
    ? value.length
    : typeof value === 'boolean' || value == null
      ? Number.NaN
      : Number(value);
  return size >= 0 ? Math.min(Math.ceil(size), Number.MAX_SAFE_INTEGER) : undefined;
}

function at(values: unknown, path: readonly string[]): unknown {
  return path.reduce((value: unknown, step) => (isRecord(value) ? value[step] : undefined), values);
}
