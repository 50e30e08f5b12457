import { namedTypeOf } from '../../lib/ast.ts';
import type { Finding } from '../../lib/findings.ts';
import { meaningsOf, readKeyName } from '../propose/key-name.ts';
import type { Lookup } from '../propose/lookups.ts';
import { sortOf } from '../propose/sorts.ts';
import { findThing, type Place, phrasesOfType, type World } from '../propose/world.ts';

const MOST_NAMED = 3;

/**
 * Lookups that take one key at a time and that no bulk operation stands beside, with the fields that hold such keys, in all sources:
 * a join from those costs a call for each key.
 * @returns findings by source of the lookup
 */
export function findCallsPerKey(world: World): Map<string, Finding[]> {
  const carriers = new Map<Lookup, string[]>();
  for (const place of world.places.values()) {
    for (const type of place.objects) {
      const own = phrasesOfType(place, type.name.value);
      for (const field of type.fields ?? []) {
        const lookup = lookupFor(world, place, field.name.value, namedTypeOf(field.type).name.value, own);
        if (!lookup || lookup.bulk) continue;
        const list = carriers.get(lookup) ?? [];
        carriers.set(lookup, [...list, `${type.name.value}.${field.name.value}`]);
      }
    }
  }
  const found = new Map<string, Finding[]>();
  for (const [{ operation }, fields] of carriers) {
    const finding = { at: `Query.${operation.name}`, text: `${operation.label} takes one key; ${heldBy(fields)}` };
    found.set(operation.source, [...(found.get(operation.source) ?? []), finding]);
  }
  return found;
}

/** What the key in a field can be looked up by. */
function lookupFor(
  world: World,
  place: Place,
  field: string,
  scalar: string,
  own: ReadonlySet<string>,
): Lookup | undefined {
  const key = readKeyName(field);
  const sort = sortOf(scalar);
  if (!key || !sort || key.phrase === '' || own.has(key.phrase)) return undefined;
  for (const phrase of meaningsOf(key.phrase)) {
    const found = findThing(world, place, { phrase, kind: key.kind, sort });
    // By the parameter's name alone it may be anything.
    if (found && found.fit > 1) return found.lookup;
  }
  return undefined;
}

function heldBy(fields: readonly string[]): string {
  const named = fields.slice(0, MOST_NAMED).join(', ');
  const more = fields.length - MOST_NAMED;
  return `${named}${more > 0 ? ` and ${more} more` : ''} ${fields.length === 1 ? 'holds one' : 'hold some'}: a join costs a call per key`;
}
