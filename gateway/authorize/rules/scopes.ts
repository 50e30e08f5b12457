import { and, or, type RuleContext, rule, type ShieldRule } from '../shield.ts';

/** `@requiresScopes`: one of the lists, all of it. */
export function hasScopes(anyOf: readonly (readonly string[])[]): ShieldRule {
  return or(...anyOf.map((all) => and(...all.map(hasScope))));
}

function hasScope(scope: string): ShieldRule {
  return rule(`scope ${scope}`, { cache: 'contextual' })((_parent, _args, { principal }: RuleContext) =>
    principal.scopes.includes(scope),
  );
}
