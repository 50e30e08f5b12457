/** Tells everybody who watches of what changed. */
export type Changes<Row> = {
  publish(row: Row): void;
  /** What is published from now on, until the signal is aborted. */
  follow(signal: AbortSignal): AsyncIterable<Row>;
};

/** Rows that a watcher has not taken yet; one that falls further behind misses the oldest. */
const MAX_WAITING = 1000;

/** A feed of rows to any number of watchers. */
export function createChanges<Row>(): Changes<Row> {
  const watchers = new Set<(row: Row) => void>();
  return {
    publish: (row) => {
      for (const tell of watchers) tell(row);
    },
    follow: (signal) => {
      const waiting: Row[] = [];
      let wake = (): void => undefined;
      const tell = (row: Row): void => {
        waiting.push(row);
        if (waiting.length > MAX_WAITING) waiting.shift();
        wake();
      };
      // From now on, not from the first look: nothing is missed between the two.
      watchers.add(tell);
      const leave = (): void => {
        watchers.delete(tell);
        wake();
      };
      signal.addEventListener('abort', leave, { once: true });
      return (async function* () {
        while (!signal.aborted) {
          const row = waiting.shift();
          if (row !== undefined) yield row;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      })();
    },
  };
}
