import { type GraphQLNamedType, type GraphQLObjectType, isObjectType, isUnionType } from 'graphql';
import type { RequestContext } from '../context.ts';
import type { Execution } from './execution.ts';
import type { PlanNode, PlanSelection } from './plan.ts';

/**
 * The source whose answer holds what is at a path of the answer, by the plan of the operation. Undefined where nothing was planned, or
 * where it depends on which member of an interface or union a value was.
 *
 * @param path response keys and list positions, as errors have them
 */
export function sourceAt(
  { execution }: Pick<RequestContext, 'execution'>,
  path: readonly unknown[],
): string | undefined {
  const keys = path.filter((key) => typeof key === 'string');
  const [first, ...others] = keys;
  const root = execution && first !== undefined ? (execution as Execution).plan.roots.get(first) : undefined;
  let nodes: readonly PlanNode[] = root ? [root] : [];
  for (const key of others) {
    // Members that are asked the same share what is below.
    const below = new Map<PlanSelection, PlanNode>();
    for (const { of, selection } of nodes) {
      for (const type of membersOf(of)) {
        const node = selection.below(type).get(key);
        if (node) below.set(node.selection, node);
      }
    }
    nodes = [...below.values()];
  }
  const sources = new Set(nodes.map(({ source }) => source));
  const [only, second] = sources;
  return second === undefined && only !== '' ? only : undefined;
}

/** Of an interface nothing here knows the members. */
function membersOf(type: GraphQLNamedType): readonly GraphQLObjectType[] {
  if (isUnionType(type)) return type.getTypes();
  return isObjectType(type) ? [type] : [];
}
