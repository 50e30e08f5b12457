import { isCompositeType, OperationTypeNode } from 'graphql';
import { stableStringify } from '../lib/json.ts';
import type { Model } from './model.ts';
import type { Plan, PlanGroup, PlanNode } from './plan.ts';
import { membersOf } from './planner.ts';
import { argumentsOf, rowsOf, type Sizes, sizesBelow } from './rows.ts';
import { markOf, shapesOf } from './shapes.ts';

/** A field that needs a call, and below it those that need its rows. */
export type CallSite = {
  node: PlanNode;
  group: PlanGroup;
  /** How many calls have to be answered before it can be asked. */
  level: number;
  /** How many parents ask: at most that many keys. */
  parents: number;
  /** Names of the types that ask, where not all that the value above may be of do. */
  on: readonly string[] | undefined;
  below: CallSite[];
};

export type CallTree = {
  sites: readonly CallSite[];
  /** What each group is expected to make on each level, in the order they are first met. */
  expected: ReadonlyMap<string, ExpectedCalls>;
  /** Fields that are not for who asks. */
  denied: readonly PlanNode[];
  /** Whether the operation is too large to be looked at as a whole. */
  isTruncated: boolean;
};

export type ExpectedCalls = { group: PlanGroup; keys: number; calls: number };

/** Most call sites of one tree, and most fields that are looked at for them. */
const MAX_SITES = 1000;
const MAX_FIELDS = 5000;

export type CallTreeOptions = {
  model: Model;
  /** Whether equal reads of the source that are under way share one call. */
  shares?: ((source: string) => boolean) | undefined;
};

/** The calls of a plan as a tree, with what is to be expected of each, before any is made. */
export function callTreeOf(
  { model, shares = () => false }: CallTreeOptions,
  plan: Plan,
  variables: Readonly<Record<string, unknown>>,
): CallTree {
  const expected = new Map<string, ExpectedCalls>();
  const asked = new Set<string>();
  const denied: PlanNode[] = [];
  let sitesLeft = MAX_SITES;
  let fieldsLeft = MAX_FIELDS;

  function expect(group: PlanGroup, level: number, keys: number): void {
    const key = expectedKey(group, level);
    const calls = expected.get(key) ?? { group, keys: 0, calls: 0 };
    calls.keys += keys;
    // Without keys, each place makes its own call; with them, all of a level share.
    calls.calls = keys === 0 ? calls.calls + 1 : Math.ceil(calls.keys / (group.batchSize ?? 1));
    expected.set(key, calls);
  }

  /** Whether the very same is asked already: of a REST source, whose answers come whole. */
  function isAskedAlready(node: PlanNode): boolean {
    if (node.kind !== 'call' || plan.operation.operation !== OperationTypeNode.QUERY) return false;
    if (model.kinds.get(node.source) !== 'rest' || !shares(node.source)) return false;
    const text = stableStringify([node.source, node.field.name, argumentsOf(node, variables)]);
    return asked.has(text) || asked.add(text) === undefined;
  }

  /**
   * @param parents how many values there are whose fields these are
   * @param sizes what the field above says of lists among them
   */
  function sitesOf(
    nodes: Iterable<PlanNode>,
    { parents, level, on, sizes }: { parents: number; level: number; on: CallSite['on']; sizes: Sizes | undefined },
  ): CallSite[] {
    const sites: CallSite[] = [];
    for (const node of nodes) {
      if (node.kind === 'custom' || fieldsLeft <= 0 || sitesLeft <= 0) continue;
      fieldsLeft -= 1;
      if (node.kind === 'denied') {
        denied.push(node);
        continue;
      }
      const { group } = node;
      const values = parents * rowsOf(model, node, variables, sizes);
      if (!group) {
        sites.push(...below(node, values, level, on));
        continue;
      }
      sitesLeft -= 1;
      const isKeyed = node.join !== undefined && node.join.keys.length > 0;
      for (const keys of node.keyGroups) expect(keys, level, parents);
      const own = level + (node.keyGroups.length > 0 ? 1 : 0);
      if (!isAskedAlready(node)) expect(group, own, isKeyed ? parents : 0);
      const site: CallSite = { node, group, level: own, parents, on, below: [] };
      sites.push(site);
      site.below.push(...below(node, values, own + 1, undefined));
    }
    return sites;
  }

  function below(node: PlanNode, values: number, level: number, on: CallSite['on']): CallSite[] {
    if (!isCompositeType(node.of)) return [];
    const all = membersOf(model, node.of).length;
    const sizes = sizesBelow(node, variables);
    // What several members are asked alike is told once.
    const alike = new Map<string, { child: PlanNode; types: string[] }>();
    for (const { types, children } of shapesOf(model, node)) {
      for (const child of children.values()) {
        const mark = `${child.key} ${markOf(child)}`;
        const known = alike.get(mark) ?? { child, types: [] };
        known.types.push(...types.map(({ name }) => name));
        alike.set(mark, known);
      }
    }
    return [...alike.values()].flatMap(({ child, types }) =>
      sitesOf([child], { parents: values, level, on: types.length < all ? types : on, sizes }),
    );
  }

  const sites = sitesOf(plan.roots.values(), { parents: 1, level: 0, on: undefined, sizes: undefined });
  return { sites, expected, denied, isTruncated: fieldsLeft <= 0 || sitesLeft <= 0 };
}

/** The key of what a group makes on a level. */
export function expectedKey(group: PlanGroup, level: number): string {
  return `${group.id} ${level}`;
}
