/** Which coordinates an operation must use for a breaking change to break it. */
import { type Change, ChangeType as Kind } from '@graphql-inspector/core';

/** Where a change strikes: who uses exactly this, who uses anything of this type, or who uses something of both types. */
type Strike = { exact: string } | { type: string } | { both: readonly [string, string] };

/**
 * @param breaking breaking changes
 * @returns the coordinates of the changes that an operation meets, by what it uses; empty when it goes on working
 */
export function usersOf(breaking: readonly Change[]): (coordinates: readonly string[]) => Set<string> {
  const exact = new Map<string, string[]>();
  const within = new Map<string, string[]>();
  const types = new Map<string, string[]>();
  const pairs: { both: readonly [string, string]; place: string }[] = [];
  for (const change of breaking) {
    const strike = strikeOf(change);
    const place = placeOf(change);
    if ('exact' in strike) {
      add(exact, strike.exact, place);
      add(within, typeOf(strike.exact), place);
    } else if ('type' in strike) add(types, strike.type, place);
    else pairs.push({ both: strike.both, place });
  }
  return (coordinates) => {
    const places = new Set<string>();
    const meet = (found: readonly string[] | undefined): void => {
      for (const place of found ?? []) places.add(place);
    };
    const used = new Set(coordinates.map(typeOf));
    for (const coordinate of coordinates) {
      meet(exact.get(coordinate));
      // A variable of a large type is recorded as all of it.
      if (coordinate.endsWith('.*')) meet(within.get(typeOf(coordinate)));
    }
    for (const type of used) meet(types.get(type));
    for (const { both, place } of pairs) if (both.every((type) => used.has(type))) places.add(place);
    return places;
  };
}

/** Where a change is, without directives. */
export function placeOf({ path = '' }: Change): string {
  return path.replace(/\.@.*$/, '');
}

function add(map: Map<string, string[]>, key: string, place: string): void {
  const list = map.get(key);
  if (list) list.push(place);
  else map.set(key, [place]);
}

function strikeOf({ type, path = '', meta }: Change): Strike {
  switch (type) {
    case Kind.FieldRemoved:
    case Kind.FieldTypeChanged:
    case Kind.FieldArgumentRemoved:
    case Kind.EnumValueRemoved:
    case Kind.InputFieldRemoved:
      return { exact: path };
    // Who calls the field has to give the argument from now on.
    case Kind.FieldArgumentAdded:
      return { exact: parentOf(path) };
    case Kind.FieldArgumentTypeChanged:
      return { exact: isRequired(meta.newArgumentType) ? parentOf(path) : path };
    // Who sends the type has to give the field from now on.
    case Kind.InputFieldAdded:
      return { type: typeOf(path) };
    case Kind.InputFieldTypeChanged:
      return isRequired(meta.newInputFieldType) ? { type: typeOf(path) } : { exact: path };
    case Kind.UnionMemberRemoved:
      return { both: [meta.unionName, meta.removedUnionMemberTypeName] };
    case Kind.ObjectTypeInterfaceRemoved:
      return { both: [meta.objectTypeName, meta.removedInterfaceName] };
    // Type removed or of another kind, @oneOf added, and whatever else may come: everything of the type.
    default:
      return { type: typeOf(path) };
  }
}

function isRequired(type: unknown): boolean {
  return String(type).endsWith('!');
}

function typeOf(path: string): string {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('.'));
}
