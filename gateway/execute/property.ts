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

export function createRead({ model, type, field }: Pick<FieldSite, 'model' | 'type' | 'field'>): Read {
  const readers = new Map<string, Reader>();
  for (const source of model.ownersOf(type.name)) readers.set(source, createReader({ model, type, field }, source));
  return (parent, source, responseKey) =>
    parent === null || parent === undefined ? undefined : readers.get(source)?.(parent, responseKey);
}

/** Of a parent that is there; only a wrapper's parent may be something else than an object. */
type Reader = (parent: unknown, responseKey: string) => unknown;

function createReader({ model, type, field }: Pick<FieldSite, 'model' | 'type' | 'field'>, source: string): Reader {
  // What was asked with a selection comes under the response key.
  if (isAliased(model, source)) return ofObject((parent, responseKey) => parent[responseKey]);
  const [root] = directivesNamed(field.astNode, 'resolveRoot').filter((args) => args['subgraph'] === source);
  if (root) return (parent) => parent;
  const map = mapDirective(field, source);
  if (map?.['rest'] === true) {
    const siblings = Object.values(type.getFields()).filter((sibling) => sibling !== field);
    const known = new Set(siblings.map((sibling) => wireName(sibling, source)));
    return ofObject((parent) => entriesOf(parent).filter(({ key }) => !known.has(key)));
  }
  const wire = wireName(field, source);
  // A property of every object (`constructor`) is no answer of the source.
  const read: Reader =
    wire in Object.prototype
      ? ofObject((parent) => (Object.hasOwn(parent, wire) ? parent[wire] : undefined))
      : ofObject((parent) => parent[wire]);
  return map ? (parent, responseKey) => toEntries(read(parent, responseKey)) : read;
}

function ofObject(read: (parent: Record<string, unknown>, responseKey: string) => unknown): Reader {
  return (parent, responseKey) => (isRecord(parent) ? read(parent, responseKey) : undefined);
}
