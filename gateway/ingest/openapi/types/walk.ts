/** From a schema to the GraphQL type that stands for it, on either side of a call. */
import { Kind, type TypeNode } from 'graphql';
import { isRecord } from '../../../lib/json.ts';
import { singular } from '../../../lib/names.ts';
import { addEnum, enumNames, isNameable } from './enums.ts';
import type { Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import { listOf, namedType } from './graph.ts';
import { addInheritance } from './inherit.ts';
import { addEntries } from './maps.ts';
import { addObject, visibleProperties } from './objects.ts';
import { scalarOf, unitedScalar } from './scalars.ts';
import { type Located, locate, type Site } from './site.ts';
import { any, objectTyped, type Side, type Typed, typeScalar, type Walk } from './typed.ts';
import { typeOptions } from './unions.ts';

const MAX_DEPTH = 100;

/** The type of a schema. Never fails: what GraphQL cannot say becomes the scalar JSON, and the report says where and why. */
export function typeOf(walk: Walk, site: Site, side: Side, depth: number): Typed {
  if (depth > MAX_DEPTH) return any(walk, site, `it is nested more than ${MAX_DEPTH} levels deep`);
  const at = locate(site, walk.resolve);
  if (at.fault !== undefined) return any(walk, at, at.fault);
  const key = at.ref === undefined ? undefined : `${side} ${at.ref} ${at.nullable}`;
  const known = key === undefined ? undefined : walk.done.get(key);
  if (known) return known;
  // Objects wait until they are asked for; a list or a choice that comes round to itself would have no end.
  const place = key ?? `${side} ${at.pointer}`;
  if (walk.open.has(place)) return any(walk, at, 'it is made of itself, without an object between');
  walk.open.add(place);
  const typed = typeFlat(walk, at, flatten(at, walk.resolve), side, depth);
  walk.open.delete(place);
  if (key !== undefined) walk.done.set(key, typed);
  return typed;
}

/** The type of a schema that was read already. */
export function typeFlat(walk: Walk, at: Located, flat: Flat, side: Side, depth: number): Typed {
  const { nullable } = flat;
  walk.budget.left -= 1 + flat.options.length;
  if (walk.budget.left < 0) {
    walk.budget.endedAt ??= at.pointer;
    return any(walk, at, 'the contract is too tangled to be read to its end');
  }
  if (flat.isContradictory)
    walk.notes.push({ pointer: at.pointer, text: 'its parts have no type in common: the last one counts' });
  if (flat.fault !== undefined) return { ...any(walk, at, flat.fault), nullable };
  if (flat.options.length > 0) return { ...typeOptions(walk, at, flat, side, depth), nullable };
  if (flat.values) return { ...typeValues(walk, at, flat, flat.values), nullable };
  const [type, ...others] = flat.types;
  if (others.length > 0) return { ...typeOptions(walk, at, flat, side, depth), nullable };
  if (type === undefined) return { ...any(walk, at, 'it says nothing of its type'), nullable };
  if (type === 'array') return { ...typeList(walk, at, flat, side, depth), nullable };
  if (type === 'object') return { ...typeObject(walk, at, flat, side, depth), nullable };
  const scalar = scalarOf(type, flat);
  if (scalar === undefined) return { ...any(walk, at, `it has the unknown type ${type}`), nullable };
  return { ...typeScalar(scalar), nullable, ...(encoded(type, scalar) ? { encode: 'string' as const } : {}) };
}

function encoded(type: string, scalar: string): boolean {
  return type === 'string' && (scalar === 'Int64' || scalar === 'UInt64' || scalar === 'Decimal');
}

function typeValues(walk: Walk, at: Located, flat: Flat, values: readonly unknown[]): Typed {
  if (isNameable(values) && values.length > 1) {
    const names = enumNames(values.map(String));
    return { type: namedType(addEnum(walk, at, values)), nullable: false, dictionary: false, json: 'string', names };
  }
  const scalars = values.map((value) => scalarOfValue(value, flat));
  const known = scalars.filter((scalar) => scalar !== undefined);
  if (scalars.length === 0) return any(walk, at, 'it allows null alone');
  if (known.length < scalars.length) return any(walk, at, 'its values are objects or lists');
  return { ...typeScalar(unitedScalar(known)), values };
}

function scalarOfValue(value: unknown, flat: Flat): string | undefined {
  if (typeof value === 'string') return 'String';
  if (typeof value === 'boolean') return 'Boolean';
  if (typeof value !== 'number') return undefined;
  return scalarOf(Number.isInteger(value) && !flat.types.has('number') ? 'integer' : 'number', flat);
}

function typeList(walk: Walk, at: Located, flat: Flat, side: Side, depth: number): Typed {
  const item = flat.tuple
    ? any(walk, at, 'it is a tuple: GraphQL lists have items of one type')
    : typeOf(walk, flat.items ? { ...flat.items, name: itemName(flat.items.name) } : untyped(at), side, depth + 1);
  const type = side === 'in' && !item.nullable ? { kind: Kind.NON_NULL_TYPE, type: item.type } : item.type;
  const { encode } = item;
  return {
    type: listOf(type as TypeNode),
    nullable: false,
    dictionary: item.dictionary,
    json: 'array',
    ...(encode ? { encode } : {}),
  };
}

function untyped(at: Located): Site {
  return { schema: {}, pointer: `${at.pointer}/items`, name: at.name };
}

function itemName(name: string): string {
  const item = singular(name);
  return item === name ? `${name}Item` : item;
}

function typeObject(walk: Walk, at: Located, flat: Flat, side: Side, depth: number): Typed {
  const inherited = addInheritance(walk, at, flat, side);
  if (inherited !== undefined) return objectTyped(inherited);
  if (visibleProperties(walk, flat, side).length > 0) return objectTyped(addObject(walk, at, flat, side));
  if (isRecord(flat.extra)) return addEntries(walk, flat.extra as Site, side, depth);
  const reason =
    flat.properties.size > 0
      ? `all its properties are ${side === 'in' ? 'read-only' : 'write-only'}`
      : 'it is an object whose properties are not declared';
  return any(walk, at, reason);
}
