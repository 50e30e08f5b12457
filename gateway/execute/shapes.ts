import type { GraphQLObjectType } from 'graphql';
import type { Model } from './model.ts';
import type { PlanNode, PlanSelection } from './plan.ts';
import { membersOf } from './planner.ts';

/** Types of which the operation asks the same in the same way, and what that is (the nodes are those of the first type). */
export type Shape = { types: readonly GraphQLObjectType[]; children: ReadonlyMap<string, PlanNode> };

/** What a field's value can be of, told apart only where the operation does: one shape where it asks the same of all members. */
export function shapesOf(model: Model, { of, selection }: Pick<PlanNode, 'of' | 'selection'>): readonly Shape[] {
  const known = SHAPES.get(selection);
  if (known) return known;
  const shapes = new Map<string, { types: GraphQLObjectType[]; children: ReadonlyMap<string, PlanNode> }>();
  for (const type of membersOf(model, of)) {
    const children = selection.below(type);
    const marks = [...children.values()].map((child) => [child.key, markOf(child)].join(':')).join(' ');
    const alike = shapes.get(marks);
    if (alike) alike.types.push(type);
    else shapes.set(marks, { types: [type], children });
  }
  const found = [...shapes.values()];
  SHAPES.set(selection, found);
  return found;
}

/** What was told once of a selection: it never changes. */
const SHAPES = new WeakMap<PlanSelection, readonly Shape[]>();

/** Equal for fields that ask the same in the same way, on whichever types they are. */
export function markOf({ kind, field, group, selection, ruled }: PlanNode): string {
  return `${kind} ${field.name} ${group?.id ?? ''} ${selection.id} ${ruled.join(' ')}`;
}
