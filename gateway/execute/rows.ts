import { type GraphQLOutputType, getArgumentValues, isListType, isNonNullType } from 'graphql';
import type { PlanNode } from './plan.ts';

/** Rows of a list of which nothing is known. */
export const ASSUMED_ROWS = 10;
/** Arguments that bound a list, in the spellings that contracts use. */
const SLICING = /^(first|last|limit|top|take|size|count|page_?size|per_?page|max_?results|maxItems)$/i;
/** Arguments that ask for certain rows. */
const KEYS = /(^|[a-z_])(ids|keys)$/i;

/** How many values a field gives for one parent: what its arguments say, else a guess; lists in lists multiply. */
export function rowsOf(node: PlanNode, variables: Readonly<Record<string, unknown>>): number {
  const depth = listDepth(node.field.type);
  if (depth === 0) return 1;
  return (slicedTo(node, variables) ?? ASSUMED_ROWS) * ASSUMED_ROWS ** (depth - 1);
}

function listDepth(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return listDepth(type.ofType);
  return isListType(type) ? 1 + listDepth(type.ofType) : 0;
}

function slicedTo({ field, nodes }: PlanNode, variables: Readonly<Record<string, unknown>>): number | undefined {
  const [node] = nodes;
  if (!node || field.args.length === 0) return undefined;
  let found: number | undefined;
  for (const [name, value] of Object.entries(valuesOf(node, field, variables))) {
    const rows = KEYS.test(name) && Array.isArray(value) ? value.length : Number(value);
    const counts = Array.isArray(value) ? KEYS.test(name) : SLICING.test(name);
    if (counts && Number.isSafeInteger(rows) && rows >= 0) found = Math.min(found ?? rows, rows);
  }
  return found;
}

/** Arguments as far as they are known: what cannot be read is left to execution to refuse. */
function valuesOf(
  node: PlanNode['nodes'][number],
  field: PlanNode['field'],
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    return {};
  }
}
