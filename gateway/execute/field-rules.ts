/** What the directives of the unified schema say about keeping answers with a field. */
import type { GraphQLField, GraphQLObjectType } from 'graphql';
import { directivesNamed } from '../lib/sdl.ts';

/** How long an answer is good, in ms; the other ages begin where `maxAgeMs` ends. */
export type Ages = { maxAgeMs: number; staleWhileRevalidateMs: number; staleIfErrorMs: number };

export type FieldRule = { ages: Ages | undefined; isPrivate: boolean; tags: readonly string[] };

/** Reads what a field says, and what interfaces say of it; each is read once. */
export function createFieldRules(): (type: GraphQLObjectType, field: GraphQLField<unknown, unknown>) => FieldRule {
  const known = new Map<string, FieldRule>();
  return (type, field) => {
    const coordinate = `${type.name}.${field.name}`;
    let rule = known.get(coordinate);
    if (!rule) {
      rule = read(type, field);
      known.set(coordinate, rule);
    }
    return rule;
  };
}

function read(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): FieldRule {
  const fields = [type, ...type.getInterfaces()].flatMap((parent) => parent.getFields()[field.name] ?? []);
  const controls = fields.flatMap(({ astNode }) => directivesNamed(astNode, 'cacheControl'));
  return {
    ages: controls.flatMap((control) => agesIn(control) ?? []).reduce<Ages | undefined>(leastAges, undefined),
    isPrivate: controls.some((control) => control['scope'] === 'PRIVATE'),
    tags: controls.flatMap((control) => (Array.isArray(control['tags']) ? control['tags'].map(String) : [])),
  };
}

/** The ages of an answer with two fields: each ends with the first of both. */
export function leastAges(a: Ages | undefined, b: Ages): Ages {
  if (!a) return b;
  const maxAgeMs = Math.min(a.maxAgeMs, b.maxAgeMs);
  const least = (key: 'staleWhileRevalidateMs' | 'staleIfErrorMs'): number =>
    Math.max(0, Math.min(a.maxAgeMs + a[key], b.maxAgeMs + b[key]) - maxAgeMs);
  return { maxAgeMs, staleWhileRevalidateMs: least('staleWhileRevalidateMs'), staleIfErrorMs: least('staleIfErrorMs') };
}

function agesIn(control: Readonly<Record<string, unknown>>): Ages | undefined {
  if (typeof control['maxAge'] !== 'number') return undefined;
  const ms = (name: string): number => (typeof control[name] === 'number' ? control[name] * 1000 : 0);
  return {
    maxAgeMs: ms('maxAge'),
    staleWhileRevalidateMs: ms('staleWhileRevalidate'),
    staleIfErrorMs: ms('staleIfError'),
  };
}
