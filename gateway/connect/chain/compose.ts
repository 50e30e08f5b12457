import type { Caller, CallRule } from '../connector.ts';

/** The transport behind its rules; the first rule is the outermost. */
export function composeRules(rules: readonly CallRule[], transport: Caller): Caller {
  return rules.reduceRight((next, rule) => rule(next), transport);
}
