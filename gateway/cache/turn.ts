import { setTimeout as sleep } from 'node:timers/promises';
import type { Abortable } from '../lib/ending.ts';
import { type Found, lookUp } from './look-up.ts';
import type { AnswerStore } from './store.ts';

/** Leave to make an answer, or the answer that another process made meanwhile. */
export type Turn =
  | { readonly found: Found }
  | {
      /** Empty when the store is away: nothing can be kept. */
      readonly stamp: string;
      /** Whether nobody else makes it; false for one who waits no longer. */
      readonly isAlone: boolean;
      end(): void;
    };

export type TurnOptions = {
  readonly store: AnswerStore;
  readonly key: string;
  /** A name that nobody else has. */
  readonly holder: string;
  /** How long a holder that dies holds up others, in ms. */
  readonly lockMs: number;
  /** Longest wait for another, in ms. */
  readonly waitMs: number;
  /** Aborted when whoever asks has gone. */
  readonly signal: Abortable;
  /** Told when the store fails; the answer is made then. */
  readonly onFault: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;

/**
 * Takes turns with other processes. Whoever holds the key says so again and again while the answer is being made; one who waits for an
 * answer that does not come waits for one holder and no second, so never for longer than that one takes.
 */
export async function takeTurn(options: TurnOptions): Promise<Turn> {
  const { store, key, holder, lockMs, waitMs, signal, onFault, now } = options;
  try {
    const until = now() + waitMs;
    let fill = await store.begin(key, holder, lockMs);
    const first = fill.holder;
    for (let pause = FIRST_PAUSE_MS; fill.holder !== holder; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      if (signal.aborted || now() >= until || fill.holder !== first)
        return { stamp: fill.stamp, isAlone: false, end: () => undefined };
      await sleep(pause, undefined, { ref: false });
      const found = await lookUp(store, key);
      if (found?.state === 'fresh') return { found };
      fill = await store.begin(key, holder, lockMs);
    }
    if (first !== holder) {
      // The other one ended between the two questions: with an answer, most likely.
      const found = await lookUp(store, key);
      if (found?.state === 'fresh') {
        store.end(key, holder).catch(onFault);
        return { found };
      }
    }
    return hold(options, fill.stamp);
  } catch (error) {
    onFault(error);
    return { stamp: '', isAlone: true, end: () => undefined };
  }
}

function hold({ store, key, holder, lockMs, onFault }: TurnOptions, stamp: string): Turn {
  const timer = setInterval(() => void store.begin(key, holder, lockMs).catch(onFault), lockMs / 3).unref();
  return {
    stamp,
    isAlone: true,
    end() {
      clearInterval(timer);
      store.end(key, holder).catch(onFault);
    },
  };
}
