/** What a new schema changes for clients, and which of the operations they run it would break. */
import { CriticalityLevel, diff, type Change as Found, ChangeType as Kind } from '@graphql-inspector/core';
import { buildASTSchema, type GraphQLSchema, parse } from 'graphql';
import { type Bounded, bounded } from '../lib/findings.ts';
import type { OperationRecord } from '../record/store.ts';
import { placeOf, usersOf } from './impact-uses.ts';

export type ImpactLevel = 'breaking' | 'dangerous' | 'safe';

/** One difference: where it is (`Type.field`, `Type.field.arg`, `Enum.VALUE`, `Type`), and what it is as a sentence. */
export type ImpactChange = { level: ImpactLevel; coordinate: string; text: string };

/** A recorded operation that a breaking change meets, with the coordinates it meets it at. */
export type BrokenOperation = Omit<OperationRecord, 'coordinates'> & { at: readonly string[] };

export type Impact = {
  counts: Record<ImpactLevel, number>;
  /** The worst first; as many as are told. */
  changes: readonly ImpactChange[];
  broken: Bounded<BrokenOperation>;
};

const MOST_CHANGES = 500;
const MOST_BROKEN = 200;
const MOST_PLACES = 5;
const LEVELS = { BREAKING: 'breaking', DANGEROUS: 'dangerous', NON_BREAKING: 'safe' } as const satisfies Record<
  CriticalityLevel,
  ImpactLevel
>;
/** Where the library tells of the directive beside what it means: `Type.field.@deprecated.reason`. */
const DEPRECATION = /\.@?deprecated(\.|$)/;
const ORDER: readonly ImpactLevel[] = ['breaking', 'dangerous', 'safe'];

/**
 * Compares two public schemas. Texts that differ in nothing but order have no change.
 *
 * @throws GraphQLError when a text is no SDL
 */
export async function impactOf(
  beforeSdl: string,
  afterSdl: string,
  operations: readonly OperationRecord[],
): Promise<Impact> {
  const found = beforeSdl === afterSdl ? [] : await differences(toSchema(beforeSdl), toSchema(afterSdl));
  const changes = found.map(toChange).sort(compare);
  const counts = { breaking: 0, dangerous: 0, safe: 0 };
  for (const { level } of changes) counts[level] += 1;
  const breaking = found.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  return { counts, changes: changes.slice(0, MOST_CHANGES), broken: brokenBy(breaking, operations) };
}

function toSchema(sdl: string): GraphQLSchema {
  return buildASTSchema(parse(sdl, { noLocation: true }), { assumeValidSDL: true });
}

async function differences(before: GraphQLSchema, after: GraphQLSchema): Promise<Found[]> {
  const all = await diff(before, after);
  const added = new Set(
    all.flatMap(({ type, path }) => (type === Kind.TypeAdded || type === Kind.FieldAdded ? (path ?? []) : [])),
  );
  return all.filter((change) => {
    const { path = '', type } = change;
    // Root types are always called Query, Mutation and Subscription, and come and go as types do.
    if (type.startsWith('SCHEMA_')) return false;
    // The deprecation itself is told as well.
    if (type.startsWith('DIRECTIVE_USAGE_') && DEPRECATION.test(path)) return false;
    // What a new type or field holds is no news beside it.
    const isOwn = type === Kind.TypeAdded || type === Kind.FieldAdded;
    return !ancestors(path).some((parent) => added.has(parent)) && (isOwn || !added.has(path));
  });
}

/** `A.b.c` → `A`, `A.b`. */
function ancestors(path: string): string[] {
  const parts = path.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}

function toChange(found: Found): ImpactChange {
  return { level: LEVELS[found.criticality.level], coordinate: placeOf(found), text: found.message };
}

function compare(a: ImpactChange, b: ImpactChange): number {
  const order = ORDER.indexOf(a.level) - ORDER.indexOf(b.level);
  if (order !== 0) return order;
  return a.coordinate === b.coordinate ? (a.text < b.text ? -1 : 1) : a.coordinate < b.coordinate ? -1 : 1;
}

function brokenBy(breaking: readonly Found[], operations: readonly OperationRecord[]): Bounded<BrokenOperation> {
  const placesOf = usersOf(breaking);
  const broken = operations.flatMap(({ coordinates, ...operation }) => {
    const places = placesOf(coordinates);
    return places.size === 0 ? [] : [{ ...operation, at: [...places].sort().slice(0, MOST_PLACES) }];
  });
  return bounded(
    broken.sort((a, b) => b.count - a.count || (a.hash < b.hash ? -1 : 1)),
    MOST_BROKEN,
  );
}
