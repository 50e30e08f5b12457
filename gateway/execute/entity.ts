import { createKeyReader } from './key-reader.ts';
import { isAliased } from './keys.ts';
import { createLookupLoader } from './loader.ts';
import { fieldSources, lookupOf } from './model.ts';
import { createRead } from './property.ts';
import { fieldPiece } from './selection.ts';
import { type FieldSite, placeOf, type Resolver } from './site.ts';

/**
 * A field of a shared type that not every source has: read from the parent where its source has the field, else looked up by
 * key in a source that has it. An entity that the other source does not know gives null.
 */
export function createEntityField(site: FieldSite): Resolver {
  const { model, origins, type, field } = site;
  const read = createRead(site);
  const having = fieldSources(field);
  const lookup = lookupOf(model, type.name, field);
  if (!lookup) return (parent, _args, _context, info) => read(parent, origins.of(type.name, parent), keyOf(info));
  const { source } = lookup;
  const load = createLookupLoader(model, lookup, site.perform);
  const readKey = createKeyReader(site, lookup.keys);
  const aliased = isAliased(model, source);
  return async (parent, _args, context, info) => {
    const origin = origins.of(type.name, parent);
    if (having.includes(origin)) return read(parent, origin, keyOf(info));
    const place = placeOf(info.path.prev, type);
    const key = await readKey({ parent, origin, place, context });
    if (key === undefined) return null;
    const piece = aliased ? fieldPiece(model, info, source) : undefined;
    const [row] = await load(context, { key, piece, args: lookup.sourceArgs, place });
    return row === undefined ? null : read(row, source, keyOf(info));
  };
}

function keyOf({ path }: { path: { key: string | number } }): string {
  return String(path.key);
}
