/**
 * A store that is never waited for longer than a request may wait, and that is left alone for a while when it fails: the limits go on
 * without it, as their rules say, and come back to it by themselves.
 */
import type { LimitStore, Taken, Wanted } from './store.ts';

/** Runs something later, unless it is told not to. @returns what tells it */
export type Timer = (ms: number, run: () => void) => () => void;

export type GuardOptions = {
  /** Longest time a request waits, in ms. */
  readonly timeoutMs: number;
  /** Failures in a row after which the store is left alone (default 3). */
  readonly failures?: number;
  /** For how long, in ms (default 1000); then one request asks it again. */
  readonly restMs?: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly after: Timer;
  /** Told of each failure. */
  readonly onFault: (error: unknown) => void;
};

export type GuardedStore = Omit<LimitStore, 'take'> & {
  /** As the store; undefined when it does not answer in time, or is left alone. It never throws. */
  take(wanted: readonly Wanted[]): Promise<readonly Taken[] | undefined>;
};

export function guardStore(store: LimitStore, options: GuardOptions): GuardedStore {
  const { timeoutMs, failures = 3, restMs = 1000, now, after, onFault } = options;
  let failed = 0;
  let restsUntil = 0;
  let isProbing = false;

  function enter(): boolean {
    if (failed < failures) return true;
    if (now() < restsUntil || isProbing) return false;
    isProbing = true;
    return true;
  }

  function leave(error: unknown): void {
    isProbing = false;
    if (error === undefined) {
      failed = 0;
      return;
    }
    failed += 1;
    if (failed >= failures) restsUntil = now() + restMs;
    onFault(error);
  }

  /** Undefined when the work failed or took too long. */
  async function within<T>(work: Promise<T>): Promise<T | undefined> {
    return await new Promise((resolve) => {
      const end = (value: T | undefined, error?: unknown): void => {
        stop();
        if (isOver) return;
        isOver = true;
        leave(error);
        resolve(value);
      };
      let isOver = false;
      const stop = after(timeoutMs, () => end(undefined, new Error(`the store did not answer in ${timeoutMs} ms`)));
      work.then(
        (value) => end(value),
        (error: unknown) => end(undefined, error ?? new Error('the store failed')),
      );
    });
  }

  /** What nobody waits for: it is given up where the store is. */
  async function quietly(work: () => Promise<void>): Promise<void> {
    if (enter()) await within(work());
  }

  return {
    take: async (wanted) => (enter() ? await within(store.take(wanted)) : undefined),
    settle: (changes) => quietly(() => store.settle(changes)),
    renew: (leases) => quietly(() => store.renew(leases)),
    release: (leases) => quietly(() => store.release(leases)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/**
 * Real time. What is due is done one turn of the event loop later: when this process itself was busy, the answer may have come and
 * only not been read.
 */
export const realTimer: Timer = (ms, run) => {
  let late: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    late = setImmediate(run);
  }, ms);
  return () => {
    clearTimeout(timer);
    if (late) clearImmediate(late);
  };
};
