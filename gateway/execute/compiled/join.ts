import type { Standing } from '../execution.ts';
import type { Keys } from '../join-keys.ts';
import { keyText } from '../keys.ts';
import { prepareLookup } from '../lookup-rows.ts';
import type { Join as JoinRule } from '../model.ts';
import { createPieces } from '../pieces.ts';
import type { Plan, PlanNode } from '../plan.ts';
import { NO_ROWS } from '../row-keys.ts';
import type { FieldSite } from '../site.ts';
import { argumentsIn } from './arguments.ts';
import { batchOf } from './batch.ts';
import { asError } from './faults.ts';
import { createQuestion, type Sent } from './question.ts';
import type { Arguments, Batch, Cell, Found, Join, JoinState, Run } from './words.ts';

export type JoinOptions = {
  site: FieldSite;
  node: PlanNode;
  rule: JoinRule;
  plan: Plan;
  args: Arguments;
  /** Its number within the program. */
  number: number;
};

const NOT_TAKEN: Found = Object.freeze({ rows: NO_ROWS, waiting: [] });

/** Prepares a join at one place: parents that have the same key share a cell, and cells the calls of their batch. */
export function createJoin({ site, node, rule, plan, args, number }: JoinOptions): Join {
  const question = createQuestion(site, rule, node);
  const { quickKey, isAlike } = question;
  const prepared = prepareLookup(site.model, rule);
  const pieces = createPieces(site, rule);
  const join: Join = { ask, settle, gather: undefined };

  function open(run: Run): JoinState {
    const values = argumentsIn(run, args);
    const failed = values instanceof Error;
    const sent = failed || !isAlike ? undefined : (question.sentBy({} as Standing, values) as Sent);
    const state = { cells: new Map(), empty: cellOf(failed ? values : question.nothing), sent, batch: undefined };
    run.joins[number] = state;
    return state;
  }

  function cellOf(value: unknown): Cell {
    return { join, value, frame: undefined, text: undefined, founds: [], open: 0 };
  }

  function ask(parent: unknown, run: Run): Cell {
    const state = run.joins[number] ?? open(run);
    const { empty, sent } = state;
    if (empty.value instanceof Error) return empty;
    if (!quickKey || !sent) return askSlowly(parent, state, run);
    const key = quickKey(parent);
    if (key === undefined || key === null || key === '') return empty;
    if (typeof key !== 'string' && typeof key !== 'number') return askSlowly(parent, state, run);
    return state.cells.get(key) ?? share(key, [[key]], state, run);
  }

  /** One cell for all parents that have this key. */
  function share(name: string | number, keys: Keys, { cells, sent }: JoinState, run: Run): Cell {
    const cell = cellOf(undefined);
    cells.set(name, cell);
    begin(cell, keys, sent, run);
    return cell;
  }

  /** A parent whose key is not one plain value, or that sends something of its own beside it. */
  function askSlowly(parent: unknown, state: JoinState, run: Run): Cell {
    const cell = cellOf(undefined);
    const standing = { parent, node, execution: run, context: run.context };
    const sentBy = () => state.sent ?? question.sentBy(standing, argumentsIn(run, args) as Sent);
    try {
      const keys = question.keysOf(standing);
      if (keys instanceof Promise) {
        beginLater(cell, Promise.all([keys, soon(sentBy)]), run);
        return cell;
      }
      const [only, second] = keys;
      if (state.sent && only && !second && !quickKey) {
        const name = keyText(only);
        return state.cells.get(name) ?? share(name, keys, state, run);
      }
      const sent = sentBy();
      if (sent instanceof Promise) beginLater(cell, Promise.all([keys, sent]), run);
      else begin(cell, keys, sent, run);
    } catch (error) {
      cell.value = asError(error);
    }
    return cell;
  }

  /** Once its key is there, which another source has. */
  function beginLater(cell: Cell, asked: Promise<[Keys, Sent | undefined]>, run: Run): void {
    run.open();
    const fail = (error: unknown): void => {
      cell.value = asError(error);
    };
    asked
      .then(([keys, sent]) => begin(cell, keys, sent, run), fail)
      .then(run.close)
      .catch(run.crash);
  }

  function begin(cell: Cell, keys: Keys, sent: Sent | undefined, run: Run): void {
    if (sent === undefined || keys.length === 0) {
      cell.value = question.nothing;
      return;
    }
    try {
      const batch = batchFor(sent, run);
      const piece = node.isPart ? pieces?.part(plan, node) : pieces?.below(plan, node);
      cell.founds = keys.map((key) => {
        if (!prepared.target.takes(key)) return NOT_TAKEN;
        cell.open += 1;
        return batch.ask(key, piece, cell);
      });
    } catch (error) {
      cell.value = asError(error);
      return;
    }
    if (cell.open === 0) finish(cell, run);
  }

  function batchFor(sent: Sent, run: Run): Batch {
    const state = run.joins[number];
    if (state?.batch && state.sent === sent) return state.batch;
    if (!node.group) throw new Error(`no group looks up ${rule.source}.${rule.field}`);
    const work = { lookup: rule, prepared, perform: site.perform, args: sent, group: node.group };
    const batch = batchOf(run, node.coordinate, work);
    if (state && state.sent === sent) state.batch = batch;
    return batch;
  }

  function settle(cell: Cell, run: Run): void {
    cell.open -= 1;
    if (cell.open === 0) finish(cell, run);
  }

  function finish(cell: Cell, run: Run): void {
    const { founds } = cell;
    const failed = founds.find(({ rows }) => rows instanceof Error);
    const all = founds.length === 1 ? founds[0]?.rows : founds.flatMap(({ rows }) => rows);
    cell.value = failed ? failed.rows : question.valueOf(all as readonly unknown[]);
    if (!join.gather || cell.value === null || cell.value === undefined) return;
    cell.frame = join.gather(cell.value as never, run);
  }

  return join;
}

async function soon<T>(make: () => T | Promise<T>): Promise<T> {
  return await make();
}
