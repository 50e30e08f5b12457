import {
  type GraphQLInputType,
  type GraphQLNamedType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { isRecord } from '../lib/json.ts';
import type { Model } from './model.ts';
import { named, wireName } from './model.ts';

/** Prefix of the aliases under which keys are asked of GraphQL sources, so that they meet no client's alias: those are refused. */
export const KEY_ALIAS = '_k_';

/** One key in one text: equal keys have equal texts, whether a source writes them as number or string. */
export function keyText(parts: readonly unknown[]): string {
  return parts.length === 1 ? String(parts[0]) : JSON.stringify(parts.map(String));
}

/** Reads the value at the end of a path below a value of `type`, as `source` writes it. Lists on the way give lists. */
export type PathReader = (value: unknown) => unknown;

/**
 * Prepares reading `path` below `type` in data of `source`.
 * @param aliased whether the first step was asked under its key alias (GraphQL sources)
 */
export function createPathReader(
  type: GraphQLNamedType | undefined,
  path: readonly string[],
  source: string,
  aliased: boolean,
): PathReader {
  const [first, ...rest] = wirePath(type, path, source);
  const names = first === undefined ? [] : [aliased ? KEY_ALIAS + path[0] : first, ...rest];
  return (value) => walk(value, names, 0);
}

/** A path of fields below `type` in the names that `source` gives them. */
export function wirePath(type: GraphQLNamedType | undefined, path: readonly string[], source: string): string[] {
  const names: string[] = [];
  let current = type;
  for (const name of path) {
    const field: unknown = isObjectType(current) || isInterfaceType(current) ? current.getFields()[name] : undefined;
    names.push(field === undefined ? name : wireName(field as Parameters<typeof wireName>[0], source));
    current = field === undefined ? undefined : named((field as { type: GraphQLNamedType }).type);
  }
  return names;
}

function walk(value: unknown, names: readonly string[], index: number): unknown {
  const name = names[index];
  if (name === undefined) return value;
  if (Array.isArray(value))
    return value.flatMap((item) => walk(item, names, index)).filter((item) => item !== undefined && item !== null);
  return isRecord(value) ? walk(value[name], names, index + 1) : undefined;
}

/** Where keys go in a call's arguments. */
export type KeyTarget = {
  /** Whether the argument takes many keys at once. */
  bulk: boolean;
  /** Whether a key can be sent as it is: no object, and a number that is written in the one way where the argument is one. No row has another key. */
  takes: (key: readonly unknown[]) => boolean;
  /** The arguments of a call for these keys: all of a chunk, or the one. */
  place: (keys: readonly (readonly unknown[])[]) => Record<string, unknown>;
};

type Arguments = readonly { name: string; type: GraphQLInputType }[];

/** Prepares placing keys at `keysArg` (`ids`, `input.productIds`); composite keys become objects of `keysArgFields`. */
export function createKeyTarget(
  args: Arguments,
  keysArg: readonly string[],
  keysArgFields: readonly string[],
): KeyTarget {
  if (keysArg.length === 0) {
    const coerce = keysArgFields.map((name) => coercion(args.find((arg) => arg.name === name)?.type));
    return {
      bulk: false,
      takes: (key) => key.every((part, index) => isKey(coerce[index]?.(part) ?? part)),
      place: ([key = []]) =>
        Object.fromEntries(keysArgFields.map((name, index) => [name, coerce[index]?.(key[index])])),
    };
  }
  const type = typeAt(args, keysArg);
  const bulk = type !== undefined && isListType(isNonNullType(type) ? type.ofType : type);
  const item = type && named(type);
  const one = (key: readonly unknown[]): unknown => {
    if (keysArgFields.length === 0) return coercion(item)(key[0]);
    const fields = isInputObjectType(item) ? item.getFields() : {};
    return Object.fromEntries(keysArgFields.map((name, index) => [name, coercion(fields[name]?.type)(key[index])]));
  };
  const takes = (key: readonly unknown[]): boolean => {
    const fields = isInputObjectType(item) ? item.getFields() : {};
    return key.every((part, index) => {
      const type = keysArgFields.length === 0 ? item : fields[keysArgFields[index] ?? '']?.type;
      return isKey(coercion(type)(part)) && isKey(part);
    });
  };
  return { bulk, takes, place: (keys) => nest(keysArg, bulk ? keys.map(one) : one(keys[0] ?? [])) };
}

function typeAt(args: Arguments, path: readonly string[]): GraphQLInputType | undefined {
  const [first, ...rest] = path;
  let type = args.find(({ name }) => name === first)?.type;
  for (const name of rest) {
    const input: unknown = type && named(type);
    type = isInputObjectType(input) ? input.getFields()[name]?.type : undefined;
  }
  return type;
}

function isKey(value: unknown): boolean {
  return typeof value !== 'object' && !Number.isNaN(value);
}

/** A key as its argument wants it: a number where the argument is one, else text; NaN for what would be another key then. */
function coercion(type: unknown): (value: unknown) => unknown {
  const name = type === undefined ? 'String' : named(type as GraphQLNamedType).name;
  if (name === 'Float') return exactNumber;
  if (name === 'Int') return (value) => (Number.isSafeInteger(exactNumber(value)) ? Number(value) : Number.NaN);
  if (name === 'UInt32')
    return (value) => (exactNumber(value) >>> 0 === exactNumber(value) ? Number(value) : Number.NaN);
  if (name === 'String' || name === 'ID' || name === 'Int64' || name === 'UInt64' || name === 'UUID') return String;
  return (value) => value;
}

/** A number, or the text that JavaScript writes for one: `0x10`, `1e3`, a blank and what has too many digits would ask for another row. */
function exactNumber(value: unknown): number {
  const isExact = typeof value === 'number' || (typeof value === 'string' && String(Number(value)) === value);
  return isExact && Number.isFinite(Number(value)) ? Number(value) : Number.NaN;
}

function nest(path: readonly string[], value: unknown): Record<string, unknown> {
  const [first = '', ...rest] = path;
  return { [first]: rest.length === 0 ? value : nest(rest, value) };
}

/** Whether data of the source is asked with a selection, and so comes under aliases. */
export function isAliased(model: Model, source: string): boolean {
  return model.kinds.get(source) === 'graphql';
}
