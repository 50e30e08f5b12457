/** What a client gives in arguments, told from what defaults would add: requirements on inputs are for who gives them. */
import {
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import type { Requirement } from '../config/coordinates.ts';
import type { PlanNode } from '../execute/plan.ts';
import type { Requirements } from '../execute/requirements.ts';
import { isRecord } from '../lib/json.ts';

/** Something given that has requirements, and where it stands: the path from the field's arguments (`input.tenantId`). */
export type Given = {
  readonly coordinate: string;
  readonly argument: string;
  readonly requirements: readonly Requirement[];
};

/** Variables as the client sent them, and as the operation declares them. */
export type SentVariables = {
  readonly operation: OperationDefinitionNode;
  readonly sent: Readonly<Record<string, unknown>>;
};

/** Everything given in the arguments of one field that something is required of, each coordinate once. */
export function givenIn(
  requirements: Requirements,
  { type, field, nodes }: { type: GraphQLObjectType; field: GraphQLField<unknown, unknown>; nodes: PlanNode['nodes'] },
  variables: SentVariables,
): Given[] {
  const found = new Map<string, Given>();
  for (const { name, value } of nodes[0]?.arguments ?? []) {
    const arg = field.args.find((each) => each.name === name.value);
    if (!arg) continue;
    const add: Walker['add'] = (coordinate, argument, own) => {
      if (own.length > 0) found.set(`${coordinate} ${argument}`, { coordinate, argument, requirements: own });
    };
    const walker: Walker = { requirements, variables, add };
    const given = readLiteral(value, variables);
    if (given === MISSING) continue;
    add(`${type.name}.${field.name}.${arg.name}`, arg.name, requirements.ofArgument(type, field, arg));
    walk(walker, arg.type, given, arg.name);
  }
  return [...found.values()];
}

type Walker = {
  requirements: Requirements;
  variables: SentVariables;
  add: (coordinate: string, argument: string, own: readonly Requirement[]) => void;
};

const MISSING = Symbol('not given');

/** Lists and objects of literals are walked as they stand; what variables hold as JSON. */
type GivenValue = ValueNode | { readonly json: unknown };

function readLiteral(value: ValueNode, { operation, sent }: SentVariables): GivenValue | typeof MISSING {
  if (value.kind !== Kind.VARIABLE) return value;
  const name = value.name.value;
  if (Object.hasOwn(sent, name) && sent[name] !== undefined) return { json: sent[name] };
  const definition = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
  return definition?.defaultValue ?? MISSING;
}

function walk(walker: Walker, inputType: GraphQLInputType, value: GivenValue, path: string): void {
  const type = getNamedType(inputType);
  const { requirements, add } = walker;
  if (!requirements.isInputGuarded(type)) return;
  for (const item of itemsOf(value, walker.variables)) {
    add(type.name, path, requirements.ofType(type));
    if (!isInputObjectType(type)) continue;
    for (const [name, inner] of entriesOf(item, walker.variables)) {
      const field: GraphQLInputField | undefined = type.getFields()[name];
      if (!field) continue;
      add(`${type.name}.${name}`, `${path}.${name}`, requirements.ofInputField(field));
      walk(walker, field.type, inner, `${path}.${name}`);
    }
  }
}

/** The values of a list, of lists in it too; of a single value the value. Null holds nothing. */
function itemsOf(value: GivenValue, variables: SentVariables): GivenValue[] {
  if ('json' in value) {
    if (value.json === null || value.json === undefined) return [];
    return Array.isArray(value.json) ? value.json.flatMap((json) => itemsOf({ json }, variables)) : [value];
  }
  if (value.kind === Kind.NULL) return [];
  if (value.kind !== Kind.LIST) return [value];
  return value.values.flatMap((item) => {
    const given = readLiteral(item, variables);
    return given === MISSING ? [] : itemsOf(given, variables);
  });
}

function entriesOf(value: GivenValue, variables: SentVariables): [string, GivenValue][] {
  if ('json' in value) {
    return isRecord(value.json) ? Object.entries(value.json).map(([name, json]) => [name, { json }]) : [];
  }
  if (value.kind !== Kind.OBJECT) return [];
  return value.fields.flatMap((field): [string, GivenValue][] => {
    const given = readLiteral(field.value, variables);
    return given === MISSING ? [] : [[field.name.value, given]];
  });
}
