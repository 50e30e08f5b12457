import { isAliased, wirePath } from './keys.ts';
import type { Lookup } from './model.ts';
import type { Plan, PlanNode } from './plan.ts';
import { keySelection, type Piece } from './selection.ts';
import type { FieldSite } from './site.ts';

/** What is told of the rows that a lookup is to bring, to sources that send only what is asked for. */
export type Pieces = {
  /** For rows that are the value of the field. */
  below: (plan: Plan, node: PlanNode) => Piece;
  /** For rows of which the value is a part. */
  part: (plan: Plan, node: PlanNode) => Piece;
  /** For rows of which nothing but the value at a path is wanted. */
  only: (path: readonly string[]) => Piece;
};

/** @returns undefined for sources that send whole rows whatever they are asked */
export function createPieces(
  { model, selections, masks, type }: Pick<FieldSite, 'model' | 'selections' | 'masks' | 'type'>,
  lookup: Lookup,
): Pieces | undefined {
  const { source } = lookup;
  if (isAliased(model, source)) {
    return { ...selections, only: (path) => ({ text: keySelection(type, [path], source), variables: NONE }) };
  }
  const field = model.schema.getQueryType()?.getFields()[lookup.field];
  if (!field || !masks.taken(field, source)) return undefined;
  return {
    below: (_plan, node) => masked(masks.below(node)),
    part: (_plan, node) => masked(masks.part(node)),
    only: (path) => masked([wirePath(type, path, source).join('.')]),
  };
}

const NONE = new Map<string, never>();

function masked(paths: readonly string[]): Piece {
  return { text: paths.join(), variables: NONE, paths };
}
