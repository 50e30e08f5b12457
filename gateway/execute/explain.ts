import type { CallRecord } from '../context.ts';
import { type CallSite, type CallTree, type CallTreeOptions, callTreeOf, expectedKey } from './call-tree.ts';
import type { ExplainedCache } from './explain-cache.ts';
import type { Plan, PlanGroup } from './plan.ts';
import { type RealCalls, sumCalls } from './real-calls.ts';
import { createSelections } from './selection.ts';

/** One field that needs calls, and below it those that need its rows. */
export type ExplainedCall = {
  /** Response keys from the root, joined by dots. */
  path: string;
  coordinate: string;
  kind: string;
  source: string;
  /** Root field of the unified schema that is called. */
  operation: string;
  /** Fields of equal numbers share calls where they can. */
  group: number;
  /** Most keys of one call; absent where it carries none. */
  batchSize?: number;
  /** What a GraphQL source is asked below the root field. */
  selection?: string;
  /** The types of values that need it, where not all do. */
  on?: readonly string[];
  /** Calls that fetch keys first, which the parent's source does not have. */
  keysFrom?: readonly Omit<ExplainedCall, 'path' | 'coordinate' | 'kind' | 'calls'>[];
  /** What is expected, lists taken as long as their arguments say, else as ten. Absent where a field before it has it for the group. */
  predicted?: { keys: number; calls: number };
  /** What it came to, after running; absent where a field before it has it for the group. */
  real?: RealCalls;
  /** The rules in force for the source and the operation. */
  policy: Readonly<Record<string, unknown>>;
  calls: readonly ExplainedCall[];
};

export type Explained = {
  operation: { kind: string; name: string | null };
  generation: string;
  predictedCalls: number;
  /** Requests that went out, repeated ones included; after running. */
  madeCalls?: number;
  calls: readonly ExplainedCall[];
  /** Fields that are not for who asks: nothing is called for them. Absent where there are none. */
  denied?: readonly { path: string; coordinate: string }[];
  /** Whether there was more than is shown. */
  truncated?: true;
  /** Whether the whole answer may be kept; absent where nothing is kept at all. */
  cache?: ExplainedCache;
};

export type ExplainOptions = CallTreeOptions & {
  generation: string;
  /** What is told of the rules for an operation. */
  policyOf: (source: string, operation: string) => Readonly<Record<string, unknown>>;
};

/** @param records the calls that were made, after running */
export type Explain = (
  plan: Plan,
  variables: Readonly<Record<string, unknown>>,
  records?: readonly CallRecord[],
) => Explained;

/** Explains plans of one generation, before or after they are run. */
export function createExplain({ generation, policyOf, ...options }: ExplainOptions): Explain {
  const { model } = options;
  const selections = createSelections(model);
  return (plan, variables, records) => {
    const tree = callTreeOf(options, plan, variables);
    const figures = createFigures(tree, records);
    const explain = (site: CallSite): ExplainedCall => {
      const { node, group, level, on } = site;
      const keysFrom = node.keyGroups.map((keys) => ({ ...describe(keys), ...figures(keys, level - 1) }));
      const text = selectionAt(site);
      return {
        path: node.path.join('.'),
        coordinate: node.coordinate,
        kind: node.kind,
        ...describe(group),
        ...(text !== '' && { selection: text }),
        ...(on && { on }),
        ...(keysFrom.length > 0 && { keysFrom }),
        ...figures(group, level),
        calls: site.below.map(explain),
      };
    };
    const selectionAt = ({ node }: CallSite): string => {
      if (model.kinds.get(node.source) !== 'graphql') return '';
      return (node.isPart ? selections.part(plan, node) : selections.below(plan, node)).text;
    };
    const describe = ({ source, operation, id, batchSize }: PlanGroup) => ({
      source,
      operation,
      group: id,
      ...(batchSize !== undefined && { batchSize }),
      policy: policyOf(source, operation),
    });
    const { operation } = plan;
    return {
      operation: { kind: operation.operation, name: operation.name?.value ?? null },
      generation,
      predictedCalls: [...tree.expected.values()].reduce((sum, { calls }) => sum + calls, 0),
      ...(records && { madeCalls: sumCalls(records).calls }),
      calls: tree.sites.map(explain),
      ...(tree.denied.length > 0 && {
        denied: tree.denied.map(({ path, coordinate }) => ({ path: path.join('.'), coordinate })),
      }),
      ...(tree.isTruncated && { truncated: true }),
    };
  };
}

/** Figures of a group on a level, told once: predicted ones for each level, real ones where the group is first met. */
function createFigures(tree: CallTree, records: readonly CallRecord[] | undefined) {
  const byGroup = new Map<number, CallRecord[]>();
  for (const record of records ?? []) {
    if (record.group === undefined) continue;
    const list = byGroup.get(record.group);
    if (list) list.push(record);
    else byGroup.set(record.group, [record]);
  }
  const told = new Set<string>();
  const once = (key: string): boolean => !told.has(key) && told.add(key) !== undefined;
  return (group: PlanGroup, level: number): Pick<ExplainedCall, 'predicted' | 'real'> => {
    const key = expectedKey(group, level);
    const expected = once(key) ? tree.expected.get(key) : undefined;
    const isFirst = once(`${group.id}`);
    return {
      ...(expected && { predicted: { keys: expected.keys, calls: expected.calls } }),
      ...(records && isFirst && { real: sumCalls(byGroup.get(group.id) ?? []) }),
    };
  };
}
