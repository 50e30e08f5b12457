/** Alternatives that no answer could be told apart by, or that may hold together, as one object with what any of them has. */
import { print } from 'graphql';
import { emptyFlat, type Flat } from './flat.ts';
import { constantsOf, type Member } from './members.ts';
import { addObject } from './objects.ts';
import type { Located, Site } from './site.ts';
import type { Side, Walk } from './typed.ts';

/**
 * The object type that has the properties of all members; undefined where they are to stay apart: they can be told apart, or they
 * disagree about the type of a property.
 */
export function mergeMembers(
  walk: Walk,
  at: Located,
  flat: Flat,
  members: readonly Member[],
  side: Side,
): string | undefined {
  if (flat.discriminator) return undefined;
  const anonymous = members.every((member) => member.at.ref === undefined);
  // Several alternatives of `anyOf` may hold at once.
  const together =
    !flat.exclusive && (anonymous || side === 'in') && !everyPair(members, (a, b) => differs(walk, a, b));
  if (!together && (side === 'in' || everyPair(members, (a, b) => tells(walk, a, b)))) return undefined;
  const properties = new Map<string, Site>();
  for (const member of members) {
    for (const [name, site] of member.flat.properties) {
      const other = properties.get(name);
      if (other && !isSameType(walk, other, site, side)) return undefined;
      const schema = other && other.pointer !== site.pointer ? { anyOf: [other.schema, site.schema] } : site.schema;
      properties.set(name, { ...site, schema });
    }
  }
  const [first, ...others] = members;
  const required = [...(first?.flat.required ?? [])].filter((name) =>
    others.every((member) => member.flat.required.has(name)),
  );
  if (properties.size === 0) return undefined;
  const merged = { ...emptyFlat(), types: new Set(['object']), properties, required: new Set(required) };
  if (side === 'out')
    walk.notes.push({ pointer: at.pointer, text: 'its alternatives are shown as one type that has the fields of all' });
  return addObject(walk, at, merged, side);
}

function isSameType(walk: Walk, a: Site, b: Site, side: Side): boolean {
  if (a.pointer === b.pointer) return true;
  return print(walk.typeOf(a, side).type) === print(walk.typeOf(b, side).type);
}

function everyPair(members: readonly Member[], holds: (a: Member, b: Member) => boolean): boolean {
  return members.every((a, index) => members.slice(index + 1).every((b) => holds(a, b)));
}

/** Whether an answer shows which of two it is: by a value, or by a property that one requires and the other does not know. */
function tells(walk: Walk, a: Member, b: Member): boolean {
  return differs(walk, a, b) || requiresUnknown(a.flat, b.flat) || requiresUnknown(b.flat, a.flat);
}

/** Whether both limit a property to values, and none is common. */
function differs(walk: Walk, a: Member, b: Member): boolean {
  return [...a.flat.properties.keys()].some((property) => {
    const [own, other] = [constantsOf(walk, a, property), constantsOf(walk, b, property)];
    return own.length > 0 && other.length > 0 && !own.some((value) => other.includes(value));
  });
}

function requiresUnknown(a: Flat, b: Flat): boolean {
  return [...a.required].some((name) => !b.properties.has(name));
}
