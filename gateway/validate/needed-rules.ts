/** Rules of validation that can find something: graphql-js calls each for every node, whatever a document holds. */
import {
  type DocumentNode,
  FragmentsOnCompositeTypesRule,
  KnownDirectivesRule,
  KnownFragmentNamesRule,
  KnownTypeNamesRule,
  MaxIntrospectionDepthRule,
  NoFragmentCyclesRule,
  NoUndefinedVariablesRule,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  PossibleFragmentSpreadsRule,
  SingleFieldSubscriptionsRule,
  UniqueDirectivesPerLocationRule,
  UniqueFragmentNamesRule,
  UniqueVariableNamesRule,
  type ValidationRule,
  VariablesAreInputTypesRule,
  VariablesInAllowedPositionRule,
} from 'graphql';

/** What has to stand in a document, if only in a text or a comment, for a rule to find a fault in it. */
const SIGNS: readonly (readonly [RegExp, readonly ValidationRule[]])[] = [
  [
    /\.\.\.|\bfragment\b/,
    [
      FragmentsOnCompositeTypesRule,
      KnownFragmentNamesRule,
      NoFragmentCyclesRule,
      NoUnusedFragmentsRule,
      PossibleFragmentSpreadsRule,
      UniqueFragmentNamesRule,
    ],
  ],
  [
    /\$/,
    [
      NoUndefinedVariablesRule,
      NoUnusedVariablesRule,
      UniqueVariableNamesRule,
      VariablesAreInputTypesRule,
      VariablesInAllowedPositionRule,
    ],
  ],
  // Types are named by fragments and variables alone.
  [/\.\.\.|\bfragment\b|\$/, [KnownTypeNamesRule]],
  [/@/, [KnownDirectivesRule, UniqueDirectivesPerLocationRule]],
  [/\bsubscription\b/, [SingleFieldSubscriptionsRule]],
  [/__/, [MaxIntrospectionDepthRule]],
];

/** The rules without those that cannot find anything in the document. One that was not parsed from a text gets all. */
export function neededRules({ loc }: DocumentNode, rules: readonly ValidationRule[]): readonly ValidationRule[] {
  if (!loc) return rules;
  const { body } = loc.source;
  const idle = new Set(SIGNS.flatMap(([sign, ruled]) => (sign.test(body) ? [] : ruled)));
  return rules.filter((rule) => !idle.has(rule));
}
