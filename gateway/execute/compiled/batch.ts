import type { LoadRows } from '../loader.ts';
import {
  type Asker,
  batchName,
  type Entry,
  entryText,
  fetchRows,
  NO_ROWS,
  prepareLookup,
  type Work,
} from '../lookup-rows.ts';
import type { Lookup, Model } from '../model.ts';
import type { Perform } from '../perform.ts';
import type { Batch, Found, Run } from './words.ts';

/** The batch of one run for lookups that may share calls. */
export function batchOf(run: Run, coordinate: string, work: Work): Batch {
  const name = batchName(work.group, work.args);
  let batch = run.loaders.get(name) as Batch | undefined;
  if (!batch) {
    batch = createBatch(run, { context: run.context, coordinate, variables: run.variables }, work);
    run.loaders.set(name, batch);
  }
  return batch;
}

/** Gathers keys until everything that can ask has asked, and fetches them together; each key is asked for once. */
function createBatch(run: Run, asker: Asker, work: Work): Batch {
  const known = new Map<string, Found>();
  let due: { entry: Entry; found: Found }[] = [];

  function dispatch(): void {
    const sent = due;
    due = [];
    const entries = sent.map(({ entry }) => entry);
    fetchRows(asker, entries, work)
      .then((rows) => {
        for (const [index, { found }] of sent.entries()) found.rows = rows[index] ?? NO_ROWS;
        for (const { found } of sent) {
          for (const waiter of found.waiting) typeof waiter === 'function' ? waiter() : waiter.join.settle(waiter, run);
        }
        run.close();
      })
      .catch(run.crash);
  }

  return {
    ask(key, piece) {
      const entry = { key, piece };
      const text = entryText(entry);
      let found = known.get(text);
      if (!found) {
        found = { rows: undefined, waiting: [] };
        known.set(text, found);
        if (due.length === 0) {
          run.open();
          run.schedule(dispatch);
        }
        due.push({ entry, found });
      }
      return found;
    },
  };
}

/** Looks rows up for keys that stand in another source: they join the batches of the run. */
export function createBatchLoader({ model, perform }: { model: Model; perform: Perform }, lookup: Lookup): LoadRows {
  const prepared = prepareLookup(model, lookup);
  return ({ execution, node }, { key, piece, args, group }) => {
    if (!group) throw new Error(`no group looks up ${lookup.source}.${lookup.field}`);
    if (!prepared.target.takes(key)) return Promise.resolve(NO_ROWS);
    const run = execution as Run;
    const found = batchOf(run, node.coordinate, { lookup, prepared, perform, args, group }).ask(key, piece);
    return new Promise((resolve, reject) => {
      const tell = (): void => (found.rows instanceof Error ? reject(found.rows) : resolve(found.rows ?? NO_ROWS));
      if (found.rows === undefined) found.waiting.push(tell);
      else tell();
    });
  };
}
