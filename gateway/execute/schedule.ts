/** Runs what it is given once everything that can go on without it has gone on: DataLoader's `batchScheduleFn`. */
export type BatchSchedule = (dispatch: () => void) => void;

/**
 * Collects the batches of one execution and sends them together: after all resolvers that are ready have asked for their keys, so that
 * keys of the same level share calls, whichever field asked first. Ready is also who waited for an answer that came in with others:
 * the turn of the event loop that brought them is over first.
 */
export function createBatchSchedule(): BatchSchedule {
  let waiting: (() => void)[] = [];
  const run = (): void => {
    const due = waiting;
    waiting = [];
    for (const dispatch of due) dispatch();
  };
  return (dispatch) => {
    waiting.push(dispatch);
    if (waiting.length === 1) setImmediate(run);
  };
}
