/** What an operation asks for that something is required of: read from its plan, once. */
import { type FieldNode, isAbstractType } from 'graphql';
import type { Requirement } from '../config/coordinates.ts';
import { GatewayError } from '../errors.ts';
import type { Model } from '../execute/model.ts';
import type { Plan, PlanNode, PlanSelection } from '../execute/plan.ts';
import { membersOf } from '../execute/planner.ts';

/** A field at its place, and what is required of it there. */
export type AskedField = {
  readonly node: PlanNode;
  /** Of the field and its types. */
  readonly before: readonly Requirement[];
  /** Of whatever calls the source, where it does. */
  readonly ofCall: readonly Requirement[];
  /** Whether something is required of what can stand in its arguments. */
  readonly onInputs: boolean;
  /** Whether rules look at the object that has it, or at objects that it gives. */
  readonly onObjects: boolean;
};

export type Asked = {
  readonly fields: readonly AskedField[];
  /** Fields that one selection on an interface stands for: of these all are denied where one is. */
  readonly alike: readonly (readonly PlanNode[])[];
  /** Types that values of interfaces and unions may be of, with what is required of them. */
  readonly types: readonly { readonly name: string; readonly requirements: readonly Requirement[] }[];
};

/** Most fields of one operation that are looked at; an interface of many types multiplies them. */
const MAX_FIELDS = 10_000;

/** @throws GatewayError LIMIT_COST when the operation is too large to be looked at */
export function readAsked(model: Model, plan: Plan): Asked {
  const { requirements } = model;
  const fields: AskedField[] = [];
  const alike: PlanNode[][] = [];
  const types = new Map<string, readonly Requirement[]>();
  const done = new Set<PlanSelection>();
  let left = MAX_FIELDS;

  function look(node: PlanNode): void {
    left -= 1;
    if (left < 0) {
      const message = 'The operation asks for too much at once to tell what of it is for you: select fewer fields.';
      throw new GatewayError('LIMIT_COST', { message });
    }
    const { type, field, group, source, of } = node;
    if (requirements.isGuarded(type, field)) {
      const { before, onObject, onInputs } = requirements.ofField(type, field);
      const ofCall = group ? requirements.ofCall(field, source) : [];
      const onObjects =
        onObject.length > 0 || membersOf(model, of).some((each) => requirements.onObjectsOf(each).length > 0);
      fields.push({ node, before, ofCall, onInputs, onObjects });
    }
    // Equal selections are one, and looked at once.
    if (requirements.reaches(of) && !done.has(node.selection)) {
      done.add(node.selection);
      below(node);
    }
  }

  function below(node: PlanNode): void {
    const members = membersOf(model, node.of);
    const bySelection = new Map<FieldNode, PlanNode[]>();
    for (const type of members) {
      if (isAbstractType(node.of) && requirements.ofType(type).length > 0)
        types.set(type.name, requirements.ofType(type));
      for (const child of node.selection.below(type).values()) {
        look(child);
        if (members.length < 2 || child.kind === 'custom') continue;
        for (const each of child.nodes) {
          const same = bySelection.get(each);
          if (same) same.push(child);
          else bySelection.set(each, [child]);
        }
      }
    }
    for (const same of bySelection.values()) {
      if (same.length > 1 && same.some(({ type, field }) => requirements.isGuarded(type, field))) alike.push(same);
    }
  }

  for (const node of plan.roots.values()) look(node);
  return { fields, alike, types: [...types].map(([name, own]) => ({ name, requirements: own })) };
}
