/** What policies say of answers that are kept, as directives of the unified schema. */
import type { ConstDirectiveNode } from 'graphql';
import type { CacheControlRule, InvalidationRule } from '../../config/cache-control.ts';
import { directiveNode } from '../../lib/sdl.ts';
import type { Placed } from '../collide.ts';
import type { SourceDocument } from '../documents.ts';
import { entityIdOf } from './entity-id.ts';
import { inferInvalidations } from './infer.ts';

/** A directive and the field it stands on, in unified names. */
export type CacheEntry = { type: string; field: string; directive: ConstDirectiveNode };

/** A coordinate of a policy in unified names. */
export type CacheCoordinate = {
  source: string;
  /** As the policy has it. */
  written: string;
  type: string;
  field: string;
  rules: SourceDocument['policy']['coordinates'][string];
};

export function cacheCoordinates(placed: Placed): CacheCoordinate[] {
  return placed.sources.flatMap((source) =>
    Object.entries(source.policy.coordinates).flatMap(([written, rules]) => {
      const { cacheControl, invalidates, entityId } = rules;
      if (!cacheControl && !invalidates && !entityId) return [];
      const [own = '', name] = written.split('.');
      if (name === undefined) return [];
      const type = placed.typeNames.get(source.name)?.get(own) ?? own;
      const field = placed.fieldNames.get(source.name)?.get(written) ?? name;
      return [{ source: source.name, written, type, field, rules }];
    }),
  );
}

/** Field of each object type that tells its values apart; for a type that several sources share, only one that all of them have. */
export function entityIds(placed: Placed): ReadonlyMap<string, string> {
  const chosen = new Map(
    cacheCoordinates(placed).flatMap(({ type, field, rules }) => (rules.entityId ? [[type, field] as const] : [])),
  );
  const ids = new Map<string, string>();
  const without = new Set<string>();
  for (const { types } of placed.sources) {
    for (const [type, node] of types) {
      const id = entityIdOf(node, chosen.get(type));
      if (id === undefined || (ids.get(type) ?? id) !== id) without.add(type);
      else ids.set(type, id);
    }
  }
  for (const type of without) ids.delete(type);
  return ids;
}

/** What the mutations of each source make old: what its policy says, else what is concluded. source → field → rule */
export function invalidationsOf(placed: Placed): ReadonlyMap<string, ReadonlyMap<string, InvalidationRule>> {
  const ids = entityIds(placed);
  const coordinates = cacheCoordinates(placed);
  return new Map(
    placed.sources.map((source) => {
      const { name, roots, types } = source;
      const own = { name, types, idOf: (type: string) => ids.get(type) };
      const inferred = inferInvalidations({
        ...own,
        queries: roots.get('Query') ?? [],
        mutations: roots.get('Mutation') ?? [],
      });
      const said = coordinates.flatMap(({ source: of, type, field, rules }) =>
        of === name && type === 'Mutation' && rules.invalidates
          ? [[field, unified(rules.invalidates, placed.typeNames.get(name))] as const]
          : [],
      );
      return [name, new Map([...inferred, ...said])];
    }),
  );
}

function unified(
  { entities, types, lists, ...rest }: InvalidationRule,
  names: ReadonlyMap<string, string> | undefined,
): InvalidationRule {
  const nameOf = (type: string): string => names?.get(type) ?? type;
  return {
    ...rest,
    ...(entities && { entities: entities.map((entity) => ({ ...entity, type: nameOf(entity.type) })) }),
    ...(types && { types: types.map(nameOf) }),
    ...(lists && { lists: lists.map(nameOf) }),
  };
}

/** All directives; none where no policy keeps anything, so that the text of a project without a cache says nothing of one. */
export function cacheEntries(placed: Placed): CacheEntry[] {
  const coordinates = cacheCoordinates(placed);
  const kept = new Map<string, CacheEntry & { rule: CacheControlRule }>();
  for (const { type, field, rules } of coordinates) {
    if (!rules.cacheControl) continue;
    const at = `${type}.${field}`;
    const rule = stricter(kept.get(at)?.rule, rules.cacheControl);
    kept.set(at, { type, field, rule, directive: directiveNode('cacheControl', rule) });
  }
  if (kept.size === 0) return [];
  const ids = [...entityIds(placed)].map(
    ([type, field]): CacheEntry => ({ type, field, directive: directiveNode('entityId', {}) }),
  );
  const invalidations = [...invalidationsOf(placed).values()].flatMap((rules) =>
    [...rules].map(
      ([field, rule]): CacheEntry => ({ type: 'Mutation', field, directive: directiveNode('invalidates', rule) }),
    ),
  );
  return [...kept.values(), ...ids, ...invalidations];
}

/** What two sources say of a field that they share: the shorter age, the narrower scope. */
function stricter(a: CacheControlRule | undefined, b: CacheControlRule): CacheControlRule {
  if (!a) return b;
  const least = (key: 'maxAge' | 'staleWhileRevalidate' | 'staleIfError'): number | undefined =>
    a[key] === undefined || b[key] === undefined ? (a[key] ?? b[key]) : Math.min(a[key], b[key]);
  const scope = a.scope === 'PRIVATE' || b.scope === 'PRIVATE' ? 'PRIVATE' : (a.scope ?? b.scope);
  return {
    maxAge: least('maxAge'),
    scope,
    staleWhileRevalidate: least('staleWhileRevalidate'),
    staleIfError: least('staleIfError'),
    tags: [...new Set([...(a.tags ?? []), ...(b.tags ?? [])])],
  };
}
