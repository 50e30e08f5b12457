/** Rows in memory that are found by id and by other keys. */
export type Table<Row, Index extends string> = {
  all(): Row[];
  get(id: string): Row | undefined;
  /** Rows of these ids, in the **reverse** of the order asked for, once each, without the unknown ones. */
  byIds(ids: readonly string[]): Row[];
  /** Rows of these keys, in the **reverse** of the order asked for. */
  by(index: Index, keys: readonly string[]): Row[];
  /** Adds a row or takes the place of the one with its id; the oldest row makes room above `maxRows`. */
  put(row: Row): void;
  remove(id: string): boolean;
};

/**
 * Makes a table. Reads by many keys answer backwards on purpose: no real service promises an order,
 * and a caller that matches rows by position has to fail here, where it is seen.
 *
 * @param rows the first rows
 * @param options how to read the id and the keys of a row; `maxRows` bounds what callers can add (default 20,000)
 */
export function createTable<Row, Index extends string>(
  rows: readonly Row[],
  options: {
    id: (row: Row) => string;
    indexes: Readonly<Record<Index, (row: Row) => string>>;
    maxRows?: number;
  },
): Table<Row, Index> {
  const maxRows = options.maxRows ?? 20_000;
  const byId = new Map<string, Row>();
  const indexes = new Map<string, { keyOf: (row: Row) => string; rows: Map<string, Set<Row>> }>();
  for (const [name, keyOf] of Object.entries<(row: Row) => string>(options.indexes)) {
    indexes.set(name, { keyOf, rows: new Map() });
  }

  function put(row: Row): void {
    const id = options.id(row);
    remove(id);
    const oldest = byId.keys().next();
    if (byId.size >= maxRows && oldest.done === false) {
      remove(oldest.value);
    }
    byId.set(id, row);
    for (const { keyOf, rows: found } of indexes.values()) {
      const key = keyOf(row);
      const group = found.get(key);
      if (group === undefined) {
        found.set(key, new Set([row]));
      } else {
        group.add(row);
      }
    }
  }

  function remove(id: string): boolean {
    const row = byId.get(id);
    if (row === undefined) {
      return false;
    }
    byId.delete(id);
    for (const { keyOf, rows: found } of indexes.values()) {
      const key = keyOf(row);
      const group = found.get(key);
      group?.delete(row);
      if (group?.size === 0) {
        found.delete(key);
      }
    }
    return true;
  }

  for (const row of rows) {
    put(row);
  }
  return {
    all: () => [...byId.values()],
    get: (id) => byId.get(id),
    byIds: (ids) => backwards(ids).flatMap((id) => byId.get(id) ?? []),
    by: (index, keys) => {
      const found = indexes.get(index)?.rows;
      return backwards(keys).flatMap((key) => [...(found?.get(key) ?? [])].reverse());
    },
    put,
    remove,
  };
}

function backwards(keys: readonly string[]): string[] {
  return [...new Set(keys)].reverse();
}
