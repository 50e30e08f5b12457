import { type GraphQLNamedType, isAbstractType } from 'graphql';
import type { Model } from './model.ts';

/**
 * Remembers which source an object came from, for types that several sources share. Types of one owner need no memory.
 * The memory is weak: it lives as long as the object.
 */
export type Origins = {
  /** The source of a value of `type`. */
  of: (type: string, value: unknown) => string;
  /** Notes the source of a value (and of each item of a list) where its type has several owners. */
  note: (type: GraphQLNamedType, value: unknown, source: string) => unknown;
};

export function createOrigins(model: Model): Origins {
  const known = new WeakMap<object, string>();
  const shared = new Map<string, boolean>();
  const isShared = (type: GraphQLNamedType): boolean => {
    let answer = shared.get(type.name);
    if (answer === undefined) {
      const members = isAbstractType(type) ? model.schema.getPossibleTypes(type) : [type];
      answer = members.some(({ name }) => model.ownersOf(name).length > 1);
      shared.set(type.name, answer);
    }
    return answer;
  };
  const mark = (value: unknown, source: string): void => {
    if (Array.isArray(value)) for (const item of value) mark(item, source);
    else if (typeof value === 'object' && value !== null && !(value instanceof Error)) known.set(value, source);
  };
  return {
    of(type, value) {
      const owners = model.ownersOf(type);
      if (owners.length > 1 && typeof value === 'object' && value !== null) return known.get(value) ?? owners[0] ?? '';
      return owners[0] ?? '';
    },
    note(type, value, source) {
      if (isShared(type)) mark(value, source);
      return value;
    },
  };
}
