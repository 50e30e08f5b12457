/** What the cache of whole answers reports. */
import type { CachedAnswer } from '../context.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export function createCacheEvents({ log, metrics }: { readonly log: Log; readonly metrics: Metrics }) {
  return {
    /** Of each operation that came to its end, where anything is kept at all. */
    answerCached({ outcome }: Pick<CachedAnswer, 'outcome'>): void {
      metrics.answers.inc({ outcome });
    },

    /** By a mutation, or by who operates the gateway. */
    answersDropped(names: number): void {
      metrics.answerDrops.inc(names);
      log.debug({ names }, 'kept answers dropped');
    },

    /** Answers are made as if nothing was kept. */
    answerStoreFailed(error: unknown): void {
      metrics.answerStoreFaults.inc();
      log.warn({ err: error }, 'the store of whole answers failed');
    },
  };
}
