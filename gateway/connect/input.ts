/** Arguments on their way out: names of the schema become names of the wire, by what the schema's directives say. */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { isRecord } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';

export type InputMapper = (value: unknown) => unknown;
/** What a leaf's value becomes on the wire; undefined where it stays as it is. It is never asked about null. */
export type LeafMapper = (type: GraphQLLeafType) => InputMapper | undefined;

/** An argument by its wire name. */
export type WireArgument = { name: string; map: InputMapper };

type FieldMapping = { from: string; to: string; map: InputMapper | undefined };
type Compiler = { source: string; leafOf: LeafMapper; done: Map<GraphQLInputObjectType, InputMapper> };

/**
 * A function that turns a coerced input value into the form of one source: fields get the names that `@resolveRootField` gives
 * them there, at any depth, in lists and in types that hold themselves; undefined fields are left out. Where nothing is to be
 * renamed the value comes back as it is, which is decided once.
 *
 * @param source the source whose `@resolveRootField(subgraph: …)` counts
 * @param leafOf changes values of scalars and enums too, by their type
 */
export function createInputMapper(type: GraphQLInputType, source: string, leafOf: LeafMapper = keep): InputMapper {
  const compiler: Compiler = { source, leafOf, done: new Map() };
  return changes(type, compiler, new Set()) ? (compile(type, compiler) ?? identity) : identity;
}

/** The arguments of a root field by their name on the wire, each with the mapper of its type. */
export function wireArguments(
  field: GraphQLField<unknown, unknown>,
  source: string,
  leafOf: LeafMapper = keep,
): ReadonlyMap<string, WireArgument> {
  return new Map(
    field.args.map((arg) => [
      wireNameOf(arg, source),
      { name: arg.name, map: createInputMapper(arg.type, source, leafOf) },
    ]),
  );
}

/** The name an argument, input field or output field has at the source. */
export function wireNameOf(
  element: Pick<GraphQLArgument | GraphQLInputField | GraphQLField<unknown, unknown>, 'name' | 'astNode'>,
  source: string,
): string {
  const renamed = directivesNamed(element.astNode, 'resolveRootField').find((args) => args['subgraph'] === source);
  return typeof renamed?.['field'] === 'string' ? renamed['field'] : element.name;
}

function identity(value: unknown): unknown {
  return value;
}

function keep(): undefined {
  return undefined;
}

function compile(type: GraphQLInputType, compiler: Compiler): InputMapper | undefined {
  if (isNonNullType(type)) return compile(type.ofType, compiler);
  if (isListType(type)) {
    const map = compile(type.ofType, compiler);
    return map && ((value) => (Array.isArray(value) ? value.map(map) : map(value)));
  }
  if (isInputObjectType(type)) return compileObject(type, compiler);
  const map = compiler.leafOf(type);
  return map && ((value) => (value === null || value === undefined ? value : map(value)));
}

function compileObject(type: GraphQLInputObjectType, compiler: Compiler): InputMapper {
  const known = compiler.done.get(type);
  if (known) return known;
  const mappings: FieldMapping[] = [];
  const mapper: InputMapper = (value) => (isRecord(value) ? mapObject(value, mappings) : value);
  // Known before its fields are looked at, so that a type may hold itself.
  compiler.done.set(type, mapper);
  for (const field of Object.values(type.getFields())) {
    mappings.push({ from: field.name, to: wireNameOf(field, compiler.source), map: compile(field.type, compiler) });
  }
  return mapper;
}

function mapObject(value: Record<string, unknown>, mappings: readonly FieldMapping[]): Record<string, unknown> {
  const mapped: Record<string, unknown> = {};
  for (const { from, to, map } of mappings) {
    const inner = value[from];
    if (inner !== undefined) mapped[to] = map ? map(inner) : inner;
  }
  return mapped;
}

/** Whether anything that can stand in a value of this type differs on the wire. */
function changes(type: GraphQLInputType, compiler: Compiler, seen: Set<GraphQLInputType>): boolean {
  if (isNonNullType(type) || isListType(type)) return changes(type.ofType, compiler, seen);
  if (!isInputObjectType(type)) return compiler.leafOf(type) !== undefined;
  if (seen.has(type)) return false;
  seen.add(type);
  return Object.values(type.getFields()).some(
    (field) => wireNameOf(field, compiler.source) !== field.name || changes(field.type, compiler, seen),
  );
}
