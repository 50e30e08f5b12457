import {
  type GraphQLNamedType,
  type GraphQLOutputType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type Ages, createFieldRules, leastAges } from './field-rules.ts';
import type { Model } from './model.ts';
import { type OwnIds, ownIdsOf } from './own-ids.ts';
import type { Plan, PlanGroup, PlanNode, PlanSelection } from './plan.ts';
import { membersOf } from './planner.ts';

/** What is to be said, before it runs, about keeping the answer of an operation. */
export type Keeping = {
  /** Of all fields, each age the least; undefined where no field has any. */
  ages: Ages | undefined;
  /** The field with the least age. */
  leastAt: string | undefined;
  /** A field whose answers are for each principal alone; undefined where there is none. */
  privateAt: string | undefined;
  /** Whether anything is required of who asks for it. */
  isGuarded: boolean;
  /** Calls that no age stands for: only what their sources say can. By `source.operation`, the field that asks. */
  unaged: ReadonlyMap<string, string>;
  /** Sources that are called. */
  sources: readonly string[];
  /** Headers of the request that calls send on, lower-case names, sorted. */
  headers: readonly string[];
  /** Types of which values may be in the answer, and those of which it may hold lists. */
  types: readonly string[];
  lists: readonly string[];
  /** Types of which it may hold values that nobody can tell apart. */
  unsure: readonly string[];
  tags: readonly string[];
  /** Why it is never kept, in a few words; undefined where it may be. */
  never: string | undefined;
};

export type KeepingOptions = {
  model: Model;
  /** Names of the request's headers that calls of an operation send on. */
  forwardedOf: (source: string, operation: string) => readonly string[];
};

/** Fields that are looked at for one operation. */
const MAX_FIELDS = 20_000;

/**
 * Reads plans for what cacheControl says: the least age of all fields that may be answered counts, on whichever type they turn out
 * to be. A call without an age of its own, neither on the field that asks nor on the root field that is called, has none.
 */
export function createKeepingOf(options: KeepingOptions): (plan: Plan) => Keeping {
  const known = new WeakMap<Plan, Keeping>();
  const ids = ownIdsOf(options.model);
  const ruleOf = createFieldRules();
  return (plan) => {
    let keeping = known.get(plan);
    if (!keeping) {
      keeping = read(plan, { ids, ...options }, ruleOf);
      known.set(plan, keeping);
    }
    return keeping;
  };
}

/** Whether any field of the schema has an age: without one no operation is looked at. */
export function keepsAnything({ schema }: Pick<Model, 'schema'>): boolean {
  return Object.values(schema.getTypeMap()).some((type) => {
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    return fields.some(({ astNode }) => astNode?.directives?.some(({ name }) => name.value === 'cacheControl'));
  });
}

function read(
  plan: Plan,
  { model, forwardedOf, ids }: KeepingOptions & { ids: OwnIds },
  ruleOf: ReturnType<typeof createFieldRules>,
): Keeping {
  const found = {
    ages: undefined as Ages | undefined,
    leastAt: undefined as string | undefined,
    privateAt: undefined as string | undefined,
    isGuarded: false,
    unaged: new Map<string, string>(),
    never: plan.operation.operation === 'query' ? undefined : `${plan.operation.operation}`,
  };
  const [sources, headers, types, lists, tags, unsure] = [0, 0, 0, 0, 0, 0].map(() => new Set<string>()) as Six;
  const seen = new WeakMap<PlanSelection, Set<string>>();
  const query = model.schema.getQueryType();
  let left = MAX_FIELDS;

  function take(at: string, rule: ReturnType<typeof ruleOf>): void {
    const { ages, isPrivate } = rule;
    if (ages && (!found.ages || ages.maxAgeMs < found.ages.maxAgeMs)) found.leastAt = at;
    if (ages) found.ages = leastAges(found.ages, ages);
    if (isPrivate) found.privateAt ??= at;
    for (const tag of rule.tags) tags.add(tag);
  }

  function call({ source, operation }: PlanGroup, node: PlanNode, hasAge: boolean): void {
    sources.add(source);
    for (const name of forwardedOf(source, operation)) headers.add(name);
    const root = query?.getFields()[operation];
    const rule = query && root ? ruleOf(query, root) : undefined;
    // Of a join, what holds for the root field that answers it holds, too; clients are told of the join, which they wrote.
    if (rule && node.field !== root) take(node.coordinate, rule);
    if (!hasAge && !rule?.ages) found.unaged.set(`${source}.${operation}`, node.coordinate);
  }

  function visit(node: PlanNode): void {
    left -= 1;
    if (left < 0) {
      found.never = 'too large to be looked at';
      return;
    }
    if (node.field.name.startsWith('__')) {
      if (node.field.name !== '__typename') found.never ??= 'introspection';
      return;
    }
    const rule = ruleOf(node.type, node.field);
    take(node.coordinate, rule);
    found.isGuarded ||= model.requirements.isGuarded(node.type, node.field);
    for (const group of node.group ? [node.group, ...node.keyGroups] : []) call(group, node, rule.ages !== undefined);
    if (!isCompositeType(node.of)) return;
    note(node.of, isListOf(node.field.type));
    for (const type of membersOf(model, node.of)) {
      note(type, isListOf(node.field.type));
      if (ids.mayHide(type, type === node.of)) unsure.add(type.name);
      found.isGuarded ||= model.requirements.ofType(type).length > 0;
      const before = seen.get(node.selection) ?? new Set();
      if (before.has(type.name)) continue;
      seen.set(node.selection, before.add(type.name));
      for (const child of node.selection.below(type).values()) visit(child);
    }
  }

  function note({ name }: GraphQLNamedType, isList: boolean): void {
    types.add(name);
    if (isList) lists.add(name);
  }

  for (const node of plan.roots.values()) visit(node);
  return {
    sources: [...sources],
    headers: [...headers].sort(),
    types: [...types],
    lists: [...lists],
    unsure: [...unsure],
    tags: [...tags],
    ...found,
  };
}

type Six = [Set<string>, Set<string>, Set<string>, Set<string>, Set<string>, Set<string>];

function isListOf(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
