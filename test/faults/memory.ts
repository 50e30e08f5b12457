/** How much memory one failure leaves behind, told by many of them in one process that goes on. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often a fault happens again. */
export type MemoryForm = {
  /** Rounds in which code is compiled, shapes are learned and pools are filled. */
  readonly warmUp: number;
  /** Rounds that count, both odd: more than the fewest only while what each failure seems to leave is above the bound. */
  readonly fewest: number;
  readonly most: number;
  /** Collections before memory is looked at: what objects refer to weakly, and buffers that belong to them, go by the second. */
  readonly collections: number;
  /** Operations of a round, where the fault does not say. */
  readonly operations?: number;
  /** How many times the bound may be left: few failures are a coarse measure. */
  readonly slack?: number;
};

/** In bytes: what a failure left, and what it may. */
export type Growth = { readonly each: number; readonly bound: number };

/** Turns after which what waits for a turn, such as the end of a connection, is over. */
const TURNS = 5;
/**
 * What memory grows by with each failure: the median of rounds, so that one in which something is made once, or let go late, says
 * nothing.
 *
 * @param round lets `failures` of them happen, and returns when nothing of them is under way
 */
export async function measureGrowth(
  round: () => Promise<void>,
  {
    failures,
    bound,
    warmUp,
    fewest,
    most,
    collections,
  }: MemoryForm & { readonly failures: number; readonly bound: number },
): Promise<Growth> {
  for (let count = 0; count < warmUp; count += 1) await round();
  const collect = openCollector();
  const grown: number[] = [];
  let before = await bytesInUse(collect, collections);
  let each = Number.POSITIVE_INFINITY;
  while (grown.length < fewest || (each > bound && grown.length < most)) {
    const rounds = grown.length === 0 ? 1 : 2;
    for (let count = 0; count < rounds; count += 1) {
      await round();
      const after = await bytesInUse(collect, collections);
      grown.push(after - before);
      before = after;
    }
    each = Math.round(median(grown) / failures);
  }
  return { each, bound };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** What is referred to, in bytes: objects, and buffers beside the heap. */
async function bytesInUse(collect: () => void, collections: number): Promise<number> {
  for (let count = 0; count < collections; count += 1) {
    for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A context is made for it, which takes more than what is measured: once. */
function openCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
