import type { ResponseCacheConfig } from '../config/response-cache.ts';
import type { Channel } from '../lib/channel.ts';
import { type Abortable, Ending } from '../lib/ending.ts';
import type { Events } from '../observe/events.ts';
import { createMemoryStore } from './memory-store.ts';
import type { AnswerStore } from './store.ts';
import { type Dropped, droppedTags } from './tags.ts';
import { createToldAnswers } from './told-store.ts';

/** What outlives generations: the store, and who may drop what is in it. */
export type ResponseCache = AsyncDisposable & {
  readonly store: AnswerStore;
  /** Aborted when it is closed. */
  readonly lifetime: Abortable;
  /** Told when the store fails; answers are made then. */
  readonly onFault: (error: unknown) => void;
  /** @returns whether every replica knows; else they are told as soon as that is possible */
  drop(dropped: Dropped): Promise<boolean>;
};

export type ResponseCacheOptions = {
  readonly config: ResponseCacheConfig;
  readonly events: Pick<Events, 'answerStoreFailed' | 'answersDropped'>;
  readonly randomId: () => string;
  /** To processes that serve beside this one and keep answers of their own; with Redis they hear by it. */
  readonly dropped?: Channel<readonly string[]> | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** A Cluster has its answers on several servers. */
const CLUSTER_PARTS = 16;

/** Opens the store that gateway.yaml names: memory, or memory before Redis. ioredis is loaded only when it is used. */
export async function openResponseCache(options: ResponseCacheOptions): Promise<ResponseCache> {
  const { config, events, now, randomId, dropped } = options;
  const onFault = events.answerStoreFailed;
  if (!config.redis || !config.enabled) {
    const own = createMemoryStore({ ...config, now });
    return createResponseCache(options, dropped ? createToldAnswers(own, dropped) : own);
  }
  const { openRedisAnswers } = await import('./redis-answers.ts');
  const parts = config.redis.cluster ? CLUSTER_PARTS : 1;
  const near = createMemoryStore({ ...config, now });
  const store = openRedisAnswers({ ...config, redis: config.redis, near, parts, id: randomId(), onFault, now });
  return createResponseCache(options, store);
}

/** @param store memory of this process without it */
export function createResponseCache(
  { config, events, now }: Omit<ResponseCacheOptions, 'randomId' | 'dropped'>,
  store: AnswerStore = createMemoryStore({ ...config, now }),
): ResponseCache {
  const { answerStoreFailed: onFault, answersDropped } = events;
  const lifetime = new Ending();
  return {
    store,
    lifetime,
    onFault,
    async drop(dropped) {
      const tags = droppedTags(dropped);
      if (tags.length === 0) return true;
      answersDropped(tags.length);
      try {
        return await store.drop(tags);
      } catch (error) {
        onFault(error);
        return false;
      }
    },
    async [Symbol.asyncDispose]() {
      lifetime.abort(new DOMException('The cache is closed.', 'AbortError'));
      await store[Symbol.asyncDispose]();
    },
  };
}
