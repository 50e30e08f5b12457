/** What of an operation is for who asks, for all operations of one generation. */
import type { Principal } from '../context.ts';
import type { Model } from '../execute/model.ts';
import type { Plan } from '../execute/plan.ts';
import { type Asked, readAsked } from './asked.ts';
import { decide } from './decide.ts';
import type { AskedOperation, Decision } from './decision.ts';
import { createRuleBook } from './rule-book.ts';
import type { PolicyDefinition } from './rules/definition.ts';

/**
 * Decides about one operation before anything is called. Rules on the principal alone are asked once for each coordinate, rules on
 * arguments once for each time a field is selected; a fragment that is spread twice selects once.
 *
 * @throws GatewayError LIMIT_COST when the operation is too large; what a rule throws
 */
export type Authorize = (operation: AskedOperation) => Decision | Promise<Decision>;

/** Where nothing is required of anybody. */
export const ALL: Decision = Object.freeze({
  grants: Object.freeze({ key: '', isShared: true, denied: undefined, allows: async () => false }),
  refused: [],
});

type Known = { asked: Asked; isPure: boolean; decisions: WeakMap<Principal, Decision> };

/**
 * Prepares deciding for one generation.
 *
 * @param onFaults told of rules that cannot be asked, which then hold for nobody; without it they are thrown
 * @throws GatewayError BAD_REQUEST when a rule is not known or cannot be asked where it stands
 */
export function createAuthorizer(
  model: Model,
  definitions: readonly PolicyDefinition[],
  onFaults?: (faults: readonly string[]) => void,
): Authorize {
  if (model.requirements.isEmpty) return () => ALL;
  const book = createRuleBook(model, definitions, onFaults);
  const known = new WeakMap<Plan, Known>();

  function read(plan: Plan): Known {
    let entry = known.get(plan);
    if (!entry) {
      const asked = readAsked(model, plan);
      const all = [
        ...asked.fields.flatMap(({ before, ofCall }) => [before, ofCall]),
        ...asked.types.map((type) => type.requirements),
      ];
      // Where roles and scopes decide about all of it, one principal always gets the same answer.
      const isPure =
        all.every((each) => each.every((requirement) => book.ruleOf(requirement).isPure)) &&
        asked.fields.every(({ onInputs, onObjects }) => !onInputs && !onObjects);
      entry = { asked, isPure, decisions: new WeakMap() };
      known.set(plan, entry);
    }
    return entry;
  }

  return (operation) => {
    const { asked, isPure, decisions } = read(operation.plan);
    if (asked.fields.length + asked.types.length === 0) return ALL;
    if (!isPure) return decide({ model, book, asked }, operation);
    const before = decisions.get(operation.principal);
    if (before) return before;
    return decide({ model, book, asked }, operation).then((decision) => {
      decisions.set(operation.principal, decision);
      return decision;
    });
  };
}
