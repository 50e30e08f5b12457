import { isRecord } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';
import { entriesOf, mapDirective, toEntries } from './entries.ts';
import { executionOf, nodeOf } from './execution.ts';
import { isAliased } from './keys.ts';
import { wireName } from './model.ts';
import type { FieldSite, Resolver } from './site.ts';

/** A field that is read from its parent, under the name it has on the wire of the parent's source. */
export function createProperty(site: FieldSite): Resolver {
  const read = createRead(site);
  const { planner } = site;
  const [only = '', ...others] = site.model.ownersOf(site.type.name);
  if (others.length === 0) return (parent, _args, _context, info) => read(parent, only, String(info.path.key));
  return (parent, _args, context, info) => {
    const { origin, key } = nodeOf(executionOf(context, planner, info), info);
    return read(parent, origin, key);
  };
}

/** Reads the field from a value of the type that came from `source`. */
export type Read = (parent: unknown, source: string, responseKey: string) => unknown;

export function createRead(site: Pick<FieldSite, 'model' | 'type' | 'field'>): Read {
  const readers = new Map<string, Reader>();
  for (const source of site.model.ownersOf(site.type.name)) readers.set(source, createReader(accessOf(site, source)));
  return (parent, source, responseKey) =>
    parent === null || parent === undefined ? undefined : readers.get(source)?.(parent, responseKey);
}

/**
 * Where the value of a field stands in values of its type that came from one source:
 * - `key`: under the key it has in the answer, since it was asked with a selection
 * - `name`: under its name on the wire; `own` where every object has a property of that name, which is no answer of the source
 * - `parent`: it is the parent itself
 * - `made`: it is made of the parent
 */
export type Access =
  | { readonly by: 'key' }
  | { readonly by: 'parent' }
  | { readonly by: 'name'; readonly name: string }
  | { readonly by: 'own'; readonly name: string }
  | { readonly by: 'made'; readonly make: (parent: Readonly<Record<string, unknown>>) => unknown };

export function accessOf({ model, type, field }: Pick<FieldSite, 'model' | 'type' | 'field'>, source: string): Access {
  if (isAliased(model, source)) return { by: 'key' };
  const [root] = directivesNamed(field.astNode, 'resolveRoot').filter((args) => args['subgraph'] === source);
  if (root) return { by: 'parent' };
  const map = mapDirective(field, source);
  if (map?.['rest'] === true) {
    const siblings = Object.values(type.getFields()).filter((sibling) => sibling !== field);
    const known = new Set(siblings.map((sibling) => wireName(sibling, source)));
    return { by: 'made', make: (parent) => entriesOf(parent).filter(({ key }) => !known.has(key)) };
  }
  const name = wireName(field, source);
  const isEverywhere = name in Object.prototype;
  if (map) {
    return {
      by: 'made',
      make: (parent) => toEntries(isEverywhere && !Object.hasOwn(parent, name) ? undefined : parent[name]),
    };
  }
  return isEverywhere ? { by: 'own', name } : { by: 'name', name };
}

/** Of a parent that is there; only a wrapper's parent may be something else than an object. */
type Reader = (parent: unknown, responseKey: string) => unknown;

function createReader(access: Access): Reader {
  if (access.by === 'parent') return (parent) => parent;
  if (access.by === 'key') {
    // The client chooses the key: one that every object has is no answer of the source unless the object has it itself.
    return ofObject((parent, key) =>
      key in Object.prototype && !Object.hasOwn(parent, key) ? undefined : parent[key],
    );
  }
  if (access.by === 'made') return ofObject(access.make);
  const { name } = access;
  return access.by === 'name'
    ? ofObject((parent) => parent[name])
    : ofObject((parent) => (Object.hasOwn(parent, name) ? parent[name] : undefined));
}

function ofObject(read: (parent: Record<string, unknown>, responseKey: string) => unknown): Reader {
  return (parent, responseKey) => (isRecord(parent) ? read(parent, responseKey) : undefined);
}
