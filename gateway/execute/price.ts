/**
 * The price of an operation before it runs: field cost and type cost as the GraphQL cost directives define them (static query analysis,
 * ibm.github.io/graphql-specs/cost-spec.html §5), and the calls that are to be expected, each with its weight.
 */
import { isCompositeType } from 'graphql';
import type { Amount, CallRecord, Cost, Price, PricePart } from '../context.ts';
import { isSaved } from '../observe/calls.ts';
import { type CallSite, type CallTreeOptions, callTreeOf, expectedKey } from './call-tree.ts';
import type { Model } from './model.ts';
import type { Plan, PlanNode } from './plan.ts';
import { createPriceMemo, type PriceMemo } from './price-memo.ts';
import { createDataCost } from './real-cost.ts';
import { argumentsOf, pageSizesOf, rowsOf, type Sizes, sizesBelow, unslicedBy } from './rows.ts';
import { shapesOf } from './shapes.ts';
import { fieldCost, typeWeight } from './weights.ts';

export type PricerOptions = CallTreeOptions & {
  /** Points of one call. */
  weightOf: (source: string, operation: string) => number;
};

export type Pricer = (plan: Plan, variables: Readonly<Record<string, unknown>>) => Price;

/** Most fields that are looked at: the rest is not priced, and the price says so. */
const MAX_FIELDS = 5000;

/** Prices plans of one generation. A plan is priced anew for variables that make a difference. */
export function createPricer(options: PricerOptions): Pricer {
  const { model, weightOf } = options;
  const known = new WeakMap<Plan, PriceMemo<Price>>();
  return (plan, variables) => {
    const memo = known.get(plan);
    const before = memo?.get(variables);
    if (before) return before;
    const { price, withArguments } = priceOf(plan, variables);
    const own = memo ?? createPriceMemo<Price>(model, withArguments);
    own.set(variables, price);
    known.set(plan, own);
    return price;
  };

  function priceOf(
    plan: Plan,
    variables: Readonly<Record<string, unknown>>,
  ): { price: Price; withArguments: readonly PlanNode[] } {
    const fields = priceFields(model, plan, variables);
    const tree = callTreeOf(options, plan, variables);
    const calls = priceCalls(tree.sites, tree.expected, weightOf);
    const parts = uniteParts([...fields.parts, ...calls]);
    const dataCost = createDataCost(model, plan, variables);
    const dataOf = (data: unknown): ReadonlyMap<string, number> => {
      if (data !== undefined) return data === null ? new Map() : dataCost(data);
      const asPriced = [...bySource(fields.parts)].map(([source, { points }]) => [source, points] as const);
      return new Map([...asPriced, ['', fields.root]]);
    };
    const price: Price = {
      bySource: bySource(parts),
      parts: [...parts].sort((a, b) => b.points - a.points),
      pages: fields.pages,
      unsliced: fields.unsliced,
      isTruncated: fields.isTruncated || tree.isTruncated,
      costOf: (records, data) => costOf(records, dataOf(data), weightOf),
      ...sum(parts, fields.root),
    };
    return { price, withArguments: fields.withArguments };
  }
}

function priceFields(
  model: Model,
  plan: Plan,
  variables: Readonly<Record<string, unknown>>,
): Pick<Price, 'pages' | 'unsliced' | 'isTruncated'> & { parts: PricePart[]; root: number; withArguments: PlanNode[] } {
  const pages: Price['pages'][number][] = [];
  const unsliced: Price['unsliced'][number][] = [];
  const withArguments: PlanNode[] = [];
  let left = MAX_FIELDS;

  /** @param parents how many values there are whose fields these are */
  function priceAll(nodes: Iterable<PlanNode>, parents: number, sizes: Sizes | undefined): PricePart[] {
    const parts: PricePart[] = [];
    for (const node of nodes) {
      if (node.kind === 'custom' || left <= 0) continue;
      left -= 1;
      const { coordinate } = node;
      if (node.field.args.length > 0) withArguments.push(node);
      pages.push(...pageSizesOf(model, node, variables).map((page) => ({ coordinate, ...page })));
      const anyOf = unslicedBy(node, variables);
      if (anyOf) unsliced.push({ coordinate, anyOf });
      const values = parents * rowsOf(model, node, variables, sizes);
      const below = dearestShape(node, values);
      const points = parents * fieldCost(node.field, argumentsOf(node, variables)) + values * below.weight;
      if (points > 0) parts.push(partOf(node, points, 0));
      parts.push(...below.parts);
    }
    return parts;
  }

  /** A value is of one type only: the one that would cost most (§7.2). */
  function dearestShape(node: PlanNode, values: number): { weight: number; parts: PricePart[] } {
    if (!isCompositeType(node.of)) return { weight: typeWeight(node.of), parts: [] };
    const sizes = sizesBelow(node, variables);
    let dearest: { weight: number; parts: PricePart[] } | undefined;
    let highest = -1;
    for (const { types, children } of shapesOf(model, node)) {
      const weight = Math.max(...types.map(typeWeight));
      const parts = priceAll(children.values(), values, sizes);
      const points = values * weight + parts.reduce((total, part) => total + part.points, 0);
      if (points > highest) dearest = { weight, parts };
      highest = Math.max(highest, points);
    }
    return dearest ?? { weight: 0, parts: [] };
  }

  const root = model.schema.getRootType(plan.operation.operation);
  const parts = priceAll(plan.roots.values(), 1, undefined);
  return { parts, root: root ? typeWeight(root) : 0, withArguments, pages, unsliced, isTruncated: left <= 0 };
}

/** The calls that explain predicts, each group where it is first met. */
function priceCalls(
  sites: readonly CallSite[],
  expected: ReturnType<typeof callTreeOf>['expected'],
  weightOf: PricerOptions['weightOf'],
): PricePart[] {
  const told = new Set<string>();
  const parts: PricePart[] = [];
  const visit = ({ node, group, level, below }: CallSite): void => {
    const groups = [...node.keyGroups.map((keys) => [keys, level - 1] as const), [group, level] as const];
    for (const [each, at] of groups) {
      const key = expectedKey(each, at);
      const calls = told.has(key) ? 0 : (expected.get(key)?.calls ?? 0);
      told.add(key);
      if (calls > 0)
        parts.push({ ...partOf(node, calls * weightOf(each.source, each.operation), calls), source: each.source });
    }
    below.forEach(visit);
  };
  sites.forEach(visit);
  return parts;
}

function partOf({ coordinate, path, source }: PlanNode, points: number, calls: number): PricePart {
  return { coordinate, path: path.join('.'), source, points, calls };
}

/** One part for each field at each place and source. */
function uniteParts(parts: readonly PricePart[]): PricePart[] {
  const united = new Map<string, PricePart>();
  for (const part of parts) {
    const key = `${part.path} ${part.coordinate} ${part.source}`;
    const known = united.get(key);
    united.set(key, known ? { ...known, points: known.points + part.points, calls: known.calls + part.calls } : part);
  }
  return [...united.values()];
}

function costOf(
  records: readonly CallRecord[],
  data: ReadonlyMap<string, number>,
  weightOf: PricerOptions['weightOf'],
): Cost {
  const made = records.flatMap((record) => {
    const { source, operation, attempts = 1 } = record;
    return isSaved(record) ? [] : [{ source, points: attempts * weightOf(source, operation), calls: attempts }];
  });
  const shares = [...made, ...[...data].map(([source, points]) => ({ source, points, calls: 0 }))];
  return { bySource: bySource(shares), ...sum(shares, 0) };
}

function sum(parts: readonly Amount[], root: number): Amount {
  const points = parts.reduce((total, part) => total + part.points, root);
  return { points: rounded(points), calls: parts.reduce((total, part) => total + part.calls, 0) };
}

function bySource(parts: readonly (Amount & { readonly source: string })[]): Map<string, Amount> {
  const sources = new Map<string, Amount>();
  for (const { source, points, calls } of parts) {
    if (source === '') continue;
    const known = sources.get(source) ?? { points: 0, calls: 0 };
    sources.set(source, { points: rounded(known.points + points), calls: known.calls + calls });
  }
  return sources;
}

/** Weights may be fractions: what people read has three digits of them. */
function rounded(points: number): number {
  return Math.round(points * 1000) / 1000;
}
