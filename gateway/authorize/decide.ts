import { type FieldNode, getArgumentValues } from 'graphql';
import type { Requirement } from '../config/coordinates.ts';
import type { Model } from '../execute/model.ts';
import type { PlanNode } from '../execute/plan.ts';
import type { Asked, AskedField } from './asked.ts';
import type { AskedOperation, Decision } from './decision.ts';
import { createDenied, placeOf } from './denied.ts';
import { givenIn } from './given.ts';
import type { RuleBook } from './rule-book.ts';
import { askRule, createRuleContext } from './shield.ts';

type Deciding = { readonly model: Model; readonly book: RuleBook; readonly asked: Asked };

/** Asks every rule about one operation, each as often as what it looks at demands. */
export async function decide({ model, book, asked }: Deciding, operation: AskedOperation): Promise<Decision> {
  const context = createRuleContext(operation.principal);
  const coordinates = new Set<string>();
  const places = new Set<string>();
  const types = new Set<string>();
  const answers = new Map<Requirement, Map<string, Promise<boolean>>>();

  /** Rules on the principal alone: once for each coordinate. */
  function ofPrincipal(requirement: Requirement, coordinate: string): Promise<boolean> {
    const known = answers.get(requirement) ?? new Map<string, Promise<boolean>>();
    answers.set(requirement, known);
    const answer = known.get(coordinate) ?? askRule(book.ruleOf(requirement).rule, { context });
    known.set(coordinate, answer);
    return answer;
  }
  const readsPrincipal = (requirement: Requirement): boolean => book.ruleOf(requirement).reads === 'principal';
  const allOf = (requirements: readonly Requirement[], coordinate: string): Promise<boolean> =>
    every(requirements.filter(readsPrincipal), (each) => ofPrincipal(each, coordinate));

  /** Rules that read arguments, and what stands in arguments: once for each selection, with coerced values. */
  async function ofArguments({ node, before, ofCall, onInputs }: AskedField): Promise<boolean> {
    const reading = [...before, ...ofCall].filter((requirement) => !readsPrincipal(requirement));
    const args = argumentsOf(node, operation.variables);
    // What cannot be coerced the engine would refuse as well.
    if (args === undefined) return false;
    if (!(await every(reading, (each) => askRule(book.ruleOf(each).rule, { args, context })))) return false;
    const variables = { operation: operation.plan.operation, sent: operation.sent };
    const given = onInputs ? givenIn(model.requirements, node, variables) : [];
    return await every(given, async ({ coordinate, argument, requirements }) =>
      every(requirements, (each) => {
        const { rule, reads } = book.ruleOf(each, argument);
        return reads === 'principal' ? ofPrincipal(each, coordinate) : askRule(rule, { args, context });
      }),
    );
  }

  await Promise.all([
    ...asked.fields.map(async ({ node, before, ofCall }) => {
      if (!(await allOf(before, node.coordinate))) coordinates.add(node.coordinate);
      else if (!(await allOf(ofCall, node.coordinate))) places.add(placeOf(node.coordinate, node.path));
    }),
    ...asked.types.map(async ({ name, requirements }) => {
      if (!(await allOf(requirements, name))) types.add(name);
    }),
  ]);
  const isDenied = ({ coordinate, path }: PlanNode): boolean =>
    coordinates.has(coordinate) || places.has(placeOf(coordinate, path));

  const selections = new Map<FieldNode | undefined, Map<string, Promise<boolean>>>();
  const reading = asked.fields.filter(
    ({ node, before, ofCall, onInputs }) =>
      !isDenied(node) && (onInputs || ![...before, ...ofCall].every(readsPrincipal)),
  );
  const found = await Promise.all(
    reading.map(async (field) => {
      const [selection] = field.node.nodes;
      const known = selections.get(selection) ?? new Map<string, Promise<boolean>>();
      selections.set(selection, known);
      const answer = known.get(field.node.coordinate) ?? ofArguments(field);
      known.set(field.node.coordinate, answer);
      return (await answer) ? [] : [field.node];
    }),
  );
  for (const { coordinate, path } of found.flat()) places.add(placeOf(coordinate, path));

  // What one selection on an interface stands for is denied together: the strictest holds.
  const together = asked.alike.filter((nodes) => nodes.some(isDenied)).flat();
  for (const { coordinate, path } of together) places.add(placeOf(coordinate, path));

  const denied = createDenied({ coordinates, places, types });
  return {
    grants: {
      key: denied?.key ?? '',
      isShared: !asked.fields.some(({ node, onObjects }) => onObjects && !isDenied(node)),
      denied,
      allows: (policy, values) => askRule(book.objectRuleOf(policy), { parent: values, context }),
    },
    refused: [...new Set([...asked.fields.map(({ node }) => node), ...together])].filter(isDenied),
  };
}

async function every<Value>(
  values: readonly Value[],
  holds: (value: Value) => boolean | Promise<boolean>,
): Promise<boolean> {
  for (const value of values) if (!(await holds(value))) return false;
  return true;
}

function argumentsOf(
  { field, nodes }: PlanNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const [node] = nodes;
  try {
    return node ? getArgumentValues(field, node, variables) : {};
  } catch {
    return undefined;
  }
}
