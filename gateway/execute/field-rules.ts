/** What the directives of the unified schema say about keeping answers with a field, and about who may ask for it. */
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isInputObjectType,
} from 'graphql';
import { directivesNamed } from '../lib/sdl.ts';
import { named } from './model.ts';

/** How long an answer is good, in ms; the other ages begin where `maxAgeMs` ends. */
export type Ages = { maxAgeMs: number; staleWhileRevalidateMs: number; staleIfErrorMs: number };

/** What of the principal decides whether a field may be asked for: nothing, what was granted to it, or anything about it. */
export type Deciding = 'nothing' | 'grants' | 'principal';

export type FieldRule = {
  ages: Ages | undefined;
  isPrivate: boolean;
  tags: readonly string[];
  deciding: Deciding;
};

/** Directives of rules by what they look at. */
const RULES: readonly (readonly [name: string, deciding: Deciding])[] = [
  ['authenticated', 'grants'],
  ['requiresScopes', 'grants'],
  ['requiresRole', 'grants'],
  ['policy', 'principal'],
];
const WEIGHTS: Readonly<Record<Deciding, number>> = { nothing: 0, grants: 1, principal: 2 };

type Directed = Parameters<typeof directivesNamed>[0];

export function moreDeciding(a: Deciding, b: Deciding): Deciding {
  return WEIGHTS[a] >= WEIGHTS[b] ? a : b;
}

/** Reads what a field says, with what interfaces say of it, its type, its parent and its arguments; each is read once. */
export function createFieldRules(): (type: GraphQLObjectType, field: GraphQLField<unknown, unknown>) => FieldRule {
  const known = new Map<string, FieldRule>();
  const inputs = new Map<string, Deciding>();

  function decidingInput(type: GraphQLInputType): Deciding {
    const input = named(type as GraphQLNamedType);
    const before = inputs.get(input.name);
    if (before !== undefined) return before;
    // Inputs that hold each other end here.
    inputs.set(input.name, 'nothing');
    let found = decidingOf(input.astNode);
    const fields = isInputObjectType(input) ? Object.values(input.getFields()) : [];
    for (const each of fields) found = [decidingOf(each.astNode), decidingInput(each.type)].reduce(moreDeciding, found);
    inputs.set(input.name, found);
    return found;
  }

  function read(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): FieldRule {
    const parents = [type, ...type.getInterfaces()];
    const fields = parents.flatMap((parent) => parent.getFields()[field.name] ?? []);
    const controls = fields.flatMap((each) => directivesNamed(each.astNode, 'cacheControl'));
    const said = [...parents, ...fields, named(field.type)].map(({ astNode }) => decidingOf(astNode));
    const args = field.args.flatMap((arg) => [decidingOf(arg.astNode), decidingInput(arg.type)]);
    return {
      ages: controls.flatMap((control) => agesIn(control) ?? []).reduce<Ages | undefined>(leastAges, undefined),
      isPrivate: controls.some((control) => control['scope'] === 'PRIVATE'),
      tags: controls.flatMap((control) => (Array.isArray(control['tags']) ? control['tags'].map(String) : [])),
      deciding: [...said, ...args].reduce(moreDeciding, 'nothing'),
    };
  }

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

function decidingOf(node: Directed): Deciding {
  return RULES.filter(([name]) => directivesNamed(node, name).length > 0)
    .map(([, deciding]) => deciding)
    .reduce(moreDeciding, 'nothing');
}
