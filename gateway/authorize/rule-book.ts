/** Every requirement of a schema as a rule that can be asked, made and checked when the generation is taken into service. */
import { isInputObjectType, isObjectType } from 'graphql';
import type { PolicyRequirement, Requirement } from '../config/coordinates.ts';
import { GatewayError } from '../errors.ts';
import type { Model } from '../execute/model.ts';
import { type CompiledRule, compileRule } from './rule-tree.ts';
import type { PolicyDefinition } from './rules/definition.ts';
import { deny, type ShieldRule } from './shield.ts';

export type RuleBook = {
  /** @param argument path of the argument that the requirement stands on or in, for rules that name none themselves */
  ruleOf(requirement: Requirement, argument?: string): CompiledRule;
  /** The rule of one that looks at objects. */
  objectRuleOf(policy: PolicyRequirement): ShieldRule;
};

/**
 * @param onFaults told of rules that are not known or cannot be asked where they stand, which then hold for nobody; without it they are thrown
 * @throws GatewayError BAD_REQUEST with every such rule
 */
export function createRuleBook(
  model: Model,
  definitions: readonly PolicyDefinition[],
  onFaults?: (faults: readonly string[]) => void,
): RuleBook {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const faults = faultsOf(model, byName);
  if (faults.length > 0 && !onFaults) throw new GatewayError('BAD_REQUEST', { message: faults.join('\n') });
  if (faults.length > 0) onFaults?.(faults);
  const compile = (requirement: Requirement, argument?: string): CompiledRule => {
    try {
      return compileRule(requirement, byName, { place: argument ?? '', argument });
    } catch (error) {
      // Told above: what cannot be asked lets nobody through.
      if (error instanceof GatewayError) return { rule: deny, reads: 'principal', isPure: true };
      throw error;
    }
  };
  const rules = new Map<Requirement, CompiledRule>();
  const objectRules = new Map<PolicyRequirement, ShieldRule>();
  const dependsOnPlace = (requirement: Requirement): boolean =>
    requirement.kind === 'policy' &&
    requirement.policy.argument === undefined &&
    byName.get(requirement.policy.name)?.reads === 'arguments';
  return {
    ruleOf(requirement, argument) {
      if (dependsOnPlace(requirement)) return compile(requirement, argument);
      const rule = rules.get(requirement) ?? compile(requirement);
      rules.set(requirement, rule);
      return rule;
    },
    objectRuleOf(policy) {
      const rule = objectRules.get(policy) ?? compile({ kind: 'policy', policy }).rule;
      objectRules.set(policy, rule);
      return rule;
    },
  };
}

function faultsOf({ requirements, schema, kinds }: Model, byName: ReadonlyMap<string, PolicyDefinition>): string[] {
  const faults = new Set<string>();
  function check(place: string, all: readonly Requirement[], argument?: string): void {
    for (const requirement of all) {
      try {
        compileRule(requirement, byName, { place, argument });
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        faults.add(error.message);
      }
    }
  }
  const asRequirements = (policies: readonly PolicyRequirement[]) =>
    policies.map((policy): Requirement => ({ kind: 'policy', policy }));

  for (const type of Object.values(schema.getTypeMap())) {
    check(type.name, requirements.ofType(type));
    check(type.name, asRequirements(requirements.onObjectsOf(type)));
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields()))
        check(`${type.name}.${field.name}`, requirements.ofInputField(field), field.name);
    }
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const { before, onObject } = requirements.ofField(type, field);
      check(coordinate, before);
      check(coordinate, asRequirements(onObject));
      for (const arg of field.args)
        check(`${coordinate}.${arg.name}`, requirements.ofArgument(type, field, arg), arg.name);
    }
  }
  for (const source of kinds.keys()) check(source, requirements.ofSource(source));
  return [...faults];
}
