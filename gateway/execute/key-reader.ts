import type { Standing } from './execution.ts';
import { createPathReader, isAliased, type PathReader } from './keys.ts';
import { fieldSources, lookupOf } from './model.ts';
import { createPieces } from './pieces.ts';
import type { FieldSite } from './site.ts';

/**
 * Reads a key (its parts in order) from a parent, at once where its source has all parts; undefined when a part is missing, null or
 * empty. Throws, or rejects with, what the source said of a part that failed.
 */
export type KeyReader = (standing: Standing) => Key | undefined | Promise<Key | undefined>;
type Key = readonly unknown[];

/** Prepares reading a key from values of the site's type, whichever source they come from. */
export function createKeyReader(site: FieldSite, paths: readonly (readonly string[])[]): KeyReader {
  const parts = paths.map((path) => createPartReader(site, path));
  return (standing) => readOn(parts, standing, []);
}

function readOn(parts: readonly PartReader[], standing: Standing, key: unknown[]): ReturnType<KeyReader> {
  for (let part = parts[key.length]; part; part = parts[key.length]) {
    const value = part(standing);
    if (value instanceof Promise) {
      return value.then((later: unknown) => (take(key, later) ? readOn(parts, standing, key) : undefined));
    }
    if (!take(key, value)) return undefined;
  }
  return key;
}

function take(key: unknown[], value: unknown): boolean {
  // The source said that it could not give it: that is the answer of whoever needs it, and no key.
  if (value instanceof Error) throw value;
  if (value === undefined || value === null || value === '') return false;
  key.push(value);
  return true;
}

/** Reads the value at `path` from values that came from `origin`; undefined where another source has it. */
export function localReader(site: FieldSite, path: readonly string[], origin: string): PathReader | undefined {
  return isElsewhere(site, path, origin) ? undefined : readersOf(site, path).get(origin);
}

function isElsewhere({ type }: FieldSite, path: readonly string[], origin: string): boolean {
  const field = type.getFields()[path[0] ?? ''];
  const having = field ? fieldSources(field) : [];
  return having.length > 0 && !having.includes(origin);
}

type PartReader = (standing: Standing) => unknown;

/** Prepares reading the value at `path` below values of the site's type, from the source that has it. */
function createPartReader(site: FieldSite, path: readonly string[]): PartReader {
  const readers = readersOf(site, path);
  const field = site.type.getFields()[path[0] ?? ''];
  const having = field ? fieldSources(field) : [];
  const elsewhere = having.length > 0 ? createElsewhere(site, path) : undefined;
  return (standing) => {
    const { origin } = standing.node;
    if (having.length > 0 && !having.includes(origin)) return elsewhere?.(standing);
    return readers.get(origin)?.(standing.parent);
  };
}

function readersOf({ model, type }: FieldSite, path: readonly string[]): Map<string, PathReader> {
  return new Map(
    model.ownersOf(type.name).map((source) => [source, createPathReader(type, path, source, isAliased(model, source))]),
  );
}

/** A key that stands in another source's part of a shared type: looked up there first. */
function createElsewhere(site: FieldSite, path: readonly string[]): PartReader | undefined {
  const { model, type } = site;
  const field = type.getFields()[path[0] ?? ''];
  const lookup = field && lookupOf(model, type.name, field);
  if (!lookup) return undefined;
  const load = site.createLoader(site, lookup);
  const ofLookup = lookup.keys.map((keyPath) => readersOf(site, keyPath));
  const aliased = isAliased(model, lookup.source);
  const read = createPathReader(type, path, lookup.source, aliased);
  const piece = createPieces(site, lookup)?.only(path);
  return async (standing) => {
    const { parent, node } = standing;
    const key = ofLookup.map((readers) => readers.get(node.origin)?.(parent));
    for (const part of key) if (part instanceof Error) throw part;
    if (key.some((part) => part === undefined || part === null || part === '')) return undefined;
    const group = node.keyGroups.find(
      ({ source, operation }) => source === lookup.source && operation === lookup.field,
    );
    const [row] = await load(standing, { key, piece, args: lookup.sourceArgs, group });
    return row === undefined ? undefined : read(row);
  };
}
