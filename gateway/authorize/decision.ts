import type { Grants, Principal } from '../context.ts';
import type { Plan, PlanNode } from '../execute/plan.ts';

/** One operation. */
export type AskedOperation = {
  readonly plan: Plan;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** As the client sent them. */
  readonly sent: Readonly<Record<string, unknown>>;
  readonly principal: Principal;
};

/** What is for the principal, and the fields that are not. */
export type Decision = { readonly grants: Grants; readonly refused: readonly PlanNode[] };
