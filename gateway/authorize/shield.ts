/** The door to graphql-shield: its rules and the logic over them, each asked by itself (`rule.resolve`) and not wrapped around resolvers. */
import { createRequire } from 'node:module';
import util from 'node:util';
import type * as Shield from 'graphql-shield';
import type { Principal } from '../context.ts';

/** A rule, or logic over rules. */
export type ShieldRule = Parameters<typeof Shield.and>[0];

/** What rules are given as context. */
export type RuleContext = {
  readonly principal: Principal;
  /** The library's own: what rules with a cache have answered. */
  readonly _shield: { readonly cache: Record<string, never> };
};

// graphql-shield 7 asks node for a function that is gone since version 23: its module for import cannot be linked there, and of the
// other one `chain` and `race` would fail.
if (!('isUndefined' in util)) {
  Object.defineProperty(util, 'isUndefined', { value: (value: unknown) => value === undefined });
}
const shield = createRequire(import.meta.url)('graphql-shield') as typeof Shield;

export const { rule, and, or, not, chain, race, allow, deny } = shield;

/** The context of one operation. */
export function createRuleContext(principal: Principal): RuleContext {
  return { principal, _shield: { cache: Object.create(null) as Record<string, never> } };
}

/**
 * Asks one rule. Only `true` lets through; a rule that fails fails the operation, and is never taken for an answer.
 *
 * @param parent what the rule may know of the object: values by the path it asked for
 * @param args coerced arguments of the field
 */
export async function askRule(
  asked: ShieldRule,
  { parent = {}, args = {}, context }: { parent?: object; args?: object; context: RuleContext },
): Promise<boolean> {
  const info = {} as Parameters<ShieldRule['resolve']>[3];
  const options = { debug: true, allowExternalErrors: false, fallbackRule: deny, hashFunction: JSON.stringify };
  return (await asked.resolve(parent, args, context as never, info, options)) === true;
}
