/** Defaults of parameters as literals of their types. */
import { type ConstValueNode, Kind, type TypeNode } from 'graphql';
import { valueNode } from '../../../lib/sdl.ts';

/** A 64-bit integer as JSON has it, or as the digits that a double cannot hold. */
const WIDE = (value: unknown): boolean =>
  Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,20}$/.test(value));

const PLAIN: Readonly<Record<string, (value: unknown) => boolean>> = {
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
  Float: (value) => typeof value === 'number',
  String: (value) => typeof value === 'string',
};

/**
 * @param names of an enum, by value on the wire
 * @returns undefined for what is no plain value of the type, or a list with such an item
 */
export function defaultOf(
  type: TypeNode,
  value: unknown,
  names: ReadonlyMap<string, string> | undefined,
): ConstValueNode | undefined {
  if (value === undefined || value === null) return undefined;
  if (type.kind === Kind.NON_NULL_TYPE) return defaultOf(type.type, value, names);
  if (type.kind === Kind.LIST_TYPE) {
    const items = (Array.isArray(value) ? value : [value]).map((item) => defaultOf(type.type, item, names));
    return items.includes(undefined) ? undefined : { kind: Kind.LIST, values: items.flatMap((item) => item ?? []) };
  }
  const name = names?.get(String(value));
  if (name !== undefined) return { kind: Kind.ENUM, value: name };
  const { value: named } = type.name;
  // As text: a literal number would be read as a double before the scalar is asked.
  if ((named === 'Int64' || named === 'UInt64') && WIDE(value)) return { kind: Kind.STRING, value: String(value) };
  return PLAIN[named]?.(value) === true ? valueNode(value) : undefined;
}
