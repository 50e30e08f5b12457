import { createKeyReader } from './key-reader.ts';
import { isAliased } from './keys.ts';
import { createLookupLoader } from './loader.ts';
import { fieldSources } from './model.ts';
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
  const entity = model.entities.get(type.name);
  const source = having.find((name) => entity?.lookups.has(name));
  const lookup = source === undefined ? undefined : entity?.lookups.get(source);
  if (!entity || !lookup || source === undefined) {
    return (parent, _args, _context, info) => read(parent, origins.of(type.name, parent), String(info.path.key));
  }
  const load = createLookupLoader(model, lookup, site.perform);
  const readKey = createKeyReader(site, entity.key);
  const aliased = isAliased(model, source);
  return async (parent, _args, context, info) => {
    const origin = origins.of(type.name, parent);
    const responseKey = String(info.path.key);
    if (having.includes(origin)) return read(parent, origin, responseKey);
    const key = await readKey(parent, origin, context);
    if (key === undefined) return null;
    const piece = aliased ? fieldPiece(model, info, source) : undefined;
    const [row] = await load(context, { key, piece, args: lookup.sourceArgs, place: placeOf(info.path.prev) });
    return row === undefined ? null : read(row, source, responseKey);
  };
}
