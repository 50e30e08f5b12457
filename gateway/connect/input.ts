/** Arguments on their way out: names of the schema become names of the wire, by what the schema's directives say. */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';

export type InputMapper = (value: unknown) => unknown;
/** What a leaf's value becomes on the wire; undefined where it stays as it is. It is never asked about null. */
export type LeafMapper = (type: GraphQLLeafType) => InputMapper | undefined;

/** An argument by its wire name. */
export type WireArgument = { name: string; map: InputMapper };

type FieldMapping = {
  from: string;
  to: string;
  map: InputMapper | undefined;
  /** The value stands for the whole object; pairs are added to it where it has no such property. */
  root?: readonly (readonly [string, unknown])[];
  /** The value is a map whose entries stand beside the other properties. */
  rest?: boolean;
};
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
  return changes(type, compiler) ? (compile(type, compiler) ?? identity) : identity;
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
      { name: arg.name, map: createElementMapper(arg, source, leafOf) },
    ]),
  );
}

function createElementMapper(arg: GraphQLArgument, source: string, leafOf: LeafMapper): InputMapper {
  const compiler: Compiler = { source, leafOf, done: new Map() };
  const { dictionary, encoded } = marksOf(arg, source);
  if (!dictionary && !encoded) return createInputMapper(arg.type, source, leafOf);
  return compileElement(arg, compiler) ?? identity;
}

type Element = GraphQLArgument | GraphQLInputField;

/** What the directives of an argument or input field say of its form on the wire. */
function marksOf(element: Element, source: string): { dictionary: boolean; rest: boolean; encoded: boolean } {
  const [map] = directivesNamed(element.astNode, 'dictionary').filter((args) => args['subgraph'] === source);
  const encoded = directivesNamed(element.astNode, 'encode').some((args) => args['subgraph'] === source);
  return { dictionary: map !== undefined, rest: map?.['rest'] === true, encoded };
}

function compileElement(element: Element, compiler: Compiler): InputMapper | undefined {
  const { dictionary, encoded } = marksOf(element, compiler.source);
  const leafOf: LeafMapper = encoded ? () => toText : compiler.leafOf;
  const inner = encoded ? { ...compiler, leafOf, done: new Map() } : compiler;
  return dictionary ? compileMap(element.type, inner) : compile(element.type, inner);
}

/** A list of entries becomes the map it stands for; in a list of such lists, each. */
function compileMap(type: GraphQLInputType, compiler: Compiler): InputMapper {
  const entry = getNamedType(type);
  const field = isInputObjectType(entry) ? entry.getFields()['value'] : undefined;
  let map: InputMapper | undefined;
  // Compiled when first needed: a map may hold itself.
  const mapValue: InputMapper = (value) => {
    map ??= (field && compileElement(field, compiler)) ?? identity;
    return map(value);
  };
  const toMap: InputMapper = (value) => {
    if (!Array.isArray(value)) return value;
    if (value.some(Array.isArray)) return value.map(toMap);
    const pairs = value.filter(isRecord).map((each) => [String(each['key']), mapValue(each['value'])] as const);
    const map = new Map(pairs);
    const [twice] =
      map.size < pairs.length ? pairs.filter(([key], at) => pairs.findIndex(([other]) => other === key) < at) : [];
    if (twice) throw refusedKey(twice[0], 'is given twice');
    return Object.fromEntries(map);
  };
  return toMap;
}

function toText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
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
  let mappings: FieldMapping[] | undefined;
  // Its fields are looked at when the first value comes: a type may hold itself, and a chain of types may be longer than the stack.
  const mapper: InputMapper = (value) => {
    if (!isRecord(value)) return value;
    mappings ??= Object.values(type.getFields()).map((field) => mappingOf(field, compiler));
    return mapObject(value, mappings);
  };
  compiler.done.set(type, mapper);
  return mapper;
}

function mappingOf(field: GraphQLInputField, compiler: Compiler): FieldMapping {
  const { source } = compiler;
  const [root] = directivesNamed(field.astNode, 'resolveRoot').filter((args) => args['subgraph'] === source);
  const { rest } = marksOf(field, source);
  return {
    from: field.name,
    to: wireNameOf(field, source),
    map: compileElement(field, compiler),
    ...(root ? { root: pairsOf(root['set']) } : {}),
    ...(rest ? { rest } : {}),
  };
}

function mapObject(value: Record<string, unknown>, mappings: readonly FieldMapping[]): unknown {
  const mapped: Record<string, unknown> = {};
  for (const { from, to, map, root, rest } of mappings) {
    // A property of every object (`constructor`) is nothing the client sent.
    const inner = Object.hasOwn(value, from) ? value[from] : undefined;
    if (inner === undefined) continue;
    const sent = map ? map(inner) : inner;
    if (root) return root.length > 0 && isRecord(sent) ? { ...Object.fromEntries(root), ...sent } : sent;
    if (rest) addRest(mapped, isRecord(sent) ? sent : {}, mappings);
    else mapped[to] = sent;
  }
  return mapped;
}

/** Entries of a map beside properties: none may take the name of a property, whether that is given or not. */
function addRest(
  mapped: Record<string, unknown>,
  entries: Readonly<Record<string, unknown>>,
  mappings: readonly FieldMapping[],
): void {
  for (const [key, value] of Object.entries(entries)) {
    if (mappings.some(({ to, rest }) => to === key && !rest)) throw refusedKey(key, 'is a field of its own');
    Object.defineProperty(mapped, key, { value, enumerable: true, configurable: true, writable: true });
  }
}

function refusedKey(key: string, why: string): GatewayError {
  const shown = JSON.stringify(key.slice(0, 100));
  return new GatewayError('BAD_REQUEST', {
    message: `The key ${shown} of a list of entries ${why}: give it once, in one place.`,
  });
}

/** Pairs of property and JSON text. */
function pairsOf(set: unknown): [string, unknown][] {
  return (Array.isArray(set) ? set : []).map((pair: unknown[]) => [String(pair[0]), JSON.parse(String(pair[1]))]);
}

/** Whether anything that can stand in a value of this type differs on the wire. */
function changes(type: GraphQLInputType, compiler: Compiler): boolean {
  const types = new Set([getNamedType(type)]);
  // It grows while it is walked: a chain of types may be longer than the stack.
  for (const each of types) {
    if (isInputObjectType(each)) {
      for (const field of Object.values(each.getFields())) {
        if (isMarked(field, compiler.source)) return true;
        types.add(getNamedType(field.type));
      }
    } else if (compiler.leafOf(each) !== undefined) return true;
  }
  return false;
}

function isMarked(field: GraphQLInputField, source: string): boolean {
  const { dictionary, encoded } = marksOf(field, source);
  const root = directivesNamed(field.astNode, 'resolveRoot').some((args) => args['subgraph'] === source);
  return dictionary || encoded || root || wireNameOf(field, source) !== field.name;
}
