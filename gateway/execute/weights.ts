/**
 * What the GraphQL cost directives say of fields, arguments and types (ibm.github.io/graphql-specs/cost-spec.html §7, §8), with the
 * defaults of the specification: 1 for what is or gives composite values, 0 for scalars and enums.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';
import { isRecord } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';
import { named } from './model.ts';

export type ListSize = {
  readonly assumedSize: number | undefined;
  /** Paths into the field's arguments. */
  readonly slicingArguments: readonly (readonly string[])[];
  /** Fields below that are the list; empty when it is the field itself. */
  readonly sizedFields: readonly string[];
  readonly requireOneSlicingArgument: boolean;
};

/** What was read once of a definition: it never changes. */
const WEIGHTS = new WeakMap<object, number>();
const SIZES = new WeakMap<object, { readonly size: ListSize | undefined }>();

/** Points of a value of an object type, of a scalar or of an enum. */
export function typeWeight(type: GraphQLNamedType): number {
  return weightOf(type, () => (isLeafType(type) ? 0 : 1));
}

/**
 * Points of a field each time it runs: its own, and those of the arguments it is given; never below 0 (§5.3.2.2).
 *
 * @param values coerced values of its arguments
 */
export function fieldCost(field: GraphQLField<unknown, unknown>, values: Readonly<Record<string, unknown>>): number {
  let cost = weightOf(field, () => (isLeafType(named(field.type)) ? 0 : 1));
  for (const arg of field.args) cost += inputCost(arg, values[arg.name]);
  return Math.max(0, cost);
}

/** What `@listSize` says; undefined where it says nothing. */
export function listSizeOf(field: GraphQLField<unknown, unknown>): ListSize | undefined {
  const known = SIZES.get(field);
  if (known) return known.size;
  const [args] = directivesNamed(field.astNode, 'listSize');
  const size = args && {
    assumedSize: numberOf(args['assumedSize']),
    slicingArguments: textsOf(args['slicingArguments']).map((path) => path.split('.')),
    sizedFields: textsOf(args['sizedFields']),
    requireOneSlicingArgument: args['requireOneSlicingArgument'] !== false,
  };
  SIZES.set(field, { size });
  return size;
}

/** Points of an argument or input field that is given, with what is given inside it. */
function inputCost(input: GraphQLArgument | GraphQLInputField, value: unknown): number {
  if (value === undefined) return 0;
  const own = weightOf(input, () => (isInputObjectType(named(input.type)) ? 1 : 0));
  return own + costInside(input.type, value);
}

function costInside(type: GraphQLInputType, value: unknown): number {
  // Values without fields cost nothing, however many there are.
  if (!isInputObjectType(named(type))) return 0;
  if (isNonNullType(type)) return costInside(type.ofType, value);
  if (isListType(type)) {
    if (!Array.isArray(value)) return 0;
    return value.reduce((sum: number, item: unknown) => sum + costInside(type.ofType, item), 0);
  }
  if (!isInputObjectType(type) || !isRecord(value)) return 0;
  return Object.values(type.getFields()).reduce((sum, field) => sum + inputCost(field, value[field.name]), 0);
}

type Defined = { readonly astNode?: Parameters<typeof directivesNamed>[0] };

function weightOf(definition: Defined, fallback: () => number): number {
  const known = WEIGHTS.get(definition);
  if (known !== undefined) return known;
  const [args] = directivesNamed(definition.astNode, 'cost');
  const weight = numberOf(args?.['weight']) ?? fallback();
  WEIGHTS.set(definition, weight);
  return weight;
}

/** Weights are texts in the directive; long integers are texts as plain values, too. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
