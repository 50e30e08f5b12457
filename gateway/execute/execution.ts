import type { FieldNode, GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { isObjectType } from 'graphql';
import type { Denied, RequestContext } from '../context.ts';
import type { Plan, PlanNode } from './plan.ts';
import type { Planner } from './planner.ts';
import { type BatchSchedule, createBatchSchedule } from './schedule.ts';

/** What one run of an operation, or of one event of a subscription, works with. */
export type Execution = {
  plan: Plan;
  /** Coerced values of the operation's variables. */
  variables: Readonly<Record<string, unknown>>;
  /** Lookups under way and done, by group and arguments: each key is asked for once. */
  loaders: Map<string, unknown>;
  schedule: BatchSchedule;
  /** Nodes that resolvers found so far. An executor gives all values of one place the same list of selections. */
  found?: WeakMap<readonly FieldNode[], PlanNode>;
};

/** A parent, the field of it that asks, and the execution that both are part of. */
export type Standing = { parent: unknown; node: PlanNode; execution: Execution; context: RequestContext };

type Info = Pick<GraphQLResolveInfo, 'operation' | 'fragments' | 'variableValues' | 'fieldNodes' | 'path' | 'schema'>;

/** The execution a resolver is part of; it begins with the first one who asks. */
export function executionOf(
  context: Pick<RequestContext, 'execution' | 'grants'>,
  planner: Planner,
  info: Info,
): Execution {
  context.execution ??= openExecution(planner, info, context.grants?.denied);
  return context.execution as Execution;
}

/** The node of the plan for the field that a resolver answers. */
export function nodeOf(execution: Execution, { fieldNodes, path, schema }: Info): PlanNode {
  execution.found ??= new WeakMap();
  const known = execution.found.get(fieldNodes);
  if (known) return known;
  const node = locate(execution.plan, schema, path);
  if (!node) throw new Error(`the plan has nothing at ${String(path.typename)}.${path.key}`);
  execution.found.set(fieldNodes, node);
  return node;
}

/** Begins to work on an operation, as far as it is not denied. */
export function openExecution(
  planner: Planner,
  { operation, fragments, variableValues: variables }: Pick<Info, 'operation' | 'fragments' | 'variableValues'>,
  denied?: Denied,
): Execution {
  const plan = planner({ operation, fragments, variables, denied });
  return { plan, variables, loaders: new Map(), schedule: createBatchSchedule(), found: new WeakMap() };
}

type Path = GraphQLResolveInfo['path'];

function locate(plan: Plan, schema: GraphQLSchema, path: Path): PlanNode | undefined {
  let above = path.prev;
  while (above && typeof above.key === 'number') above = above.prev;
  if (!above) return plan.roots.get(String(path.key));
  const type = schema.getType(path.typename ?? '');
  return isObjectType(type) ? locate(plan, schema, above)?.selection.below(type).get(String(path.key)) : undefined;
}
