import type { Abortable } from '../lib/ending.ts';
import { openBackground } from './background.ts';
import { lookUp } from './look-up.ts';
import type { Make, Serving } from './make.ts';
import type { AnswerStore } from './store.ts';
import { takeTurn } from './turn.ts';

export type RefreshOptions = {
  readonly store: AnswerStore;
  readonly config: { readonly maxRefreshes: number; readonly fillWaitMs: number; readonly lockMs: number };
  /** Longest time of an answer that is made behind the back of a client, in ms. */
  readonly refreshMs: number;
  /** Aborted when the cache is closed. */
  readonly lifetime: Abortable;
  readonly randomId: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when the store fails. */
  readonly onFault: (error: unknown) => void;
  readonly make: Make;
};

/** Makes stale answers anew behind the backs of those who got them: each once at a time, in one process of all. */
export function createRefresh(options: RefreshOptions): (serving: Serving) => void {
  const { store, config, refreshMs, lifetime, randomId, now, onFault, make } = options;
  const underWay = new Set<string>();

  async function run({ wanted, context, run: execute }: Serving): Promise<void> {
    const background = openBackground(context, { limitMs: refreshMs, lifetime, now });
    const { key } = wanted;
    try {
      const { signal } = background.context;
      const holder = randomId();
      const turn = await takeTurn({ store, key, holder, lockMs: config.lockMs, waitMs: 0, signal, onFault, now });
      if ('found' in turn) return;
      try {
        const found = turn.isAlone ? await lookUp(store, key) : undefined;
        if (!turn.isAlone || found?.state === 'fresh') return;
        const { kept } = await make({ wanted, context: background.context, run: execute }, turn.stamp);
        await kept;
      } finally {
        turn.end();
      }
    } finally {
      background.end();
    }
  }

  return (serving) => {
    const { key } = serving.wanted;
    if (underWay.has(key) || underWay.size >= config.maxRefreshes || lifetime.aborted) return;
    underWay.add(key);
    run(serving)
      // The next client is told of what is wrong, when there is nothing left to give.
      .catch(() => undefined)
      .finally(() => underWay.delete(key));
  };
}
