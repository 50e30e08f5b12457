import DataLoader from 'dataloader';
import type { Standing } from './execution.ts';
import { batchName, type Entry, entryText, fetchRows, prepareLookup } from './lookup-rows.ts';
import type { Lookup, Model } from './model.ts';
import type { Perform } from './perform.ts';
import type { PlanGroup } from './plan.ts';
import { NO_ROWS } from './row-keys.ts';
import type { Piece } from './selection.ts';

/** Looks rows up by key: all keys of one tick in as few calls as the group allows. Rows come back by key, never by position. */
export type LoadRows = (
  standing: Standing,
  request: {
    key: readonly unknown[];
    piece: Piece | undefined;
    args: Readonly<Record<string, unknown>>;
    /** Whose calls may carry the key. */
    group: PlanGroup | undefined;
  },
) => Promise<readonly unknown[]>;

/** Makes what looks rows up; each engine has its own way to gather keys. */
export type CreateLoader = (site: { model: Model; perform: Perform }, lookup: Lookup) => LoadRows;

type Loader = DataLoader<Entry, readonly unknown[], string>;

/** Gathers the keys of resolvers. */
export function createLookupLoader({ model, perform }: { model: Model; perform: Perform }, lookup: Lookup): LoadRows {
  const prepared = prepareLookup(model, lookup);
  return (standing, { key, piece, args, group }) => {
    if (!group) throw new Error(`no group looks up ${lookup.source}.${lookup.field}`);
    const { context, node, execution } = standing;
    const name = batchName(group, args);
    let loader = execution.loaders.get(name) as Loader | undefined;
    if (!loader) {
      const asker = { context, coordinate: node.coordinate, variables: execution.variables };
      const work = { lookup, prepared, perform, args, group };
      const load = (entries: readonly Entry[]) => fetchRows(asker, entries, work);
      loader = new DataLoader(load, { cacheKeyFn: entryText, batchScheduleFn: execution.schedule });
      execution.loaders.set(name, loader);
    }
    return prepared.target.takes(key) ? loader.load({ key, piece }) : Promise.resolve(NO_ROWS);
  };
}
