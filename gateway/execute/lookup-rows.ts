import { type GraphQLField, type GraphQLNamedType, isInterfaceType, isObjectType } from 'graphql';
import type { CallBulk, RowsByKey } from '../connect/connector.ts';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { stableStringify } from '../lib/json.ts';
import { mapDirective, toEntries } from './entries.ts';
import { createPathReader, isAliased, type KeyTarget, keyText, type PathReader, wirePath } from './keys.ts';
import { targetOf } from './lookup.ts';
import { type Lookup, type Model, rowType } from './model.ts';
import type { Perform, Wanted } from './perform.ts';
import type { PlanGroup } from './plan.ts';
import { asRows, NO_ROWS, ownRows, type RowKeys } from './row-keys.ts';
import { keySelection, type Piece, selectionOf } from './selection.ts';
import { createRowSorter, type SortRows } from './sorted-rows.ts';

/** One key to look up, and what a GraphQL source is to be asked about its row. */
export type Entry = { key: readonly unknown[]; piece: Piece | undefined };

/** Who looks up: the request, the field that asked first, and the values of its variables. */
export type Asker = {
  context: RequestContext;
  coordinate: string;
  variables: Readonly<Record<string, unknown>>;
};

/** What all keys of a batch share. */
export type Work = {
  lookup: Lookup;
  prepared: PreparedLookup;
  perform: Perform;
  args: Readonly<Record<string, unknown>>;
  /** Whose calls carry the keys. */
  group: PlanGroup;
};

const MISSING_STATUSES = new Set<unknown>([404, 410, 'NOT_FOUND']);

/** Equal for those entries alone that one lookup answers alike. Either all entries of a batch have a piece or none: its source says. */
export function entryText({ key, piece }: Entry): string {
  const text = keyText(key);
  // The length says where the key ends: both are free text.
  return piece === undefined ? text : `${text.length} ${text}${piece.text}`;
}

/** Equal for lookups of one execution that may share calls. */
export function batchName(group: PlanGroup, args: Readonly<Record<string, unknown>>): string {
  return `${group.id} ${stableStringify(args)}`;
}

/** What is known of a lookup before anything is asked. */
export type PreparedLookup = RowKeys & {
  target: KeyTarget;
  rowsOf: PathReader;
  /** The rows of an answer, by key. */
  sortRows: SortRows;
  aliased: boolean;
  /** The path to the rows and the selection of their keys, in the source's names. */
  resultPath: readonly string[];
  keys: string;
  /** The wire paths of their keys. */
  maskedKeys: readonly string[];
  /** Equal for lookups that place keys and tell rows apart in the same way. */
  shape: string;
};

export function prepareLookup(model: Model, lookup: Lookup): PreparedLookup {
  const target = targetOf(model, lookup);
  const field = model.schema.getQueryType()?.getFields()[lookup.field];
  const aliased = isAliased(model, lookup.source);
  const rows: GraphQLNamedType | undefined = field && rowType(field, lookup.result);
  const answer = field && rowType(field, []);
  const rowKeys: RowKeys = {
    source: lookup.source,
    coordinate: `Query.${lookup.field}`,
    rowKeyNames: lookup.valueKeys.map((path) => path.join('.')).join(', '),
    rowKeys: lookup.valueKeys.map((path) => createPathReader(rows, path, lookup.source, aliased)),
  };
  const rowsOf = createRowsReader(field, lookup);
  return {
    target,
    rowsOf,
    sortRows: createRowSorter(rowsOf, rowKeys),
    aliased,
    resultPath: wirePath(answer, lookup.result, lookup.source),
    keys: keySelection(rows, lookup.valueKeys, lookup.source),
    maskedKeys: lookup.valueKeys.map((path) => wirePath(rows, path, lookup.source).join('.')),
    shape: stableStringify([lookup.keysArg, lookup.keysArgFields, lookup.valueKeys, lookup.result]),
    ...rowKeys,
  };
}

/** Reads the rows out of an answer; a map on the wire has its entries for rows, as the schema shows it. */
function createRowsReader(field: GraphQLField<unknown, unknown> | undefined, { result, source }: Lookup): PathReader {
  const read = createPathReader(field && rowType(field, []), result, source, false);
  const above = field && rowType(field, result.slice(0, -1));
  const last = result.at(-1);
  const isBelow = last !== undefined && (isObjectType(above) || isInterfaceType(above));
  const holder = isBelow ? above.getFields()[last] : field;
  return holder && mapDirective(holder, source) ? (data) => toEntries(read(data)) : read;
}

/** Asks for the rows of all keys in as few calls as the group allows. Rows come back by key, never by position; what failed is an error. */
export async function fetchRows(
  asker: Asker,
  entries: readonly Entry[],
  work: Work,
): Promise<(readonly unknown[] | Error)[]> {
  const keys = new Map<string, readonly unknown[]>();
  for (const { key } of entries) keys.set(keyText(key), key);
  const found = new Map<string, readonly unknown[] | Error>();
  const size = work.group.batchSize ?? 1;
  const distinct = [...keys];
  const chunks: (typeof distinct)[] = [];
  for (let start = 0; start < distinct.length; start += size) chunks.push(distinct.slice(start, start + size));
  await Promise.all(chunks.map((chunk) => fetchChunk(asker, chunk, entries, work, found)));
  return entries.map(({ key }) => found.get(keyText(key)) ?? NO_ROWS);
}

async function fetchChunk(
  { context, coordinate, variables }: Asker,
  chunk: readonly (readonly [string, readonly unknown[]])[],
  entries: readonly Entry[],
  { lookup, prepared, perform, args, group: { id } }: Work,
  found: Map<string, readonly unknown[] | Error>,
): Promise<void> {
  const { target, aliased } = prepared;
  try {
    const wanted: Wanted = {
      source: lookup.source,
      operation: lookup.field,
      coordinate,
      group: id,
      args: merge(args, target.place(chunk.map(([, key]) => key))),
      idempotent: true,
      keys: chunk.length,
      bulk: target.bulk ? bulkOf(chunk, prepared, args) : undefined,
      selection: aliased
        ? selectionOf(
            entries.flatMap(({ piece }) => piece ?? []),
            prepared.resultPath,
            prepared.keys,
            variables,
          )
        : undefined,
      mask: maskOf(entries, prepared),
    };
    const data = await perform(context, wanted);
    const [only] = chunk;
    if (wanted.bulk) {
      const rows: RowsByKey = data instanceof Map ? data : wanted.bulk.rowsOf(data, wanted.bulk.keys).rows;
      for (const [text, own] of rows) found.set(text, own);
    } else if (only) {
      const answer = prepared.rowsOf(data);
      found.set(only[0], lookup.isRowKeyed ? ownRows(answer, only[0], prepared) : asRows(answer));
    }
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    for (const [text] of chunk) found.set(text, !target.bulk && isMissing(failure) ? NO_ROWS : failure);
  }
}

/** The wire paths that all rows of a call are asked for, their keys included; nothing where the source takes no mask. */
function maskOf(entries: readonly Entry[], { resultPath, maskedKeys }: PreparedLookup): Wanted['mask'] {
  const all = entries.map(({ piece }) => piece?.paths ?? []);
  // Who has no paths wants the whole row, or cannot say what of it.
  if (all.some((each) => each.length === 0)) return undefined;
  const paths = all.flat();
  return [...new Set([...paths, ...maskedKeys])].map((path) => [...resultPath, path].join('.'));
}

/** What rules about calls have to know in order to answer some of the keys themselves. */
function bulkOf(
  chunk: readonly (readonly [string, readonly unknown[]])[],
  { target, sortRows, shape }: PreparedLookup,
  args: Readonly<Record<string, unknown>>,
): CallBulk {
  const keys = new Map(chunk);
  return {
    keys: [...keys.keys()],
    shape,
    argsFor: (texts) => merge(args, target.place(texts.flatMap((text) => [keys.get(text) ?? []]))),
    rowsOf: sortRows,
  };
}

/** Asked for one row by its key, a source that says "not found" means: no row. */
function isMissing(error: Error): boolean {
  return (
    error instanceof GatewayError &&
    error.code === 'UPSTREAM_REJECTED' &&
    MISSING_STATUSES.has(error.detail['upstreamStatus'])
  );
}

function merge(base: Readonly<Record<string, unknown>>, over: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const below = result[name];
    result[name] = isPlain(below) && isPlain(value) ? merge(below, value) : value;
  }
  return result;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
