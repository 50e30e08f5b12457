import { Kind, type ObjectTypeDefinitionNode } from 'graphql';
import type { SourceDocument } from '../documents.ts';
import { mayBelongTogether } from './evidence.ts';
import { type Lookup, readLookups } from './lookups.ts';
import { type Operation, readOperations } from './operations.ts';
import { endsWithPhrase, joinPhrase, typePhrase, wordsOf } from './phrases.ts';
import type { Sort } from './sorts.ts';

/** One source as joins see it, in its own names. */
export type Place = {
  name: string;
  document: SourceDocument;
  operations: readonly Operation[];
  lookups: readonly Lookup[];
  /** Types whose values clients can meet: objects that wrap no rows. */
  objects: readonly ObjectTypeDefinitionNode[];
  /** Phrases of all that its operations answer. */
  answered: ReadonlySet<string>;
  /** Type → what operations that answer it call it. */
  nouns: ReadonlyMap<string, readonly string[]>;
  /** Path of a lookup by key (`customers/{}`) → the lookup. */
  byPath: ReadonlyMap<string, Lookup>;
};

/** All sources, and what can be looked up in them by its phrase. */
export type World = { places: ReadonlyMap<string, Place>; things: ReadonlyMap<string, readonly Lookup[]> };

/** A thing that a key names, and how well the names fit: 3 is by type and operation, 2 by one of them, 1 by the parameter only. */
export type Found = {
  lookup: Lookup;
  fit: number;
  far: boolean;
  /** Whether the key's name says which source has it. */
  named?: boolean;
};

export function readWorld(documents: readonly SourceDocument[]): World {
  const places = new Map(documents.map((document) => [document.name, readPlace(document)] as const));
  const things = new Map<string, Lookup[]>();
  for (const { lookups } of places.values()) {
    for (const lookup of lookups) {
      const { thing, said, operation } = lookup;
      for (const phrase of new Set([thing, said, operation.noun])) {
        if (phrase !== '') things.set(phrase, [...(things.get(phrase) ?? []), lookup]);
      }
    }
  }
  return { places, things };
}

function readPlace(document: SourceDocument): Place {
  const operations = readOperations(document);
  const lookups = operations.flatMap((operation) => readLookups(operation, document));
  const nouns = new Map<string, string[]>();
  for (const { rows, noun } of operations) nouns.set(rows.type, [...(nouns.get(rows.type) ?? []), noun]);
  const wrappers = new Set(operations.flatMap(({ rows }) => rows.wrappers));
  return {
    name: document.name,
    document,
    operations,
    lookups,
    objects: [...document.types.values()].filter(
      (node): node is ObjectTypeDefinitionNode =>
        node.kind === Kind.OBJECT_TYPE_DEFINITION && !wrappers.has(node.name.value),
    ),
    answered: new Set([...nouns.keys()].map(typePhrase)),
    nouns,
    byPath: new Map(
      lookups.flatMap((lookup) => (lookup.arg.inPath ? [[lookup.operation.path.join('/'), lookup] as const] : [])),
    ),
  };
}

/** What a key is asked to name. */
export type Wanted = { phrase: string; kind: string; sort: Sort };

/**
 * The one way to look up what a key of `from` names: in the source itself, else in the one other source that has a type of that
 * name. Undefined where there is none, and where there are several things it could be.
 */
export function findThing(world: World, from: Place, wanted: Wanted): Found | undefined {
  const fitting = fittingLookups(world, wanted);
  const near = fitting.filter(({ operation }) => operation.source === from.name);
  if (near.length > 0) return best(near, wanted.phrase, false);
  const named = prefixed(world, from, wanted);
  if (named) return named;
  if (from.answered.has(wanted.phrase)) return undefined;
  const far = fitting.filter(({ thing }) => thing === wanted.phrase);
  const [source, second] = new Set(far.map(({ operation }) => operation.source));
  const other = source === undefined || second !== undefined ? undefined : world.places.get(source);
  return other && mayBelongTogether(from.document, other.document) ? best(far, wanted.phrase, true) : undefined;
}

/** `stripeCustomerId` names a customer of the source `stripe`, wherever that is. */
function prefixed(world: World, from: Place, wanted: Wanted): Found | undefined {
  for (const place of world.places.values()) {
    const start = `${wordsOf(place.name).join(' ')} `;
    if (place === from || !wanted.phrase.startsWith(start)) continue;
    const phrase = wanted.phrase.slice(start.length);
    const own = fittingLookups(world, { ...wanted, phrase }).filter(({ operation }) => operation.source === place.name);
    const found = best(own, phrase, true);
    if (found && found.fit > 1) return { ...found, fit: 3, named: true };
  }
  return undefined;
}

function fittingLookups({ things }: World, { phrase, kind, sort }: Wanted): Lookup[] {
  return (things.get(phrase) ?? []).filter((lookup) => lookup.kind === kind && lookup.rowKey.sort === sort);
}

/** The lookup to take of several: the best fit, bulk first, then the shortest. None where equal fits answer different things. */
function best(lookups: readonly Lookup[], phrase: string, far: boolean): Found | undefined {
  const fits = lookups.map((lookup) => ({ lookup, fit: fitOf(lookup, phrase), far }));
  const top = Math.max(...fits.map(({ fit }) => fit));
  const [first, ...others] = fits.filter(({ fit }) => fit > 0 && fit === top).sort(compare);
  if (!first) return undefined;
  const { thing, operation } = first.lookup;
  const isOne = others.every(
    ({ lookup, fit }) => lookup.thing === thing && (fit === 3 || lookup.operation.noun === operation.noun),
  );
  return isOne ? first : undefined;
}

function fitOf({ thing, said, operation }: Lookup, phrase: string): number {
  const named = Number(thing === phrase) + Number(operation.noun === phrase);
  if (named === 2 || (named === 1 && said === phrase)) return 3;
  // `/live/channels/{channelId}` answers an item, and by the key of a channel.
  if (operation.noun !== phrase && said !== '' && !endsWithPhrase(phrase, said)) return 0;
  return named === 1 ? 2 : 1;
}

function compare(a: Found, b: Found): number {
  return orderOf(a.lookup) < orderOf(b.lookup) ? -1 : 1;
}

function orderOf({ bulk, operation }: Lookup): string {
  return [bulk ? 0 : 1, String(operation.path.length).padStart(3, '0'), operation.name].join(' ');
}

/** What a type is called: by its own name, and by what answers it. */
export function phrasesOfType({ nouns }: Place, type: string): ReadonlySet<string> {
  return new Set([typePhrase(type), joinPhrase(wordsOf(type)), ...(nouns.get(type) ?? [])]);
}
