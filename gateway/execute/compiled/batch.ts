import type { LoadRows } from '../loader.ts';
import { type Asker, batchName, type Entry, entryText, fetchRows, prepareLookup, type Work } from '../lookup-rows.ts';
import type { Lookup, Model } from '../model.ts';
import type { Perform } from '../perform.ts';
import { NO_ROWS } from '../row-keys.ts';
import type { Batch, Found, Run, Waiter } from './words.ts';

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

type Turn = { asked: { entry: Entry; found: Found }[]; known: { waiter: Waiter; found: Found }[] };

/**
 * Gathers keys until everything that can ask has asked, and fetches them together. Each key is asked for once; who asks again goes on
 * together with those whose keys are new, so that what they ask for next goes in the same calls.
 */
function createBatch(run: Run, asker: Asker, work: Work): Batch {
  const founds = new Map<string, Found>();
  let turn: Turn | undefined;

  function dispatch(): void {
    const { asked = [], known = [] } = turn ?? {};
    turn = undefined;
    const settled = (rows: readonly (readonly unknown[] | Error)[]): void => {
      for (const [index, { found }] of asked.entries()) found.rows = rows[index] ?? NO_ROWS;
      for (const { waiter, found } of known) found.rows === undefined ? found.waiting.push(waiter) : tell(waiter);
      for (const { found } of asked) for (const waiter of found.waiting) tell(waiter);
      run.close();
    };
    const entries = asked.map(({ entry }) => entry);
    fetchRows(asker, entries, work).then(settled).catch(run.crash);
  }

  function tell(waiter: Waiter): void {
    if (typeof waiter === 'function') waiter();
    else waiter.join.settle(waiter, run);
  }

  return {
    founds: () => founds,
    ask(key, piece, waiter) {
      const entry = { key, piece };
      const text = entryText(entry);
      if (!turn) {
        turn = { asked: [], known: [] };
        run.open();
        run.schedule(dispatch);
      }
      const known = founds.get(text);
      if (known) {
        turn.known.push({ waiter, found: known });
        return known;
      }
      const found = { rows: undefined, waiting: [waiter] };
      founds.set(text, found);
      turn.asked.push({ entry, found });
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
    const batch = batchOf(run, node.coordinate, { lookup, prepared, perform, args, group });
    return new Promise((resolve, reject) => {
      const found = batch.ask(key, piece, () => {
        if (found.rows instanceof Error) reject(found.rows);
        else resolve(found.rows ?? NO_ROWS);
      });
    });
  };
}
