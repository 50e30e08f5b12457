/** Numbers of the scalar Decimal keep the text that the source wrote: a double would round some and shorten others. */
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { fitsDouble } from '../../lib/decimal.ts';
import { isRecord, parseJson, parseJsonDigits } from '../../lib/json.ts';
import { directivesNamed } from '../../lib/sdl.ts';
import { wireNameOf } from '../input.ts';

/** Reads JSON without loss; `item` reads what is one item of the list that the field answers. */
export type JsonReader = { whole: (text: string) => unknown; item: (text: string) => unknown };

export const plainReader: JsonReader = { whole: parseJson, item: parseJson };

/** Puts the digits of numbers in place of doubles; `digits` is the same JSON with every number as its text. May change `value`. */
type Patch = (value: unknown, digits: unknown) => unknown;

/** Makes the readers of one source's answers. Where no Decimal can be in an answer it is read as all JSON is. */
export function createDecimalReaders(
  fields: readonly GraphQLField<unknown, unknown>[],
  schema: GraphQLSchema | undefined,
  source: string,
): (field: GraphQLField<unknown, unknown>) => JsonReader {
  const possible = (type: GraphQLNamedType): readonly GraphQLNamedType[] => {
    if (isUnionType(type)) return type.getTypes();
    return isInterfaceType(type) && schema ? schema.getPossibleTypes(type) : [];
  };
  const holding = typesHolding(fields, possible);
  if (holding.size === 0) return () => plainReader;
  const patches = new Map<string, Patch>();

  function ofField(field: GraphQLField<unknown, unknown>, except: ReadonlySet<string> = NONE): Patch | undefined {
    const type = getNamedType(field.type);
    if (!holding.has(type.name)) return undefined;
    const value = marksOf(field, source).map && isObjectType(type) ? type.getFields()['value'] : undefined;
    const patch = value ? ofField(value) : ofType(field.type);
    return value && patch ? inMap(patch, except) : patch;
  }

  function ofType(type: GraphQLOutputType): Patch | undefined {
    if (isNonNullType(type)) return ofType(type.ofType);
    if (isListType(type)) return inList(ofType(type.ofType));
    if (!holding.has(type.name)) return undefined;
    if (!isObjectType(type) && !isAbstractType(type)) return type.name === 'Decimal' ? exactly : nearly;
    const known = patches.get(type.name);
    if (known) return known;
    let patch: Patch | undefined;
    // Known before its fields are looked at, so that a type may hold itself.
    const later: Patch = (value, digits) => {
      patch ??= ofMembers([type, ...possible(type)]);
      return patch(value, digits);
    };
    patches.set(type.name, later);
    return later;
  }

  function ofMembers(types: readonly GraphQLNamedType[]): Patch {
    const fields = types.flatMap(ownFields);
    const named = new Set(fields.flatMap((field) => (marksOf(field, source).rest ? [] : [wireNameOf(field, source)])));
    const own: (readonly [string, Patch])[] = [];
    const whole: Patch[] = [];
    for (const field of fields) {
      const { rest, root } = marksOf(field, source);
      const patch = ofField(field, rest ? named : NONE);
      if (patch && (rest || root)) whole.push(patch);
      else if (patch) own.push([wireNameOf(field, source), patch]);
    }
    return (value, digits) => {
      if (isRecord(value) && isRecord(digits)) {
        for (const [name, patch] of own) if (Object.hasOwn(value, name)) value[name] = patch(value[name], digits[name]);
      }
      return whole.reduce((patched, patch) => patch(patched, digits), value);
    };
  }

  return (field) => {
    const patch = ofField(field);
    if (!patch) return plainReader;
    return {
      whole: (text) => patch(parseJson(text), parseJsonDigits(text)),
      item: (text) => {
        const [item] = patch([parseJson(text)], [parseJsonDigits(text)]) as unknown[];
        return item;
      },
    };
  };
}

const NONE: ReadonlySet<string> = new Set();

/** A number as it is written; what is text already stays. */
function exactly(value: unknown, digits: unknown): unknown {
  return typeof value === 'number' ? digits : value;
}

/** In a scalar of several a number stays one, unless a double cannot hold it. */
function nearly(value: unknown, digits: unknown): unknown {
  return typeof value === 'number' && typeof digits === 'string' && !fitsDouble(digits) ? digits : value;
}

function inList(patch: Patch | undefined): Patch | undefined {
  return (
    patch &&
    ((value, digits) =>
      Array.isArray(value) && Array.isArray(digits) ? value.map((item, at) => patch(item, digits[at])) : value)
  );
}

/** A map, or lists of maps; entries of the names in `except` are none of it. */
function inMap(patch: Patch, except: ReadonlySet<string>): Patch {
  const patched: Patch = (value, digits) => {
    if (Array.isArray(value) && Array.isArray(digits)) return value.map((item, at) => patched(item, digits[at]));
    if (!isRecord(value) || !isRecord(digits)) return value;
    for (const key of Object.keys(value)) if (!except.has(key)) value[key] = patch(value[key], digits[key]);
    return value;
  };
  return patched;
}

/** The fields that stand in an answer: joins are answers of their own. */
function ownFields(type: GraphQLNamedType): GraphQLField<unknown, unknown>[] {
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  return fields.filter(({ astNode }) => directivesNamed(astNode, 'resolveTo').length === 0);
}

type Marks = { map: boolean; rest: boolean; root: boolean };

function marksOf({ astNode }: GraphQLField<unknown, unknown>, source: string): Marks {
  const of = (name: string) => directivesNamed(astNode, name).filter((args) => args['subgraph'] === source);
  const [map] = of('dictionary');
  return { map: map !== undefined, rest: map?.['rest'] === true, root: of('resolveRoot').length > 0 };
}

/** Names of the types below the fields that a Decimal can stand in, and of the scalars that take one. */
function typesHolding(
  fields: readonly GraphQLField<unknown, unknown>[],
  possible: (type: GraphQLNamedType) => readonly GraphQLNamedType[],
): ReadonlySet<string> {
  const parents = new Map<GraphQLNamedType, Set<GraphQLNamedType>>();
  const seen = new Set<GraphQLNamedType>(fields.map(({ type }) => getNamedType(type)));
  for (const type of seen) {
    const below = ownFields(type).map((field) => getNamedType(field.type));
    for (const child of [...below, ...possible(type)]) {
      parents.set(child, (parents.get(child) ?? new Set()).add(type));
      seen.add(child);
    }
  }
  const holding = new Set([...seen].filter(({ name }) => name.split('Or').includes('Decimal')));
  for (const type of holding) for (const parent of parents.get(type) ?? []) holding.add(parent);
  return new Set([...holding].map(({ name }) => name));
}
