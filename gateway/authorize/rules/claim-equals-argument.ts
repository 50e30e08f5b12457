import { isRecord } from '../../lib/json.ts';
import { type RuleContext, rule } from '../shield.ts';
import type { PolicyDefinition } from './definition.ts';
import { equalsClaim } from './equal.ts';

/**
 * Tenancy by what is asked for: `{ name: claimEqualsArgument, claim: tenant, argument: input.tenantId }`. An argument that is left out
 * or null equals nothing; of a list every value has to be the claim.
 */
export const claimEqualsArgument: PolicyDefinition = {
  name: 'claimEqualsArgument',
  reads: 'arguments',
  create({ claim, argument }) {
    if (claim === undefined || argument === undefined) throw new Error('needs claim and argument');
    const path = argument.split('.');
    return rule()((_parent, args: unknown, { principal }: RuleContext) =>
      equalsClaim(principal, claim, valueAt(args, path)),
    );
  },
};

/** The value at a path; where lists are on the way, the values of all items. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(value)) return value.flatMap((item) => valueAt(item, path));
  return isRecord(value) && Object.hasOwn(value, name) ? valueAt(value[name], rest) : undefined;
}
