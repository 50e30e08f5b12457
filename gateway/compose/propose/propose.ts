/**
 * Joins that nobody wrote yet: found by the names and types of fields and parameters, each with its reasons. A proposal is left out
 * rather than wrong; what is proposed passes the checks of compose.
 */
import type { ObjectTypeExtensionNode } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import { directivesNamed } from '../../lib/sdl.ts';
import { type LockedTypes, type Placed, placeNames } from '../collide.ts';
import { type ComposeSource, readSource } from '../documents.ts';
import { readJoins } from '../joins.ts';
import { uniteTypes } from '../paths.ts';
import { proposeCompositeKeys } from './composite-keys.ts';
import { proposeForeignKeys } from './foreign-keys.ts';
import { proposeOwnedRows } from './owned-rows.ts';
import { phraseOf, wordsOf } from './phrases.ts';
import { type Draft, type Proposal, toProposal } from './proposal.ts';
import { isList } from './rows.ts';
import { readWorld } from './world.ts';

export type ProposeOptions = {
  /** All sources with the joins they have, the new one among them. */
  sources: readonly ComposeSource[];
  /** Unified names given before, as compose takes them. */
  locked: LockedTypes;
  /** The source being added: only joins from it, to it and within it. All joins where undefined. */
  added?: string;
  /** Most proposals, the surest first; 500 where not said. */
  most?: number;
};

/** What is less sure is not proposed. */
const LEAST_CONFIDENCE = 0.7;
const MOST = 500;

/**
 * Proposes joins, the surest first, ties by name: the same sources give the same proposals.
 * @throws GraphQLError when the text of a source is no SDL
 */
export function proposeJoins({ sources, locked, added, most = MOST }: ProposeOptions): readonly Proposal[] {
  const documents = sources.map(readSource);
  const world = readWorld(documents);
  const placed = placeNames(documents, locked);
  const drafts = [...world.places.values()].flatMap((place) => [
    ...proposeForeignKeys(world, place),
    ...proposeOwnedRows(world, place),
    ...proposeCompositeKeys(place),
  ]);
  const wanted = drafts
    .filter(({ confidence }) => confidence >= LEAST_CONFIDENCE)
    .filter(({ source, target }) => added === undefined || source === added || target.source === added)
    .map((draft) => inUnifiedNames(draft, placed));
  return withoutDoubles(wanted, sources, placed).slice(0, most).map(toProposal);
}

/** Types as clients see them; root fields and arguments keep the names of their source (docs/joins.md). */
function inUnifiedNames(draft: Draft, { typeNames }: Placed): Draft {
  const named = (source: string, type: string): string => typeNames.get(source)?.get(type) ?? type;
  return {
    ...draft,
    type: named(draft.source, draft.type),
    answer: named(draft.target.source, draft.answer),
  };
}

/** One field of a name per type, one join per key; nothing that the schema has or somebody declared. */
function withoutDoubles(drafts: readonly Draft[], sources: readonly ComposeSource[], placed: Placed): Draft[] {
  const types = uniteTypes(placed.sources);
  const declared = readJoins(sources, placed, new Set()).extensions;
  const taken = new Set([...types].flatMap(([type, node]) => fieldNames(type, node)));
  for (const node of declared) for (const name of fieldNames(node.name.value, node)) taken.add(name);
  const meant = new Set(declared.flatMap(meaningsOf));
  return [...drafts].sort(compare).filter((draft) => {
    const name = `${draft.type} ${wordsOf(draft.field).join(' ')}`;
    const meaning = meaningOf(draft.type, draft.answer, draft.many, draft.keyFields);
    // A thing has many rows by one key in several ways, but a key names one thing.
    const rows = `${meaning} ${phraseOf(draft.field)}`;
    const isKnown = taken.has(name) || meant.has(meaning) || meant.has(rows);
    taken.add(name);
    if (!isKnown) meant.add(draft.many ? rows : meaning);
    return !isKnown;
  });
}

function fieldNames(type: string, node: object): string[] {
  const fields = 'fields' in node && Array.isArray(node.fields) ? (node.fields as { name: { value: string } }[]) : [];
  return fields.map(({ name }) => `${type} ${wordsOf(name.value).join(' ')}`);
}

/** What joins that were declared mean: links say `{root.x}` where joins say keyField. */
function meaningsOf(node: ObjectTypeExtensionNode): string[] {
  return (node.fields ?? []).flatMap((field) =>
    directivesNamed(field, 'resolveTo').map((args) => {
      const keys = args['keyFields'] ?? args['keyField'];
      const roots = [...JSON.stringify(args['sourceArgs'] ?? {}).matchAll(/\{root\.([\w.]+)\}/g)].map(
        ([, path]) => path,
      );
      const list = Array.isArray(keys) ? keys.map(String) : typeof keys === 'string' ? [keys] : roots.map(String);
      return meaningOf(node.name.value, namedTypeOf(field.type).name.value, isList(field.type), list);
    }),
  );
}

function meaningOf(type: string, answer: string, many: boolean, keys: readonly string[]): string {
  return [type, answer, many ? 'many' : 'one', ...[...keys].sort()].join(' ');
}

function compare(a: Draft, b: Draft): number {
  const order = b.confidence - a.confidence || Number(b.bulk) - Number(a.bulk);
  if (order !== 0) return order;
  const [first, second] = [a, b].map(({ type, field, target }) => `${type}.${field} ${target.source}.${target.field}`);
  return String(first) < String(second) ? -1 : 1;
}
