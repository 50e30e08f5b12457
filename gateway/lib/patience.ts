/** Asks a store that may be slow or away, and waits no longer than a request may: who asks goes on without it then. */
import { createSlowStart, type Entry } from './slow-start.ts';
import type { Timer } from './timer.ts';

export type PatienceOptions = {
  /** Longest time that anybody waits, in ms. */
  readonly timeoutMs: number;
  /** Most that wait at once (default 1000). */
  readonly most?: number | undefined;
  /** Failures in a row after which the store is left alone (default 3), where it was silent for five times the longest wait, too. */
  readonly failures?: number | undefined;
  /** For how long, in ms (default 1000). */
  readonly restMs?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly after: Timer;
  /** Told of failures: of `failures` at most within `restMs`. */
  readonly onFault: (error: unknown) => void;
  /** Told when it answers again after `failures` in a row. */
  readonly onBack?: (() => void) | undefined;
};

/** Wrapped, so that an answer may be undefined itself. */
export type Answer<T> = { readonly value: T };

/** How long somebody waited already, in ms: who asks several times waits no longer than once. */
export type Waited = { goneMs: number };

export type Patience = {
  /**
   * Asks, where there is room, and time. It never throws.
   *
   * @param tooLate told of an answer that came when nobody waited for it any more
   * @param waited of the longest wait, what is gone: what is waited here is added
   * @returns undefined when no answer came in time, or none was asked for
   */
  ask<T>(work: () => Promise<T>, tooLate?: (value: T) => void, waited?: Waited): Promise<Answer<T> | undefined>;
  /** The same, whether or not there is room: for what has to be known. */
  insist<T>(work: () => Promise<T>): Promise<Answer<T> | undefined>;
  /** Does what nobody waits for, unless the store is left alone. It never throws. @returns whether it was done */
  tell(work: () => Promise<unknown>): Promise<boolean>;
};

/** Times the longest wait: so long a store says nothing at all before it counts as away and not as slow. */
const SILENT_WAITS = 5;

/** Times the longest wait: who comes to look that late was busy with something else. */
const OWN_FAULT = 1.5;

const nothing = (): void => undefined;
const uncounted: Entry = { inTime: nothing, late: nothing, failed: nothing, unclear: nothing };

export function createPatience(options: PatienceOptions): Patience {
  const { timeoutMs, most = 1000, failures = 3, restMs = 1000, now, after, onFault, onBack } = options;
  const gate = createSlowStart({ most, failures, silentMs: SILENT_WAITS * timeoutMs, restMs, now });
  let told = 0;
  let toldSince = now();

  function fault(error: unknown): void {
    if (Math.abs(now() - toldSince) >= restMs) {
      told = 0;
      toldSince = now();
    }
    told += 1;
    if (told <= failures) onFault(error);
  }

  function alive(): void {
    if (gate.alive()) onBack?.();
  }

  function wait<T>(
    entry: Entry,
    work: () => Promise<T>,
    tooLate?: (value: T) => void,
    waited: Waited = { goneMs: 0 },
  ): Promise<Answer<T> | undefined> {
    return new Promise((resolve) => {
      const startedAt = now();
      const mostMs = timeoutMs - waited.goneMs;
      let isWaiting = true;
      const end = (count: () => void, answer?: Answer<T>): void => {
        isWaiting = false;
        // Somebody may have waited for several at a time: all that is gone then is the longest of them.
        waited.goneMs = Math.max(waited.goneMs, timeoutMs - mostMs + Math.max(0, now() - startedAt));
        stop();
        count();
        resolve(answer);
      };
      const stop = after(mostMs, () => {
        // When this process came to look only now, it kept itself waiting; and who had less time cannot say that it was too long.
        const isUnclear = mostMs < timeoutMs || now() - startedAt >= OWN_FAULT * mostMs;
        end(isUnclear ? entry.unclear : entry.late);
        // A clock in whole milliseconds may say a little less.
        waited.goneMs = timeoutMs;
        fault(new Error(`the store did not answer in ${mostMs} ms`));
      });
      start(work).then(
        (value) => {
          alive();
          if (isWaiting) end(entry.inTime, { value });
          else tooLate?.(value);
        },
        (error: unknown) => {
          if (!isWaiting) return;
          end(entry.failed);
          fault(error);
        },
      );
    });
  }

  return {
    async ask(work, tooLate, waited) {
      const entry = waited && waited.goneMs >= timeoutMs ? undefined : gate.enter();
      return entry && (await wait(entry, work, tooLate, waited));
    },
    insist: async (work) => await wait(gate.enter() ?? uncounted, work),
    async tell(work) {
      if (gate.isResting()) return false;
      try {
        await work();
        alive();
        return true;
      } catch (error) {
        fault(error);
        return false;
      }
    },
  };
}

/** What throws at once fails as what fails later. */
async function start<T>(work: () => Promise<T>): Promise<T> {
  return await work();
}
