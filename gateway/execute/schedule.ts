import { nextTick } from 'node:process';

/** Runs what it is given once everything that can go on without it has gone on: DataLoader's `batchScheduleFn`. */
export type BatchSchedule = (dispatch: () => void) => void;

/**
 * Collects the batches of one execution and sends them together: after all resolvers that are ready have asked for their keys, so that
 * keys of the same level share calls, whichever field asked first.
 */
export function createBatchSchedule(): BatchSchedule {
  let waiting: (() => void)[] = [];
  const run = (): void => {
    const due = waiting;
    waiting = [];
    for (const dispatch of due) dispatch();
  };
  // Promises that are settled already may bring more keys: they all come before the next tick that is asked for in their midst.
  const settle = (): void => nextTick(run);
  return (dispatch) => {
    waiting.push(dispatch);
    if (waiting.length === 1) void Promise.resolve().then(settle);
  };
}
