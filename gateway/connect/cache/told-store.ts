import type { Channel } from '../../lib/channel.ts';
import type { CacheStore, Mark } from './store.ts';

/** Longest wait until all have heard of a mark, in ms. Those that are busier than that hear of it before the next thing they do. */
const WAIT_MS = 250;

/** Memory of one of several processes, which tell each other what calls have changed. */
export function createToldStore(own: CacheStore, marks: Channel<Mark>): CacheStore {
  const note = async ({ key, text, ttlMs }: Mark): Promise<void> => await own.set(key, text, ttlMs);
  marks.onWord(note);
  return {
    ...own,
    async mark(mark) {
      await note(mark);
      await marks.ask(mark, WAIT_MS);
    },
  };
}
