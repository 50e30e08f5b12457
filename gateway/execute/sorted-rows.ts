import type { CallBulk } from '../connect/connector.ts';
import { isConstant } from '../connect/unchanged.ts';
import type { PathReader } from './keys.ts';
import { asRows, type RowKeys, sortRows } from './row-keys.ts';

export type SortRows = CallBulk['rowsOf'];
type Before = { readonly texts: readonly string[]; readonly rows: ReturnType<SortRows> };

/**
 * Prepares sorting answers of one lookup by key. An answer that comes again as it was, and is asked for the same keys, is sorted already.
 *
 * @param rowsOf finds the rows in an answer
 */
export function createRowSorter(rowsOf: PathReader, keys: RowKeys): SortRows {
  const sorted = new WeakMap<object, Before>();
  return (data, texts) => {
    const before = isConstant(data) ? sorted.get(data) : undefined;
    if (before && isEqualList(before.texts, texts)) return before.rows;
    const rows = sortRows(asRows(rowsOf(data)), new Set(texts), keys);
    if (isConstant(data)) sorted.set(data, { texts, rows });
    return rows;
  };
}

function isEqualList(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}
