import { type RuleContext, rule } from '../shield.ts';

/** `@authenticated`: for who has shown a proof of identity, whichever. */
export const isAuthenticated = rule('authenticated', { cache: 'contextual' })(
  (_parent, _args, { principal }: RuleContext) => principal.kind !== 'anonymous',
);
