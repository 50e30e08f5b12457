import type { PolicyRequirement } from '../../config/coordinates.ts';
import type { ShieldRule } from '../shield.ts';

/** A rule that policies call by name (`@policy(name: …)`). */
export type PolicyDefinition = {
  readonly name: string;
  /**
   * What it looks at beside who asks, which says when it is asked:
   * - `principal`: nothing; once for each coordinate, before anything is called
   * - `arguments`: coerced arguments; once for each time the field is selected, before anything is called
   * - `object`: the value of `field`, as `parent[field]`; by the resolver, once for each object. Such an answer is never shared
   */
  readonly reads: 'principal' | 'arguments' | 'object';
  /** Makes the rule for one place. @throws Error with a sentence that says what is missing there */
  create(policy: PolicyRequirement): ShieldRule;
};
