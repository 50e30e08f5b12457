import { isRecord } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';
import { isAliased } from './keys.ts';
import { named, wireName } from './model.ts';
import type { FieldSite, Resolver } from './site.ts';

/** A field that is read from its parent, under the name it has on the wire of the parent's source. */
export function createProperty(site: FieldSite): Resolver {
  const read = createRead(site);
  const [only = '', ...others] = site.model.ownersOf(site.type.name);
  if (others.length === 0) return (parent, _args, _context, info) => read(parent, only, String(info.path.key));
  return (parent, _args, _context, info) =>
    read(parent, site.origins.of(site.type.name, parent), String(info.path.key));
}

/** Reads the field from a value of the type that came from `source`. */
export type Read = (parent: unknown, source: string, responseKey: string) => unknown;

export function createRead({ model, origins, type, field }: FieldSite): Read {
  const below = named(field.type);
  const readers = new Map<string, (parent: Record<string, unknown>, responseKey: string) => unknown>();
  for (const source of model.ownersOf(type.name)) readers.set(source, createReader({ model, type, field }, source));
  return (parent, source, responseKey) => {
    if (!isRecord(parent)) return undefined;
    const value = readers.get(source)?.(parent, responseKey);
    return origins.note(below, value, source);
  };
}

function createReader(
  { model, type, field }: Pick<FieldSite, 'model' | 'type' | 'field'>,
  source: string,
): (parent: Record<string, unknown>, responseKey: string) => unknown {
  // What was asked with a selection comes under the response key.
  if (isAliased(model, source)) return (parent, responseKey) => parent[responseKey];
  const ofSource = (name: string): boolean =>
    directivesNamed(field.astNode, name).some((args) => args['subgraph'] === source);
  if (ofSource('resolveRoot')) return (parent) => parent;
  if (ofSource('dictionary')) {
    const known = new Set(Object.values(type.getFields()).map((sibling) => wireName(sibling, source)));
    return (parent) => Object.entries(parent).flatMap(([key, value]) => (known.has(key) ? [] : [{ key, value }]));
  }
  const wire = wireName(field, source);
  // A property of every object (`constructor`) is no answer of the source.
  if (wire in Object.prototype) return (parent) => (Object.hasOwn(parent, wire) ? parent[wire] : undefined);
  return (parent) => parent[wire];
}
