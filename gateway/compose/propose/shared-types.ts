/** Types that several sources know in part, and could be one: what each source's policy would have to say. */
import { Kind, print } from 'graphql';
import { stringify } from 'yaml';
import { type ComposeSource, readSource } from '../documents.ts';
import { examplesAgree, mayBelongTogether } from './evidence.ts';
import type { Lookup } from './lookups.ts';
import { withArticle } from './phrases.ts';
import { fieldsOfRow } from './row-keys.ts';
import { type Place, readWorld, type World } from './world.ts';

/** A type to be shared. It changes what clients see, so that nobody but its owners should accept it. */
export type MergeProposal = {
  /** Its name in all of the sources. */
  type: string;
  lookups: readonly { source: string; coordinate: string; merge: Readonly<Record<string, string>> }[];
  confidence: number;
  reasons: readonly string[];
  /** Source → what to add to its `policy.yaml`. */
  policies: Readonly<Record<string, string>>;
};

/**
 * Proposes types to be shared, by name. Two types of one name are seldom one thing: both sources have to look it up in bulk by the
 * same key, the examples of the keys have to look alike or another key has to be common, and no field may differ.
 * @param added only types that this source has; all where undefined
 */
export function proposeMerges(sources: readonly ComposeSource[], added?: string): readonly MergeProposal[] {
  const world = readWorld(sources.map(readSource));
  const declared = new Set(
    sources.flatMap(({ name, policy }) =>
      Object.entries(policy.coordinates).flatMap(([coordinate, { merge }]) => (merge ? [`${name} ${coordinate}`] : [])),
    ),
  );
  const byType = new Map<string, Lookup[]>();
  for (const { lookups } of world.places.values()) {
    const seen = new Set<string>();
    for (const lookup of lookups) {
      const { type } = lookup.operation.rows;
      if (!lookup.bulk || seen.has(type)) continue;
      seen.add(type);
      byType.set(type, [...(byType.get(type) ?? []), lookup]);
    }
  }
  return [...byType]
    .filter(([, lookups]) => lookups.length > 1)
    .filter(([, lookups]) => added === undefined || lookups.some(({ operation }) => operation.source === added))
    .filter(([, lookups]) =>
      lookups.some((lookup) => !declared.has(`${lookup.operation.source} ${coordinateOf(lookup)}`)),
    )
    .flatMap(([type, lookups]) => toMerge(world, type, lookups) ?? [])
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

function toMerge(world: World, type: string, lookups: readonly Lookup[]): MergeProposal | undefined {
  const [first, ...others] = lookups;
  if (!first) return undefined;
  const reasons: string[] = [];
  for (const other of others) {
    const evidence = evidenceOf(world, type, first, other);
    if (!evidence) return undefined;
    reasons.push(evidence);
  }
  const found = lookups.map((lookup) => {
    const { operation, arg, rowKey } = lookup;
    const result = operation.rows.path.join('.');
    return {
      source: operation.source,
      coordinate: coordinateOf(lookup),
      merge: { keyField: rowKey.path, keysArg: arg.path, ...(result === '' ? {} : { result }) },
    };
  });
  return {
    type,
    lookups: found,
    confidence: 0.8,
    reasons: [`each of the sources looks up ${withArticle(first.thing)} in bulk by ${first.rowKey.path}`, ...reasons],
    policies: Object.fromEntries(
      found.map(({ source, coordinate, merge }) => [source, stringify({ coordinates: { [coordinate]: { merge } } })]),
    ),
  };
}

function coordinateOf({ operation }: Lookup): string {
  return `Query.${operation.name}`;
}

/** Why two types are one; undefined where it is not sure. */
function evidenceOf({ places }: World, type: string, a: Lookup, b: Lookup): string | undefined {
  const [first, second] = [places.get(a.operation.source), places.get(b.operation.source)];
  if (!first || !second || !mayBelongTogether(first.document, second.document)) return undefined;
  if (a.rowKey.path !== b.rowKey.path || a.rowKey.sort !== b.rowKey.sort || a.kind !== b.kind) return undefined;
  const agree = examplesAgree(a.rowKey.node, b.rowKey.node);
  const common = commonFields(first, second, type);
  if (agree === false || !common) return undefined;
  if (agree) return 'the examples of their keys look alike';
  const key = common.find((name) => name !== a.rowKey.path && COMMON_KEY.test(name));
  return key === undefined ? undefined : `both have ${key}`;
}

/** Numbers that the world gives a thing, the same in every system. */
const COMMON_KEY = /^(sku|isbn|ean|gtin|upc|asin|vin|imei|iban)$/i;

/** Names of fields that both have; undefined where one of them differs, or where the types are equal and one already. */
function commonFields(a: Place, b: Place, type: string): string[] | undefined {
  if (a.document.types.get(type)?.kind !== Kind.OBJECT_TYPE_DEFINITION) return undefined;
  const [mine, theirs] = [a, b].map(
    ({ document }) =>
      new Map(fieldsOfRow(document.types, type).map((field) => [field.name.value, bare(print(field.type))])),
  );
  const names = [...(mine ?? [])].map(([name]) => name).filter((name) => theirs?.has(name));
  const differ = names.some((name) => mine?.get(name) !== theirs?.get(name));
  return differ || (names.length === mine?.size && names.length === theirs?.size) ? undefined : names;
}

/** A type as merging compares it: null or not aside, `ID` a text like any other. */
function bare(type: string): string {
  return type.replaceAll('!', '').replace(/\bID\b/, 'String');
}
