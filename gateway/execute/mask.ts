import { type GraphQLField, type GraphQLInputType, isInputObjectType, isLeafType, isObjectType } from 'graphql';
import { directivesNamed } from '../lib/sdl.ts';
import { mapDirective } from './entries.ts';
import { wirePath } from './keys.ts';
import { fieldSources, lookupOf, type Model, named, wireName } from './model.ts';
import type { PlanNode } from './plan.ts';

/** Names of arguments that say which fields a read is about (AIP-157), by their wire names. */
const MASKS = new Set(['read_mask', 'field_mask', 'response_mask']);

/** Tells what of an answer an operation reads: for sources that leave out what nobody reads. */
export type Masks = {
  /** Whether calls of a root field can say it at all. */
  taken: (field: GraphQLField<unknown, unknown>, source: string) => boolean;
  /** Wire paths below the value of a field, keys of joins included: what has to be there. Empty where nothing is read, or too much. */
  below: (node: PlanNode) => readonly string[];
  /** The paths of the one field itself, below its parent. */
  part: (node: PlanNode) => readonly string[];
};

/** @returns masks that are made once for each node of a plan */
export function createMasks(model: Model): Masks {
  const known = new WeakMap<PlanNode, readonly string[]>();
  const below = (node: PlanNode): readonly string[] => {
    let paths = known.get(node);
    if (!paths) {
      paths = bounded(pathsBelow(model, node, node.source));
      known.set(node, paths);
    }
    return paths;
  };
  return {
    below,
    part: (node) => bounded(pathsOf(model, node, node.source)),
    taken: ({ args }, source) =>
      model.kinds.get(source) === 'grpc' &&
      args.some(
        ({ name, type }) => MASKS.has(name) || fieldsOf(type).some((field) => MASKS.has(wireName(field, source))),
      ),
  };
}

function fieldsOf(type: GraphQLInputType) {
  const inner = named(type);
  return isInputObjectType(inner) ? Object.values(inner.getFields()) : [];
}

/** Longer masks ask for nearly everything: none is better, and fragments can multiply paths without end. */
const MAX_PATHS = 200;

function bounded(all: Iterable<string>): readonly string[] {
  const paths = new Set<string>();
  for (const path of all) {
    paths.add(path);
    if (paths.size > MAX_PATHS) return [];
  }
  return [...paths];
}

/** What a value that may be several things is can only be told from all of it: such a value is asked for as a whole. */
function* pathsBelow(model: Model, node: PlanNode, source: string): Generator<string> {
  if (!isObjectType(node.of)) return;
  for (const child of node.selection.fetched(node.of)) yield* pathsOf(model, child, source);
}

function* pathsOf(model: Model, node: PlanNode, source: string): Generator<string> {
  yield* pathsTo(model, node, node.ruled, source);
  if (node.kind === 'property' || (node.kind === 'join' && node.source === source && node.isPart))
    yield* valuePaths(model, node, source);
  else if (node.join) yield* pathsTo(model, node, [...node.join.keys, ...node.join.rootPaths], source);
}

function* valuePaths(model: Model, node: PlanNode, source: string): Generator<string> {
  const own = wireName(node.field, source);
  const isWhole = isLeafType(node.of) || !isObjectType(node.of) || mapDirective(node.field, source) !== undefined;
  if (isWhole) return yield own;
  const isInPlace = directivesNamed(node.field.astNode, 'resolveRoot').some((args) => args['subgraph'] === source);
  let isEmpty = true;
  for (const path of pathsBelow(model, node, source)) {
    isEmpty = false;
    yield isInPlace ? path : `${own}.${path}`;
  }
  // Only its type is asked for: it has to be there.
  if (isEmpty && !isInPlace) yield own;
}

/** Wire paths to what has to be read below the parent: keys of joins, and what rules look at. */
function pathsTo(
  model: Model,
  { type, origin }: PlanNode,
  paths: readonly (readonly string[])[],
  source: string,
): string[] {
  if (origin !== source) return [];
  return paths.flatMap((path) => {
    const field = type.getFields()[path[0] ?? ''];
    const owners = field ? fieldSources(field) : [];
    if (!field || owners.length === 0 || owners.includes(source)) return [wirePath(type, path, source).join('.')];
    return (lookupOf(model, type.name, field)?.keys ?? []).map((key) => wirePath(type, key, source).join('.'));
  });
}
