/** Whose the rows of a lookup are: by what they say themselves, never by where they stand. */
import type { CallBulk } from '../connect/connector.ts';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';
import { keyText, type PathReader } from './keys.ts';

/** How rows of a lookup say their key. */
export type RowKeys = {
  source: string;
  /** The field that answers them, and the fields below it that hold their key, for who is told that something is wrong. */
  coordinate: string;
  rowKeyNames: string;
  rowKeys: readonly PathReader[];
};

export const NO_ROWS: readonly unknown[] = [];

/** The rows of an answer; one that is no list is the only row. */
export function asRows(data: unknown): readonly unknown[] {
  if (data === null || data === undefined) return NO_ROWS;
  return Array.isArray(data) ? data.filter((row) => row !== null && row !== undefined) : [data];
}

/**
 * Rows by their own key. A row nobody asked for, or that does not say its key, is dropped and counted; one key may own many rows, and
 * a row with a list of keys belongs to each. A key in other capitals is taken for the one that was asked for, where no row has exactly
 * that one and no other that was asked for is written alike.
 *
 * Where the source says that a row, or its key, failed nobody knows whose it was: it is the answer of every key without one. So is
 * UPSTREAM_BAD_PAYLOAD where rows hold something and none of all says its key.
 */
export function sortRows(
  rows: readonly unknown[],
  wanted: ReadonlySet<string>,
  keys: RowKeys,
): ReturnType<CallBulk['rowsOf']> {
  const found = new Map<string, unknown[] | Error>();
  let failed: Error | undefined;
  let unrequested = 0;
  let keyed = 0;
  const strays: unknown[] = [];
  for (const row of rows) {
    const parts = keys.rowKeys.map((read) => read(row));
    const fault = [row, ...parts.flat()].find((each) => each instanceof Error);
    failed ??= fault;
    let isWanted = false;
    let isStray = false;
    // A list of keys may be empty: such a row says that it is nobody's.
    if (parts.every(isThere)) keyed += 1;
    for (const key of keysOfRow(parts)) {
      if (wanted.has(key)) {
        isWanted = true;
        give(row, key, found);
      } else isStray = true;
    }
    if (fault) continue;
    if (!isWanted) unrequested += 1;
    if (isStray) strays.push(row);
  }
  if (strays.length > 0 && found.size < wanted.size) unrequested -= adopt(strays, wanted, found, keys);
  if (keyed === 0 && !failed && rows.some(holdsSomething)) failed = keyless(keys);
  if (failed) for (const key of wanted) if (!found.has(key)) found.set(key, failed);
  return { rows: found, unrequested };
}

/**
 * Finds who asked for rows in other capitals.
 *
 * @param strays rows that say a key nobody asked for
 * @returns how many of them, until then, were nobody's
 */
function adopt(
  strays: readonly unknown[],
  wanted: ReadonlySet<string>,
  found: Map<string, unknown[] | Error>,
  { rowKeys }: RowKeys,
): number {
  // Undefined for two that differ in capitals alone, and for who has rows: there capitals count.
  const alike = new Map<string, string | undefined>();
  for (const key of wanted) {
    const text = key.toLowerCase();
    alike.set(text, alike.has(text) || found.has(key) ? undefined : key);
  }
  let adopted = 0;
  for (const row of strays) {
    const said = [...keysOfRow(rowKeys.map((read) => read(row)))];
    const own = new Set(said.flatMap((key) => (wanted.has(key) ? [] : (alike.get(key.toLowerCase()) ?? []))));
    for (const key of own) give(row, key, found);
    if (own.size > 0 && !said.some((key) => wanted.has(key))) adopted += 1;
  }
  return adopted;
}

function give(row: unknown, key: string, found: Map<string, unknown[] | Error>): void {
  const list = found.get(key);
  if (Array.isArray(list)) list.push(row);
  else found.set(key, [row]);
}

/**
 * What belongs to a key that was asked for alone. What does not say its key is taken for what was asked, and so is a key in other
 * capitals where no row has exactly that one; of a list rows of other keys are left out.
 *
 * @throws GatewayError UPSTREAM_BAD_PAYLOAD when the one row that was answered has another key
 */
export function ownRows(answer: unknown, key: string, keys: RowKeys): readonly unknown[] {
  const rows = asRows(answer);
  const claims = rows.map((row) => claimOf(row, key, keys.rowKeys));
  const isExact = claims.includes('exact');
  const own = rows.filter((_row, n) => claims[n] !== 'other' && !(isExact && claims[n] === 'alike'));
  if (own.length === 0 && rows.length > 0 && !Array.isArray(answer)) throw other(keys);
  return own;
}

function claimOf(row: unknown, key: string, rowKeys: readonly PathReader[]): 'exact' | 'alike' | 'unsaid' | 'other' {
  const parts = rowKeys.map((read) => read(row));
  if (row instanceof Error || parts.flat().some((part) => part instanceof Error)) return 'unsaid';
  const own = keysOfRow(parts);
  if (own.has(key)) return 'exact';
  if (own.size === 0) return 'unsaid';
  const wanted = key.toLowerCase();
  return [...own].some((each) => each.toLowerCase() === wanted) ? 'alike' : 'other';
}

function keysOfRow(parts: readonly unknown[]): ReadonlySet<string> {
  if (!parts.every(isThere)) return new Set();
  const [only] = parts;
  return new Set(parts.length === 1 && Array.isArray(only) ? only.map((part) => keyText([part])) : [keyText(parts)]);
}

function isThere(part: unknown): boolean {
  return part !== undefined && part !== null;
}

/** Some sources put an empty row where they have none. */
function holdsSomething(row: unknown): boolean {
  return !isRecord(row) || Object.values(row).some((value) => value !== undefined && value !== null);
}

function keyless({ source, coordinate, rowKeyNames }: RowKeys): GatewayError {
  const message = `No row of ${coordinate} says whose it is: ${rowKeyNames} is missing in all of them.`;
  return new GatewayError('UPSTREAM_BAD_PAYLOAD', { source, message });
}

function other({ source, coordinate, rowKeyNames }: RowKeys): GatewayError {
  const message = `${coordinate} was asked for one key and answered a row of another: see ${rowKeyNames}.`;
  return new GatewayError('UPSTREAM_BAD_PAYLOAD', { source, message });
}
