/** Requirements as graphql-shield's rules. */
import type { PolicyRequirement, Requirement } from '../config/coordinates.ts';
import { GatewayError } from '../errors.ts';
import { isAuthenticated } from './rules/authenticated.ts';
import type { PolicyDefinition } from './rules/definition.ts';
import { hasRole } from './rules/roles.ts';
import { hasScopes } from './rules/scopes.ts';
import { race, type ShieldRule } from './shield.ts';

/** A requirement that can be asked. */
export type CompiledRule = {
  readonly rule: ShieldRule;
  readonly reads: PolicyDefinition['reads'];
  /** Whether it looks at nothing but roles and scopes, so that one principal always gets the same answer. */
  readonly isPure: boolean;
};

/**
 * Makes the rule of a requirement.
 *
 * @param place where it stands, for the error: a coordinate
 * @param argument the argument that it stands on, which a rule about arguments means when it names none
 * @throws GatewayError BAD_REQUEST for a rule that is not known, or cannot be asked there
 */
export function compileRule(
  requirement: Requirement,
  definitions: ReadonlyMap<string, PolicyDefinition>,
  { place, argument }: { place: string; argument?: string | undefined },
): CompiledRule {
  if (requirement.kind === 'authenticated') return { rule: isAuthenticated, reads: 'principal', isPure: true };
  if (requirement.kind === 'scopes') return { rule: hasScopes(requirement.anyOf), reads: 'principal', isPure: true };
  if (requirement.kind === 'roles') return { rule: hasRole(requirement.anyOf), reads: 'principal', isPure: true };
  const { policy } = requirement;
  const fault = (message: string): GatewayError =>
    new GatewayError('BAD_REQUEST', { message: `${place}: the rule ${policy.name} ${message}.` });
  const definition = definitions.get(policy.name);
  if (!definition) throw fault(`is not known; there are ${[...definitions.keys()].join(', ')}`);
  const { reads } = definition;
  if (reads === 'object' && policy.field === undefined) throw fault('needs field: what of the object it looks at');
  if (reads !== 'object' && policy.field !== undefined) throw fault('looks at no object, and takes no field');
  const named = reads === 'arguments' && policy.argument === undefined ? { ...policy, argument } : policy;
  try {
    return { rule: withExceptions(definition.create(named), policy), reads, isPure: false };
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error));
  }
}

/** Who has one of the roles, or the scopes, need not be asked further. */
function withExceptions(rule: ShieldRule, { unlessRoles, unlessScopes }: PolicyRequirement): ShieldRule {
  const exceptions = [
    ...(unlessRoles ? [hasRole(unlessRoles)] : []),
    ...(unlessScopes ? [hasScopes(unlessScopes)] : []),
  ];
  return exceptions.length === 0 ? rule : race(...exceptions, rule);
}
