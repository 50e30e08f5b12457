import type { RequestContext } from '../context.ts';
import { createPathReader, isAliased } from './keys.ts';
import { createLookupLoader, type LoadRows } from './loader.ts';
import { fieldSources } from './model.ts';
import { keySelection } from './selection.ts';
import type { FieldSite } from './site.ts';

/** Reads a key (its parts in order) from a parent; undefined when a part is missing or null. */
export type KeyReader = (
  parent: unknown,
  origin: string,
  context: RequestContext,
) => Promise<readonly unknown[] | undefined>;

type PartReader = (parent: unknown, origin: string, context: RequestContext) => Promise<unknown>;

/** Prepares reading a key from values of the site's type, whichever source they come from. */
export function createKeyReader(site: FieldSite, paths: readonly (readonly string[])[]): KeyReader {
  const parts = paths.map((path) => createPartReader(site, path));
  return async (parent, origin, context) => {
    const key: unknown[] = [];
    for (const part of parts) {
      const value = await part(parent, origin, context);
      if (value === undefined || value === null || value === '') return undefined;
      key.push(value);
    }
    return key;
  };
}

function createPartReader(site: FieldSite, path: readonly string[]): PartReader {
  const { model, type } = site;
  const readers = new Map(
    model.ownersOf(type.name).map((source) => [source, createPathReader(type, path, source, isAliased(model, source))]),
  );
  const field = type.getFields()[path[0] ?? ''];
  const having = field ? fieldSources(field) : [];
  const elsewhere = having.length > 0 ? createElsewhere(site, path, having) : undefined;
  return async (parent, origin, context) => {
    if (having.length > 0 && !having.includes(origin)) return elsewhere?.(parent, origin, context);
    return readers.get(origin)?.(parent);
  };
}

/** A key that stands in another source's part of a shared type: looked up there first. */
function createElsewhere(site: FieldSite, path: readonly string[], having: readonly string[]): PartReader | undefined {
  const { model, type, perform } = site;
  const entity = model.entities.get(type.name);
  const source = having.find((name) => entity?.lookups.has(name));
  const lookup = source === undefined ? undefined : entity?.lookups.get(source);
  if (!entity || !lookup || source === undefined) return undefined;
  const load: LoadRows = createLookupLoader(model, lookup, perform);
  const ofEntity = entity.key.map((keyPath) => ({
    keyPath,
    readers: new Map(
      model
        .ownersOf(type.name)
        .map((owner) => [owner, createPathReader(type, keyPath, owner, isAliased(model, owner))]),
    ),
  }));
  const read = createPathReader(type, path, source, isAliased(model, source));
  const piece = isAliased(model, source) ? { text: keySelection([path]), variables: new Map() } : undefined;
  return async (parent, origin, context) => {
    const key = ofEntity.map(({ readers }) => readers.get(origin)?.(parent));
    if (key.some((part) => part === undefined || part === null)) return undefined;
    const [row] = await load(context, { key, piece, args: lookup.sourceArgs, place: type.name });
    return row === undefined ? undefined : read(row);
  };
}
