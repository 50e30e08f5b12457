import DataLoader from 'dataloader';
import type { GraphQLField, GraphQLNamedType } from 'graphql';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { stableStringify } from '../lib/json.ts';
import {
  createKeyTarget,
  createPathReader,
  isAliased,
  type KeyTarget,
  keyText,
  type PathReader,
  wirePath,
} from './keys.ts';
import { type Lookup, type Model, rowType } from './model.ts';
import type { Perform } from './perform.ts';
import { keySelection, type Piece, selectionOf } from './selection.ts';

/** One key to look up, and what a GraphQL source is to be asked about its row. */
type Entry = { key: readonly unknown[]; piece: Piece | undefined };

/** Looks rows up by key: all keys of one tick in as few calls as the lookup allows. Rows come back by key, never by position. */
export type LoadRows = (
  context: RequestContext,
  request: {
    key: readonly unknown[];
    piece: Piece | undefined;
    args: Readonly<Record<string, unknown>>;
    place: string;
  },
) => Promise<readonly unknown[]>;

const NOTHING: readonly unknown[] = [];
const MISSING_STATUSES = new Set<unknown>([404, 410, 'NOT_FOUND']);

export function createLookupLoader(model: Model, lookup: Lookup, perform: Perform): LoadRows {
  const field = model.schema.getQueryType()?.getFields()[lookup.field];
  if (!field) throw new Error(`Query.${lookup.field} is not in the schema`);
  const prepared = prepare(model, lookup, field);
  const identity = stableStringify([
    lookup.source,
    lookup.field,
    lookup.keysArg,
    lookup.keysArgFields,
    lookup.valueKeys,
    lookup.result,
  ]);
  return (context, { key, piece, args, place }) => {
    const name = `${identity} ${stableStringify(args)} ${prepared.aliased ? place : ''}`;
    let loader = context.loaders.get(name) as DataLoader<Entry, readonly unknown[], string> | undefined;
    if (!loader) {
      const load = (entries: readonly Entry[]): Promise<(readonly unknown[] | Error)[]> =>
        loadEntries(context, entries, { lookup, prepared, perform, args });
      loader = new DataLoader(load, { cacheKeyFn: (entry) => `${keyText(entry.key)} ${entry.piece?.text ?? ''}` });
      context.loaders.set(name, loader);
    }
    return loader.load({ key, piece });
  };
}

type Prepared = {
  target: KeyTarget;
  rowKeys: PathReader[];
  rowsOf: PathReader;
  aliased: boolean;
  /** The path to the rows and the selection of their keys, in the source's names. */
  resultPath: readonly string[];
  keys: string;
  /** Most keys of one call. */
  size: number;
};

/** Most keys of one call where nobody says otherwise. */
const DEFAULT_BATCH_SIZE = 100;

function prepare(model: Model, lookup: Lookup, field: GraphQLField<unknown, unknown>): Prepared {
  const aliased = isAliased(model, lookup.source);
  const rows: GraphQLNamedType | undefined = rowType(field, lookup.result);
  const target = createKeyTarget(field.args, lookup.keysArg, lookup.keysArgFields);
  const most = model.maxKeys(lookup.source, lookup.field);
  const bulkSize =
    lookup.batchSize === undefined
      ? (most ?? DEFAULT_BATCH_SIZE)
      : Math.min(lookup.batchSize, most ?? lookup.batchSize);
  return {
    target,
    rowKeys: lookup.valueKeys.map((path) => createPathReader(rows, path, lookup.source, aliased)),
    rowsOf: createPathReader(rowType(field, []), lookup.result, lookup.source, false),
    aliased,
    resultPath: wirePath(rowType(field, []), lookup.result, lookup.source),
    keys: keySelection(rows, lookup.valueKeys, lookup.source),
    size: target.bulk ? bulkSize : 1,
  };
}

type Work = { lookup: Lookup; prepared: Prepared; perform: Perform; args: Readonly<Record<string, unknown>> };

async function loadEntries(
  context: RequestContext,
  entries: readonly Entry[],
  work: Work,
): Promise<(readonly unknown[] | Error)[]> {
  const keys = new Map<string, readonly unknown[]>();
  for (const { key } of entries) keys.set(keyText(key), key);
  const found = new Map<string, readonly unknown[] | Error>();
  const size = work.prepared.size;
  const distinct = [...keys];
  const chunks: (typeof distinct)[] = [];
  for (let start = 0; start < distinct.length; start += size) chunks.push(distinct.slice(start, start + size));
  await Promise.all(chunks.map((chunk) => loadChunk(context, chunk, entries, work, found)));
  return entries.map(({ key }) => found.get(keyText(key)) ?? NOTHING);
}

async function loadChunk(
  context: RequestContext,
  chunk: readonly (readonly [string, readonly unknown[]])[],
  entries: readonly Entry[],
  { lookup, prepared, perform, args }: Work,
  found: Map<string, readonly unknown[] | Error>,
): Promise<void> {
  const { target, aliased } = prepared;
  try {
    const data = await perform(context, {
      source: lookup.source,
      operation: lookup.field,
      args: merge(args, target.place(chunk.map(([, key]) => key))),
      idempotent: true,
      keys: chunk.length,
      ...(aliased
        ? {
            selection: selectionOf(
              entries.flatMap(({ piece }) => piece ?? []),
              prepared.resultPath,
              prepared.keys,
            ),
          }
        : {}),
    });
    const rows = asRows(prepared.rowsOf(data));
    const [only] = chunk;
    if (!target.bulk && only) found.set(only[0], rows);
    else group(rows, new Set(chunk.map(([text]) => text)), prepared.rowKeys, found);
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    for (const [text] of chunk) found.set(text, !target.bulk && isMissing(failure) ? NOTHING : failure);
  }
}

/**
 * Rows by their own key. A row nobody asked for is dropped; one key may own many rows, and a row with a list of keys belongs to
 * each. Where the source says that a row failed nobody knows whose it was: it is the answer of every key without one.
 */
function group(
  rows: readonly unknown[],
  wanted: ReadonlySet<string>,
  rowKeys: readonly PathReader[],
  found: Map<string, readonly unknown[] | Error>,
): void {
  let failed: Error | undefined;
  for (const row of rows) {
    if (row instanceof Error) failed ??= row;
    for (const key of keysOfRow(rowKeys.map((read) => read(row)))) {
      if (!wanted.has(key)) continue;
      const list = found.get(key);
      if (Array.isArray(list)) list.push(row);
      else found.set(key, [row]);
    }
  }
  if (failed) for (const key of wanted) if (!found.has(key)) found.set(key, failed);
}

function keysOfRow(parts: readonly unknown[]): ReadonlySet<string> {
  if (parts.some((part) => part === undefined || part === null)) return new Set();
  const [only] = parts;
  return new Set(parts.length === 1 && Array.isArray(only) ? only.map((part) => keyText([part])) : [keyText(parts)]);
}

/** Asked for one row by its key, a source that says "not found" means: no row. */
function isMissing(error: Error): boolean {
  return (
    error instanceof GatewayError &&
    error.code === 'UPSTREAM_REJECTED' &&
    MISSING_STATUSES.has(error.detail['upstreamStatus'])
  );
}

function asRows(data: unknown): readonly unknown[] {
  if (data === null || data === undefined) return NOTHING;
  return Array.isArray(data) ? data.filter((row) => row !== null && row !== undefined) : [data];
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
