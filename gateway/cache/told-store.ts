import type { Channel } from '../lib/channel.ts';
import type { MemoryStore } from './memory-store.ts';
import type { AnswerStore } from './store.ts';

/** Longest wait until all have dropped what one of them drops, in ms. Those that are busier than that do so before they give an answer. */
const WAIT_MS = 250;

/** Memory of one of several processes, which tell each other what is dropped. */
export function createToldAnswers(own: MemoryStore, dropped: Channel<readonly string[]>): AnswerStore {
  dropped.onWord(own.forget);
  return {
    ...own,
    async drop(tags) {
      own.forget(tags);
      return (await dropped.ask(tags, WAIT_MS)).isWhole;
    },
  };
}
