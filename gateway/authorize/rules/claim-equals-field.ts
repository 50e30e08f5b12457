import { type RuleContext, rule } from '../shield.ts';
import type { PolicyDefinition } from './definition.ts';
import { equalsClaim } from './equal.ts';

/**
 * Ownership by what is answered: `{ name: claimEqualsField, claim: sub, field: customerId }` on a type, or on one field of it. An object
 * without the value is nobody's.
 */
export const claimEqualsField: PolicyDefinition = {
  name: 'claimEqualsField',
  reads: 'object',
  create({ claim, field }) {
    if (claim === undefined || field === undefined) throw new Error('needs claim and field');
    return rule()((parent: Readonly<Record<string, unknown>>, _args, { principal }: RuleContext) =>
      equalsClaim(principal, claim, parent[field]),
    );
  },
};
