import type { FieldNode, GraphQLObjectType } from 'graphql';
import type { Model } from './model.ts';
import type { PlanNode } from './plan.ts';
import { membersOf } from './planner.ts';

/** Types of which the operation asks the same in the same way, and what that is (the nodes are those of the first type). */
export type Shape = { types: readonly GraphQLObjectType[]; children: ReadonlyMap<string, PlanNode> };

/** What a field's value can be of, told apart only where the operation does: one shape where it asks the same of all members. */
export function shapesOf(model: Model, node: PlanNode): readonly Shape[] {
  const shapes = new Map<string, { types: GraphQLObjectType[]; children: ReadonlyMap<string, PlanNode> }>();
  const ids = new Map<FieldNode, number>();
  const idOf = (selected: FieldNode): number => {
    const id = ids.get(selected) ?? ids.size;
    ids.set(selected, id);
    return id;
  };
  for (const type of membersOf(model, node.of)) {
    const children = node.below(type);
    const marks = [...children.values()].map((child) =>
      [child.key, child.kind, child.group?.id, ...child.nodes.map(idOf)].join(':'),
    );
    const known = shapes.get(marks.join(' '));
    if (known) known.types.push(type);
    else shapes.set(marks.join(' '), { types: [type], children });
  }
  return [...shapes.values()];
}
