import { openRedis } from '../lib/redis-connection.ts';
import type { RedisSettings } from '../lib/redis-options.ts';
import type { OperationStore } from './operation-store.ts';

export type RedisOperationStoreOptions = RedisSettings & {
  /** Stands before every key. */
  readonly prefix: string;
  /** How long a text is known, in ms. */
  readonly ttlMs: number;
  /** Told when a connection fails; it is tried again. */
  readonly onFault: (error: Error) => void;
};

/** Keeps registered operations in Redis, for all replicas of the gateway. Redis itself bounds the whole (`maxmemory`, `allkeys-lru`). */
export function createRedisOperationStore(options: RedisOperationStoreOptions): OperationStore {
  const { prefix, ttlMs, onFault } = options;
  const connection = openRedis(options, onFault);
  const redis = connection.client;
  return {
    get: async (hash) => (await redis.get(`${prefix}${hash}`)) ?? undefined,
    set: async (hash, text) => void (await redis.set(`${prefix}${hash}`, text, 'PX', ttlMs)),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
