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
  /** Wire paths below the value of a field, keys of joins included: what has to be there. Empty where nothing is read. */
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
      paths = [...new Set(pathsBelow(model, node, node.source))];
      known.set(node, paths);
    }
    return paths;
  };
  return {
    below,
    part: (node) => pathsOf(model, node, node.source),
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

/** What a value that may be several things is can only be told from all of it: such a value is asked for as a whole. */
function pathsBelow(model: Model, node: PlanNode, source: string): string[] {
  if (!isObjectType(node.of)) return [];
  return [...node.below(node.of).values()].flatMap((child) => pathsOf(model, child, source));
}

function pathsOf(model: Model, node: PlanNode, source: string): string[] {
  if (node.kind === 'join' && node.source === source && node.isPart) return valuePaths(model, node, source);
  if (node.join) return keyPaths(model, node, source);
  return node.kind === 'property' ? valuePaths(model, node, source) : [];
}

function valuePaths(model: Model, node: PlanNode, source: string): string[] {
  const isInPlace = directivesNamed(node.field.astNode, 'resolveRoot').some((args) => args['subgraph'] === source);
  const isWhole = isLeafType(node.of) || !isObjectType(node.of) || mapDirective(node.field, source) !== undefined;
  const own = wireName(node.field, source);
  if (isWhole) return [own];
  const inner = pathsBelow(model, node, source);
  if (isInPlace) return inner;
  // Only its type is asked for: it has to be there.
  return inner.length === 0 ? [own] : inner.map((path) => `${own}.${path}`);
}

function keyPaths(model: Model, { type, join, origin }: PlanNode, source: string): string[] {
  if (!join || origin !== source) return [];
  return [...join.keys, ...join.rootPaths].flatMap((path) => {
    const field = type.getFields()[path[0] ?? ''];
    const owners = field ? fieldSources(field) : [];
    if (!field || owners.length === 0 || owners.includes(source)) return [wirePath(type, path, source).join('.')];
    return (lookupOf(model, type.name, field)?.keys ?? []).map((key) => wirePath(type, key, source).join('.'));
  });
}
