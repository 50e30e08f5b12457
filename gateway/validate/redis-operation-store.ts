import { type ClientOptions, connectRedis, type RedisTarget } from '../lib/redis-client.ts';
import type { OperationStore } from './operation-store.ts';

export type RedisOperationStoreOptions = RedisTarget &
  ClientOptions & {
    /** Stands before every key. */
    readonly prefix: string;
    /** How long a text is known, in ms. */
    readonly ttlMs: number;
  };

/** Keeps registered operations in Redis, for all replicas of the gateway. Redis itself bounds the whole (`maxmemory`, `allkeys-lru`). */
export function createRedisOperationStore(options: RedisOperationStoreOptions): OperationStore {
  const { prefix, ttlMs } = options;
  const redis = connectRedis(options, options);
  return {
    get: async (hash) => (await redis.get(`${prefix}${hash}`)) ?? undefined,
    set: async (hash, text) => void (await redis.set(`${prefix}${hash}`, text, 'PX', ttlMs)),
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}
