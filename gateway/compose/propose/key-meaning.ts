import type { ObjectTypeDefinitionNode } from 'graphql';
import { type KeyName, meaningsOf } from './key-name.ts';
import { type Found, findThing, type Place, type Wanted, type World } from './world.ts';

/** What a key names; qualified where words in front of it only say which part the thing plays. */
export type Meant = Found & { qualified: boolean };

/** Kinds of keys that are made to be unique. */
const SURE_KINDS = new Set(['id', 'uuid', 'gid']);

/** What the key means in full, else without the words that only say which part the thing plays. */
export function findMeaning(world: World, place: Place, wanted: Wanted, own: ReadonlySet<string>): Meant | undefined {
  for (const phrase of meaningsOf(wanted.phrase)) {
    const qualified = phrase !== wanted.phrase;
    const found = findThing(world, place, { ...wanted, phrase });
    if (!found) continue;
    // What is told by its parameter alone has to be what the type implies: `Customer.groupIds` are keys of customer groups.
    const { thing, operation } = found.lookup;
    if (found.fit === 1 && ![thing, operation.noun].some((full) => isImplied(full, phrase, own))) return undefined;
    // `Shipment.shippingAddressId` is no key of a customer's address.
    if (qualified && thing !== phrase && !isImplied(thing, phrase, own)) return undefined;
    // Codes and numbers are common: everything has to agree.
    if (found.fit < 3 && !SURE_KINDS.has(wanted.kind)) return undefined;
    // A part of the type itself is looked for at home only: `Room.parentRoomId`.
    return qualified && found.far && own.has(phrase) ? undefined : { ...found, qualified };
  }
  return undefined;
}

/** Whether the words that `full` has in front of `phrase` are words of the type itself. */
function isImplied(full: string, phrase: string, own: ReadonlySet<string>): boolean {
  if (!full.endsWith(` ${phrase}`)) return false;
  const known = new Set([...own].flatMap((each) => each.split(' ')));
  return full
    .slice(0, -phrase.length - 1)
    .split(' ')
    .every((word) => known.has(word));
}

/** `parentId` means the type itself, where one of it can be looked up. */
export function findParent(
  place: Place,
  type: ObjectTypeDefinitionNode,
  { kind }: KeyName,
  sort: string,
): Meant | undefined {
  const fits = place.lookups.filter(
    (lookup) => lookup.operation.rows.type === type.name.value && lookup.kind === kind && lookup.rowKey.sort === sort,
  );
  const lookup = fits.find(({ bulk }) => bulk) ?? fits[0];
  return lookup && { lookup, fit: 2, far: false, qualified: true };
}
