import { or, type RuleContext, rule, type ShieldRule } from '../shield.ts';

/** `@requiresRole`: one of the roles. */
export function hasRole(anyOf: readonly string[]): ShieldRule {
  return or(...anyOf.map(hasOne));
}

function hasOne(role: string): ShieldRule {
  return rule(`role ${role}`, { cache: 'contextual' })((_parent, _args, { principal }: RuleContext) =>
    principal.roles.includes(role),
  );
}
